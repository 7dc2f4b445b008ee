"""Runs the binary in place of Python."""

import os
import signal
import subprocess
import sys

from ._binary import binary_path


def main() -> int:
    try:
        command = [str(binary_path()), *sys.argv[1:]]
    except FileNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if sys.platform == "win32":
        # Windows replaces no process. Ctrl-C reaches the binary by itself.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return subprocess.call(command)
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
