"""Puts the binary that NEON_CONTRACT_BINARY names into a wheel for the platform that this runs on."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface
from packaging.tags import platform_tags


def binary() -> Path:
    """Finds the binary to pack."""
    path = os.environ.get("NEON_CONTRACT_BINARY")
    if not path:
        raise SystemExit(
            "error: a wheel needs a binary: set NEON_CONTRACT_BINARY to the neon-contract from `cargo build --release`"
        )
    return Path(path).resolve(strict=True)


class Metadata(MetadataHookInterface):
    """Takes the version from the binary, and the licences from the root of the repository."""

    def update(self, metadata: dict[str, Any]) -> None:
        # The first line is `neon-contract VERSION`.
        printed = subprocess.check_output([binary(), "--version"], text=True)
        metadata["version"] = printed.split()[1]
        for licence in Path(self.root, "../..").glob("LICENSE-*"):
            shutil.copy(licence, self.root)


class Build(BuildHookInterface[Any]):
    """Adds the binary as a script, and names the platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        path = binary()
        build_data["shared_scripts"][str(path)] = f"neon-contract{path.suffix if os.name == 'nt' else ''}"
        build_data["pure_python"] = False
        # The first tag is the narrowest: a binary that was built here needs no newer system than this one.
        # Indexes do not accept the tag of any Linux.
        platform = next(tag for tag in platform_tags() if not tag.startswith("linux_"))
        build_data["tag"] = f"py3-none-{platform}"
