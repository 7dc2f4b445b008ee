"""A stateful mock of the Neon API for tests."""

from ._binary import binary_path
from ._mock import Account, Mock, MockOptions, mock

__all__ = ["Account", "Mock", "MockOptions", "binary_path", "mock"]
