import os
import sysconfig
from importlib import metadata
from pathlib import Path


def binary_path() -> Path:
    """Finds the binary: the one that NEON_CONTRACT_BINARY names, or the one in the wheel."""
    if named := os.environ.get("NEON_CONTRACT_BINARY"):
        if Path(named).exists():
            return Path(named)
        raise FileNotFoundError(f"NEON_CONTRACT_BINARY names {named}, which does not exist: correct it or unset it")
    for distribution in metadata.distributions(name="neon-contract"):
        for file in distribution.files or []:
            path = Path(file.locate())
            if path.stem == "neon-contract" and path.exists():
                return path
    raise FileNotFoundError(
        f"there is no neon-contract binary for {sysconfig.get_platform()}: "
        f"the wheel of neon-contract installed none for {Path(__file__).parent}; "
        "install neon-contract on this platform with pip, or set NEON_CONTRACT_BINARY to a binary that you built"
    )
