import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, Unpack
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from ._binary import binary_path


class MockOptions(TypedDict, total=False):
    """The options of `neon-contract mock`."""

    port: int
    """The port to listen on; by default the system chooses one."""
    host: str
    """The address to listen on."""
    console: bool
    """Whether a page under `/console` is served."""
    fixture: str
    """The initial account: `seed`, `empty`, `many-projects`, `team` or a YAML file."""
    seed: int
    """The seed of generated IDs and tokens."""
    operations: str
    """When operations finish: `immediate`, `manual`, or after a time such as `2s`."""
    persist: str
    """The file that keeps the state across restarts."""
    rate_limit: int | str
    """The maximum number of requests per minute, or a rate such as `40/s`."""
    latency: str
    """The time that responses take, such as `80ms+-30ms`."""
    cors: Sequence[str]
    """The origins whose pages may use the API."""
    scenario: Sequence[str]
    """The scenarios to play: built-in ones or YAML files."""
    fault: Sequence[str]
    """The faults to inject."""
    log: Literal["text", "json"]
    """The format of the request log on standard error."""


@dataclass(frozen=True)
class Account:
    """A user of the mock."""

    user_id: str
    api_key: str = field(repr=False)


class Mock:
    """A running mock. It ends with the process that started it, however that process ends."""

    url: str
    """The address, without a path: the API is at `/api/v2`, and control at `/_mock`."""
    api_key: str
    """The key of the initial account."""

    def __init__(self, options: MockOptions) -> None:
        guard = Path(__file__).with_name("_guard.py")
        # In a session of its own, Ctrl-C does not reach the mock, so that tests can still use it to clean up.
        self._guard = subprocess.Popen(
            [sys.executable, "-I", guard, binary_path(), "mock", *_spell({"port": 0, **options, "admin": True})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._guard.stdout is not None
        printed = self._guard.stdout.readline() + self._guard.stdout.readline()
        started = re.fullmatch(r"export NEON_API_URL=(.+)\nexport NEON_API_KEY=(.+)\n", printed)
        if started is None:
            self.stop()
            raise RuntimeError(
                f"neon-contract mock ended with exit code {self._guard.returncode} at its start; "
                "standard error has its message"
            )
        self.url, self.api_key = started.groups()

    def create_account(self, fixture: str | Mapping[str, object] = "seed") -> Account:
        """Creates another user, from a built-in fixture or an account spelled out."""
        created = self._admin("accounts", {"fixture": fixture})
        return Account(created["user_id"], created["key"])

    def reset(self) -> None:
        """Restores the initial account and its key, and removes all other users."""
        self._admin("reset", {})

    def stop(self) -> None:
        """Stops the mock, and waits until it has ended."""
        if self._guard.returncode is None:
            self._guard.communicate("stop\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _admin(self, path: str, body: Mapping[str, object]) -> Any:
        request = Request(f"{self.url}/_mock/{path}", json.dumps(body).encode(), method="POST")
        try:
            # No proxy reaches a mock on this machine.
            with build_opener(ProxyHandler({})).open(request) as response:
                return json.load(response)
        except HTTPError as error:
            raise RuntimeError(f"{path}: {json.load(error)['message']}") from None


def mock(**options: Unpack[MockOptions]) -> Mock:
    """Starts a mock, and waits until it serves. As a context manager, the mock ends with its block."""
    return Mock(options)


def _spell(options: Mapping[str, object]) -> list[str]:
    """Spells options for the command line: `rate_limit=9` as `--rate-limit=9`, a list as an option for each item."""
    spelled: list[str] = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            spelled.append(option)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            spelled += [f"{option}={item}" for item in value]
        elif value is not False and value is not None:
            spelled.append(f"{option}={value}")
    return spelled
