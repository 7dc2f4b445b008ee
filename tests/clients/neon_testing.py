"""neon-testing with Vitest. Its address cannot be chosen: it meets the mock through the stand-in. It asks for a later 2.7 of the API client
than it works with: 2.7.3 changed what `deleteProjectBranch` takes, so 2.7.1 is installed. Wants NEON_API_URL (an origin), NEON_API_KEY,
and a mock with `--admin` and `--postgres`."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from neon import ask, branches, control, projects
from stand_in import environment

SUITES = Path(__file__).parent / "suites"
MODULES = Path(os.environ["CLIENTS"]) / "neon-testing/node_modules"

before = projects()
made = ask("POST", "/projects", {"project": {"name": "neon-testing"}})
project, uri = made["project"]["id"], made["connection_uris"][0]["connection_uri"]
with psycopg.connect(uri) as connection:
    connection.execute("CREATE TABLE notes (note text NOT NULL)")
    connection.execute("INSERT INTO notes VALUES ('of the parent')")


def vitest(variables, *files):
    """Runs suites in a folder with the packages, and says how that ended."""
    with tempfile.TemporaryDirectory() as folder:
        for suite in SUITES.glob("*.mjs"):
            shutil.copy(suite, folder)
        os.symlink(MODULES, Path(folder) / "node_modules")
        given = variables | {"NO_COLOR": "1", "DATABASE_URL": "postgresql://not-this-one.example/production"}
        command = ["node", MODULES / "vitest/vitest.mjs", "run", *(f"{file}.test.mjs" for file in files)]
        ended = subprocess.run(command, env=given, cwd=folder, text=True, capture_output=True)
    return ended.returncode, ended.stdout + ended.stderr


def expect(ended, code, *parts):
    assert ended[0] == code and all(part in ended[1] for part in parts), ended[1]


with environment() as variables:
    given = variables | {"NEON_PROJECT_ID": project}
    expect(vitest(given, "http", "tcp", "none"), 0, "Test Files  3 passed", "Tests  5 passed")
    created = control("GET", "/journal?operation=createProjectBranch")
    assert len(created) == 2 and branches(project) == ["main"], branches(project)

    # What a suite leaves is found by its annotation, and removed.
    expect(vitest(given | {"KEEP_BRANCHES": "1"}, "http", "tcp"), 0, "Tests  4 passed")
    ask("POST", f"/projects/{project}/branches", {"branch": {"name": "mine"}})
    assert len(branches(project)) == 4, branches(project)
    expect(vitest(given, "cleanup"), 0, "Tests  1 passed")
    assert sorted(branches(project)) == ["main", "mine"], branches(project)

    # What is wrong fails every suite that has a branch.
    expect(vitest(given | {"NEON_API_KEY": "wrong"}, "http", "tcp"), 1, "Test Files  2 failed", "status code 401")
    expect(vitest(given | {"NEON_PROJECT_ID": "no-such-project-1"}, "http"), 1, "status code 404")
    assert len(branches(project)) == 2, branches(project)

with psycopg.connect(uri) as connection:
    assert connection.execute("SELECT * FROM notes").fetchall() == [("of the parent",)]
ask("DELETE", f"/projects/{project}")
assert projects() == before, projects()
print("ok")
