"""What clients do about trouble, told as a page of the reference. Wants SCENARIOS, the mocks with `--admin` and a scenario each, CLIENTS, and
PAGE, the page as it is committed; with WRITE_PAGE it is written. Each client creates a branch and deletes it, as a program that does nothing
about errors itself."""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from datetime import datetime
from pathlib import Path

from stand_in import environment

PROGRAMS = Path(__file__).parent / "scenarios"
CLIENTS = Path(os.environ["CLIENTS"])
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "test_branch.py"]
VITEST = ["node", CLIENTS / "neon-testing/node_modules/vitest/vitest.mjs", "run", "--hookTimeout", "90000", "branch.test.mjs"]

# The name and the package of a client, where the version is, and how its program is run.
ROWS = [
    ("`neon` (CLI)", "node_modules/neon", ["bash", "cli.sh"]),
    ("`@neondatabase/api-client`", "node_modules/@neondatabase/api-client", ["node", "api_client.mjs"]),
    ("`@neon/sdk`", "node_modules/@neon/sdk", ["node", "sdk.mjs"]),
    ("`neon-api` (Python)", "neon-api", [sys.executable, "neon_api_client.py"]),
    ("`pytest-neon`", "pytest-neon", PYTEST),
    ("`neon-testing` (Vitest)", "neon-testing/node_modules/neon-testing", VITEST),
]
# The statuses of trouble, and what a cell calls them. A lost response has none.
TROUBLE = {0: "a lost response", 423: "423", 429: "429", 502: "502", 503: "503", 524: "524"}
# What a client reads that waits for operations.
WAITING = ["getProjectOperation", "listProjectOperations", "getProjectEndpoint"]


def version(place):
    package = CLIENTS / place / "package.json"
    if package.exists():
        return json.loads(package.read_text())["version"]
    from importlib.metadata import version as installed

    return installed(place)


