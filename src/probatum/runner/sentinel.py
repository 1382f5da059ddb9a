"""Kills the groups of tasks when the process that started them is gone. A script, like `child.py`.

The kernel's death signal reaches a child but not what the child has started,
and does not exist everywhere. This process sees the end of its standard input
when its parent dies, even by `kill -9`, and kills every group that it was told
of (`+GROUP`) and not told to forget (`-GROUP`). With the argument `detached` it
first becomes nobody's child: some hosts kill theirs, and would kill it too.
"""

import os
import signal
import sys


def main() -> None:
    """Remember groups until the end of input, then kill what is left."""
    if sys.argv[1:] == ["detached"] and os.fork():
        os._exit(0)
    groups: set[int] = set()
    rest = b""
    while chunk := os.read(0, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            group = int(line[1:])
            if line[:1] == b"+":
                groups.add(group)
            else:
                groups.discard(group)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue  # ended by itself


if __name__ == "__main__":
    main()
