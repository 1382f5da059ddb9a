"""Which of Nagini's own verification tests count for us, and why the others do not.

    python bench/code/nagini_scope.py CHECKOUT [--names]

`CHECKOUT` is a clone of marcoeilers/nagini. What counts is sequential, and needs no
predicates, threads, locks, input and output, information flow, or options of Nagini's
command line. A file that counts may still be refused, by the name of what it uses.
"""

from __future__ import annotations

import argparse
import ast
from collections import Counter
from pathlib import Path

WHERE = Path("tests/functional/verification")

_folders = {
    "resources": "no test: other tests import it",
    "select": "needs the option that selects what is verified",
    "float_real": "needs the option that makes floats real numbers",
    "float_ieee32": "needs the option that makes floats 32 bits wide",
}
_libraries = {
    "nagini_contracts.thread": "threads",
    "nagini_contracts.lock": "locks",
    "nagini_contracts.io_contracts": "input and output",
    "nagini_contracts.io_builtins": "input and output",
}
_names = {
    **dict.fromkeys(("Predicate", "Fold", "Unfold", "Unfolding"), "predicates"),
    **dict.fromkeys(("Low", "LowVal", "LowEvent", "LowExit", "Declassify", "TerminatesSif"), "information flow"),
    **dict.fromkeys(("WaitLevel", "Level", "MustRelease"), "locks"),
}


def left_out(path: Path, root: Path) -> str:
    """Return why a test does not count, or ""."""
    folder = path.relative_to(root).parts[0]
    if folder in _folders:
        return _folders[folder]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    reasons: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in _libraries:
            reasons.add(_libraries[node.module])
        elif isinstance(node, ast.Name) and node.id in _names:
            reasons.add(_names[node.id])
    return ", ".join(sorted(reasons))


def scope(checkout: Path) -> dict[str, str]:
    """Return, for each test by its path below the folder of verification tests, why it does not count, or ""."""
    root = checkout / WHERE
    return {p.relative_to(root).as_posix(): left_out(p, root) for p in sorted(root.rglob("*.py"))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--names", action="store_true", help="print each file that counts, and nothing else")
    options = parser.parse_args()
    found = scope(options.checkout)
    counting = [name for name, reason in found.items() if not reason]
    if options.names:
        print("\n".join(counting))
        return
    print(f"{len(found)} files, {len(counting)} count")
    for reason, number in Counter(r for r in found.values() if r).most_common():
        print(f"{number:4}  {reason}: {', '.join(n for n, r in found.items() if r == reason)}")


if __name__ == "__main__":
    main()
