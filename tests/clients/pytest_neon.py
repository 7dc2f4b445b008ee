"""pytest-neon, whose address cannot be chosen: it meets the mock through the stand-in. Wants NEON_API_URL (an origin), NEON_API_KEY,
and a mock with `--admin`, `--postgres` and `--postgres-host loopback`: it makes URIs of the host alone."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from neon import ask, branches, control, projects
from stand_in import environment

SUITE = Path(__file__).parent / "suites/test_notes.py"

before = projects()
made = ask("POST", "/projects", {"project": {"name": "pytest-neon"}})
project, uri = made["project"]["id"], made["connection_uris"][0]["connection_uri"]
with psycopg.connect(uri) as connection:
    connection.execute("CREATE TABLE notes (note text NOT NULL)")
    connection.execute("INSERT INTO notes VALUES ('of the parent')")


def pytest(variables, *options):
    """Runs the suite in a folder with no configuration, and says how it ended."""
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-ra", "--rootdir", folder, *options, SUITE],
            # Its URIs have no port: libpq takes the one of the environment.
            env=variables | {"PGPORT": str(urlsplit(uri).port or 5432), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=folder, text=True, capture_output=True,
        )
    return ended.returncode, ended.stdout + ended.stderr


def expect(ended, code, *parts):
    assert ended[0] == code and all(part in ended[1] for part in parts), ended[1]


with environment() as variables:
    given = variables | {"NEON_PROJECT_ID": project}
    expect(pytest(given), 0, "4 passed")
    assert branches(project) == ["main"]

    # Workers share one branch, which goes when the last has ended.
    expect(pytest(given, "-n", "2"), 0, "4 passed")
    created = [seen["path"] for seen in control("GET", "/journal?operation=createProjectBranch")]
    assert len(created) == 2 and branches(project) == ["main"]

    # A branch that is kept has its end.
    expect(pytest(given, "--neon-keep-branches", "--neon-branch-expiry", "60"), 0, "4 passed")
    [kept] = [branch for branch in ask("GET", f"/projects/{project}/branches")["branches"] if not branch["default"]]
    assert kept["name"].endswith("-test") and kept["expires_at"], kept
    ask("DELETE", f"/projects/{project}/branches/{kept['id']}")

    # What it is not told, and what is wrong.
    expect(pytest({name: value for name, value in given.items() if name != "NEON_PROJECT_ID"}), 0, "4 skipped")
    expect(pytest(given | {"NEON_API_KEY": "wrong"}), 1, "4 errors", "do not pass authentication")
    expect(pytest(given | {"NEON_PROJECT_ID": "no-such-project-1"}), 1, "4 errors", "not found")
    assert branches(project) == ["main"]

with psycopg.connect(uri) as connection:
    assert connection.execute("SELECT * FROM notes").fetchall() == [("of the parent",)]
ask("DELETE", f"/projects/{project}")
assert projects() == before, projects()
print("ok")
