"""What the package does with processes. Needs the wheel, installed where this runs."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import neon_contract
import pytest
from neon_contract import Account, Mock, MockOptions

MODULE = [sys.executable, "-m", "neon_contract"]


@pytest.fixture(scope="session")
def neon_mock_options() -> MockOptions:
    return {"fixture": "team", "seed": 7}


def mocks() -> list[str]:
    """The mocks that run from the binary under test."""
    processes = subprocess.check_output(["ps", "-A", "-o", "args="], text=True)
    return [line for line in processes.splitlines() if line.startswith(f"{neon_contract.binary_path()} mock")]


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_open(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as client:
        return client.connect_ex((address.hostname, address.port)) == 0


def status(mock: Mock, key: str) -> int:
    request = Request(f"{mock.url}/api/v2/projects", headers={"Authorization": f"Bearer {key}"})
    try:
        with urlopen(request) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


@pytest.fixture
def no_mock_is_left() -> Iterator[None]:
    before = mocks()
    yield
    eventually(lambda: mocks() == before)


pytestmark = pytest.mark.usefixtures("no_mock_is_left")


def test_the_exit_code_is_that_of_the_binary() -> None:
    ended = subprocess.run([*MODULE, "mock", "--fixture", "none"], capture_output=True, text=True)
    assert ended.returncode == 2
    assert "there is no fixture `none`" in ended.stderr


def test_sigterm_ends_the_mock_in_order() -> None:
    with subprocess.Popen([*MODULE, "mock", "--port=0"], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().split("=")[1].strip()
        assert is_open(url)
        running.terminate()
        assert running.wait() == 0
    assert not is_open(url)


def test_a_binary_that_does_not_exist_is_explained(tmp_path: Path) -> None:
    environment = os.environ | {"NEON_CONTRACT_BINARY": str(tmp_path / "gone")}
    ended = subprocess.run(MODULE, env=environment, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: NEON_CONTRACT_BINARY names ")


def test_a_wheel_without_a_binary_is_explained(tmp_path: Path) -> None:
    shutil.copytree(Path(neon_contract.__file__).parent, tmp_path / "neon_contract")
    # Without the site's packages, only the copy is found.
    command = [sys.executable, "-S", "-m", "neon_contract", "--version"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: there is no neon-contract binary for ")
    assert "set NEON_CONTRACT_BINARY" in ended.stderr


def test_stop_ends_the_mock_and_may_be_repeated() -> None:
    with neon_contract.mock(fixture="empty", rate_limit=1000, fault=["revoked-key-accepted"]) as mock:
        assert is_open(mock.url)
        mock.stop()
        assert not is_open(mock.url)


def test_a_mock_that_cannot_start_raises() -> None:
    with pytest.raises(RuntimeError, match="ended with exit code 2 at its start"):
        neon_contract.mock(fixture="none")


def test_accounts_are_separate_and_a_reset_removes_them(neon_mock: Mock, neon_account: Account) -> None:
    assert neon_account.api_key != neon_mock.api_key
    assert neon_account.api_key not in repr(neon_account)
    assert status(neon_mock, neon_account.api_key) == 200
    with pytest.raises(RuntimeError, match="accounts: there is no fixture `none`"):
        neon_mock.create_account("none")
    neon_mock.reset()
    assert status(neon_mock, neon_account.api_key) == 401
    assert status(neon_mock, neon_mock.api_key) == 200


START = "import neon_contract, time; mock = neon_contract.mock(); print(mock.url, flush=True)"


def test_a_process_that_is_killed_leaves_no_mock() -> None:
    command = [sys.executable, "-c", f"{START}; time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        assert is_open(url)
        running.send_signal(signal.SIGKILL)
    eventually(lambda: not is_open(url))


def test_a_process_that_forgets_to_stop_leaves_no_mock() -> None:
    url = subprocess.check_output([sys.executable, "-c", START], text=True).strip()
    eventually(lambda: not is_open(url))
