"""How long commands take before they do anything: CPU over a bare interpreter, against other programs of the same kind.

    python bench/startup.py [REPEATS]

Unit: ms of CPU (user and system, of the process and its children), the least of
REPEATS runs, minus the least of `python -c pass` in the same round. The budget
is 150 ms for `--help` and for `rules`. Rivals are those that are installed in
the same environment.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

BUDGET_MS = 150
OWN = {
    "probatum --help": ["-m", "probatum", "--help"],
    "probatum rules": ["-m", "probatum", "rules"],
    "probatum check --help": ["-m", "probatum", "check", "--help"],
}
RIVALS = {
    "mypy": ["mypy", "--help"],
    "pytest": ["pytest", "--help"],
    "ruff": ["ruff", "--help"],
    "lint-imports": ["lint-imports", "--help"],
}


def cpu_ms(command: list[str]) -> float:
    """Run a command with its output thrown away and return the CPU it took."""
    void = os.open(os.devnull, os.O_RDWR)
    child = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, void, n) for n in (0, 1, 2)])
    _, status, usage = os.wait4(child, 0)
    os.close(void)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return 1000 * (usage.ru_utime + usage.ru_stime)


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    beside = Path(sys.executable).parent
    commands = {name: [sys.executable, *arguments] for name, arguments in OWN.items()}
    for arguments in RIVALS.values():
        found = shutil.which(arguments[0], path=str(beside))
        if found is not None:
            commands[" ".join(arguments)] = [found, *arguments[1:]]
    least = dict.fromkeys(["python -c pass", *commands], float("inf"))
    for _ in range(repeats):  # in rounds, so that a busy moment does not fall on one of them
        for name, command in {"python -c pass": [sys.executable, "-c", "pass"], **commands}.items():
            least[name] = min(least[name], cpu_ms(command))
    bare = least.pop("python -c pass")
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, least of {repeats}; bare interpreter {bare:.0f} ms")
    for name, took in least.items():
        over = took - bare
        verdict = "" if name not in OWN else "  within budget" if over <= BUDGET_MS else f"  OVER {BUDGET_MS} ms"
        print(f"{over:7.0f} ms  {name}{verdict}")


if __name__ == "__main__":
    main()
