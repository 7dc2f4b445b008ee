"""Fixtures for pytest."""

from collections.abc import Iterator

import pytest

from . import Account, Mock, MockOptions, mock


@pytest.fixture(scope="session")
def neon_mock_options() -> MockOptions:
    """The options of `neon_mock`; override this fixture to set some."""
    return {}


@pytest.fixture(scope="session")
def neon_mock(neon_mock_options: MockOptions) -> Iterator[Mock]:
    """A mock for all tests of a session."""
    with mock(**neon_mock_options) as running:
        yield running


@pytest.fixture
def neon_account(neon_mock: Mock) -> Account:
    """An account for one test: another user of the mock, with no projects."""
    return neon_mock.create_account("empty")
