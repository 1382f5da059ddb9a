"""What contracts of `probatum.spec` cost when programs run: off, preconditions alone, and all.

    python bench/code/run_time.py [--calls 200000] [--repeat 5]

A function with one precondition and one postcondition on two integers, and a class
with an invariant, an `__init__` and a method; bare, with contracts as they stand
(no `@contract`), and rewritten by `@contract`. icontract with the same conditions
runs beside it if it is installed (`pip install icontract`), deal likewise. The
contracts themselves are evaluated: that part of the cost is the author's, and is the
row `by hand`. Unit: microseconds of CPU for a call, the least of `--repeat` runs.
"""

import argparse
import importlib.util
import subprocess
import sys
import time

BODIES = {
    "bare": """
def share(total, parts):
    return total // parts
""",
    "by hand": """
def share(total, parts):
    if not parts > 0: raise ValueError
    r = total // parts
    if not r * parts <= total: raise ValueError
    return r
""",
    "plain calls": """
from probatum.spec import ensures, requires
def share(total: int, parts: int) -> int:
    requires(parts > 0)
    ensures(lambda r: r * parts <= total)
    return total // parts
""",
    "@contract": """
from probatum.spec import contract, ensures, requires
@contract
def share(total: int, parts: int) -> int:
    requires(parts > 0)
    ensures(lambda r: r * parts <= total)
    return total // parts
""",
    "icontract": """
import icontract
@icontract.require(lambda parts: parts > 0)
@icontract.ensure(lambda result, total, parts: result * parts <= total)
def share(total: int, parts: int) -> int:
    return total // parts
""",
    "deal": """
import deal
@deal.pre(lambda total, parts: parts > 0)
@deal.ensure(lambda total, parts, result: result * parts <= total)
def share(total: int, parts: int) -> int:
    return total // parts
""",
}
CLASSES = {
    "class, bare": """
class Counter:
    def __init__(self):
        self.n = 0
    def add(self, k):
        self.n += k
        return self.n
c = Counter()
def share(total, parts):
    return c.add(parts)
""",
    "class, @contract": """
from probatum.spec import contract, ensures, invariant, requires
@contract
class Counter:
    def __invariant__(self) -> bool:
        return self.n >= 0
    def __init__(self) -> None:
        self.n = 0
    def add(self, k: int) -> int:
        requires(k > 0)
        self.n += k
        return self.n
c = Counter()
def share(total, parts):
    return c.add(parts)
""",
    "class, icontract": """
import icontract
@icontract.invariant(lambda self: self.n >= 0)
class Counter:
    def __init__(self) -> None:
        self.n = 0
    @icontract.require(lambda k: k > 0)
    def add(self, k: int) -> int:
        self.n += k
        return self.n
c = Counter()
def share(total, parts):
    return c.add(parts)
""",
}
LOOP = """
import time
def measure(calls, repeat):
    best = 1e9
    for _ in range(repeat):
        begin = time.process_time()
        for _ in range(calls):
            share(1000, 7)
        best = min(best, time.process_time() - begin)
    return best / calls * 1e6
"""


def measured(title: str, mode: str, calls: int, repeat: int) -> float:
    """Return the microseconds of a call, in a process of its own with that mode."""
    command = [sys.executable, __file__, "--one", title, "--calls", str(calls), "--repeat", str(repeat)]
    environment = {**__import__("os").environ, "PROBATUM_CONTRACTS": mode}
    return float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def one(title: str, calls: int, repeat: int) -> float:
    """Measure in this process. The source must be in a file, for what reads it."""
    import linecache

    text = {**BODIES, **CLASSES}[title] + LOOP
    name = f"<{title}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space: dict = {"__name__": "measured"}
    exec(compile(text, name, "exec"), space)  # noqa: S102 - the texts of this file
    begin = time.process_time()
    space["share"](1000, 7)
    del begin
    return space["measure"](calls, repeat)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what contracts cost when programs run.")
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--one", help="measure one in this process")
    given = parser.parse_args()
    if given.one:
        print(one(given.one, given.calls, given.repeat))
        return 0
    for title in (*BODIES, *CLASSES):
        tool = title.rpartition(" ")[2]
        if tool in ("icontract", "deal") and importlib.util.find_spec(tool) is None:
            print(f"{title:18s} not installed")
            continue
        ours = tool in ("@contract", "calls")
        costs = [
            f"{mode} {measured(title, mode, given.calls, given.repeat):6.3f}"
            for mode in (("off", "requires", "all") if ours else ("all",))
        ]
        print(f"{title:18s} {'  '.join(costs)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