class Mock:
    """A mock with a scenario."""

    def __init__(self, at):
        self.url, self.key = at["url"], at["key"]
        self.ask("POST", "/_mock/reset")
        rules = self.ask("GET", "/_mock/answers")
        self.is_slow = self.ask("GET", "/_mock/clock")["operations"] != "immediate"
        self.losing = [rule["number"] for rule in rules if "reset" in rule["rule"]["answer"]]
        self.ask("DELETE", "/_mock/answers")
        self.project = self.ask("GET", "/api/v2/projects")["projects"][0]["id"]
        self.before = self.branches()

    def ask(self, method, path):
        request = urllib.request.Request(self.url + path, method=method, headers={"authorization": f"Bearer {self.key}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
            return json.loads(response.read() or "null")

    def branches(self):
        return len(self.ask("GET", f"/api/v2/projects/{self.project}/branches")["branches"])

    def observe(self, command):
        """Runs a program on a mock at its beginning: how it ended, what it sent, how many branches it has left, and whether operations take
        time."""
        self.ask("POST", "/_mock/reset")
        with environment(self.url) as variables, tempfile.TemporaryDirectory() as folder:
            for program in PROGRAMS.iterdir():
                shutil.copy(program, folder)
            os.symlink(CLIENTS / "neon-testing/node_modules", Path(folder) / "node_modules")
            given = {"NEON_API_URL": self.url, "NEON_API_KEY": self.key, "NEON_PROJECT_ID": self.project, "NO_COLOR": "1"}
            ended = subprocess.run(command, env=variables | given, cwd=folder, text=True, capture_output=True, timeout=150)
        journal = self.ask("GET", "/_mock/journal")
        for entry in journal:
            entry["status"] = 0 if entry["rule"] in self.losing else entry["status"]
        self.ask("DELETE", "/_mock/answers")
        return ended, journal, self.branches() - self.before, self.is_slow

    def observe_in_time(self, command):
        """Once more if the machine was slow: operations had ended before the client could meet one. Nothing if it stays slow."""
        for _ in range(3):
            seen = self.observe(command)
            if not (self.is_slow and late(seen[1])):
                return seen
        return None


def requests(journal):
    """What was sent, and all the responses to it, in their order."""
    sent = {}
    for entry in journal:
        sent.setdefault((entry["operation"], entry["path"]), []).append(entry)
    return [(operation, entries) for (operation, _), entries in sent.items()]


def times(count):
    return {1: " once", 2: " twice"}.get(count, f" {count} times")


def sentences(ended, journal, left, is_slow):
    """A cell of the table. How often a client comes back while an operation goes on is a matter of its start: that is not told."""
    assert journal, ended.stdout + ended.stderr
    repeats = {}
    for operation, entries in requests(journal):
        troubled = [entry["status"] for entry in entries if entry["status"] in TROUBLE]
        if troubled:
            kinds = " and ".join(dict.fromkeys(TROUBLE[status] for status in troubled))
            again = len(entries) - 1 if entries[0]["status"] in TROUBLE else 0
            repeats.setdefault((f" after {kinds}", again, entries[-1]["status"] in TROUBLE), []).append(f"`{operation}`")
        elif len(entries) > 1 and operation in WAITING:
            repeats.setdefault(("", None, False), []).append(f"`{operation}`")
    for (after, again, in_vain), operations in repeats.items():
        names = " and ".join(dict.fromkeys(operations))
        if again is None:
            yield f"Waits for the operations with {names}."
        elif again:
            yield f"Repeats {names}{'' if is_slow else times(again)}{after}{', and gives up' if in_vain else ''}."
        else:
            yield f"Does not repeat {names}{after}."
    assert ended.returncode == 0 or repeats, ended.stdout + ended.stderr
    waits = waited(journal)
    if waits is not None:
        yield "Keeps to `Retry-After`." if waits else "Comes back before `Retry-After` allows it."
    yield "Succeeds." if ended.returncode == 0 else f"Fails with exit code {ended.returncode}."
    yield {0: "Leaves nothing.", 1: "Leaves the branch."}.get(left, f"Leaves {left} branches.")


def waited(journal):
    """Whether repetitions came no sooner than `Retry-After` says, in seconds; none where there was no repetition."""
    found = None
    for _, entries in requests(journal):
        wait = {429: 1.0, 503: 2.0}.get(entries[0]["status"])
        if wait is not None and len(entries) > 1:
            between = moment(entries[1]) - moment(entries[0])
            found = found is not False and between.total_seconds() > wait - 0.05
    return found


def moment(entry):
    return datetime.fromisoformat(entry["at"].replace("Z", "+00:00"))


def late(journal):
    """Whether a branch was deleted so long after it was created that no operation was left, and the client had not waited for that."""
    created = [moment(entry) for entry in journal if entry["operation"] == "createProjectBranch" and entry["status"] == 201]
    deleted = [moment(entry) for entry in journal if entry["operation"] == "deleteProjectBranch"]
    between = [entry for entry in journal if entry["operation"] in WAITING]
    return bool(created and deleted and not between and (deleted[0] - created[-1]).total_seconds() > 4.5)


def column(at):
    mock = Mock(at)
    return [mock.observe_in_time(command) for _, _, command in ROWS]


def keeps(cell, status):
    if f"after {status}" not in cell or "Repeats" not in cell:
        return "gives up"
    return "repeats some requests" if "Does not repeat" in cell else "repeats"


def cell(text, row, column):
    """A cell of the page as it is, for what this machine is too slow to see."""
    assert not os.environ.get("WRITE_PAGE"), "this machine is too slow to see whether a client waits for operations"
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return rows[row].split(" | ")[column + 1].removesuffix(" |")


def page(scenarios, committed):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        observed = dict(zip(scenarios, pool.map(column, scenarios.values())))
    cells = {
        name: [" ".join(sentences(*seen)) if seen else cell(committed, number, place) for number, seen in enumerate(column)]
        for place, (name, column) in enumerate(observed.items())
    }
    names = [f"{name} {version(place)}" for name, place, _ in ROWS]
    lines = [
        "# Clients on scenarios", "",
        "What clients do about the [scenarios](../guides/misbehave.md) of the mock, as observed: each creates a branch and deletes it, in a",
        "program that does nothing about errors itself. `tests/clients/scenarios.py` writes this page.", "",
        "A write whose response is lost, or that a gateway answers with 524, has been performed. A client that repeats it may have two",
        "branches, and one that gives up leaves what it does not know of.", "",
        f"| Client | {' | '.join(f'`{name}`' for name in cells)} |", f"|---{'|---' * len(cells)}|",
    ]
    for number, name in enumerate(names):
        lines.append(f"| {name} | {' | '.join(column[number] for column in cells.values())} |")
    lines += [
        "", "`unavailable` is a scenario of this test: creating and deleting a branch get 503 twice, the first time with `Retry-After`.", "",
        "## Who repeats what may be repeated", "",
        "The contract allows a client to repeat a request that got [423 or 503](requirements.md).", "",
        "| Client | `RETRY-423` | `RETRY-503` |", "|---|---|---|",
    ]
    for number, name in enumerate(names):
        retries = keeps(cells["locked-then-free"][number], 423), keeps(cells["unavailable"][number], 503)
        lines.append(f"| {name} | {retries[0]} | {retries[1]} |")
    return "\n".join(lines) + "\n"


place = Path(os.environ["PAGE"])
found = place.read_text() if place.exists() else ""
written = page(json.loads(os.environ["SCENARIOS"]), found)
if os.environ.get("WRITE_PAGE"):
    place.write_text(written)
elif written != found:
    sys.exit(f"{place} is not what was observed: run WRITE_PAGE=1 cargo test --test clients -- scenarios\n{written}")
