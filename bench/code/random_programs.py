"""Random programs: what CPython observes must be provable, and anything else must not.

    python bench/code/random_programs.py [--programs 10000] [--seed 0] [--start 0] [--for SECONDS] [--lines FILE] [--write FILE]

Program `n` of a seed is a function without arguments; what such functions consist of is in
`_generating.py`. It is run in CPython; programs that end in an exception are made anew. Then there are two of it: one
ends with `assert v == observed`, the other with `assert v == other`, where `other`
is one more (or the opposite, or one item longer).

Loops with `while` carry invariants that list the states that were observed at their head;
nothing less would follow from values alone. Loops over what is known have none.

No disagreement is tolerated: the second must not be proved. How many of the first are proved is counted;
those that are not are listed with the construct or the claim.

Everything happens in one process with one warm prover. The first variant is verified as a check
does at first: what that would ask at length, or search, stays undecided here. The second is asked with `WRONG` of the solver's units for each claim that the first does not
make too, since all that counts is that it is not proved. `--for` ends it after that much wall time, and says
where to go on (`--start`). `--lines` appends a JSON line for each program that is not as it should be.
Unit: programs; seconds of CPU of this process and of the prover.
"""

import argparse
import gc
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from _generating import Made, make
from _random_expressions import HEADER, HELPERS

BATCH = 20  # programs in a module
WRONG = 200_000  # of z3's units for each claim of a wrong variant that the right one does not have


class Known:
    """A prover that remembers what it proved of a program, and gives little work to what it is asked later."""

    def __init__(self, prover: object) -> None:
        self.prover = prover
        self.seen: dict[str, object] = {}
        self.brief = False

    def decide(self, obligations: Iterable) -> Iterator:
        """Give a decision for every obligation: `Prover.decide`."""
        ready: list = []
        texts: dict = {}

        def asked() -> Iterator:
            for key, question in obligations:
                if question.text in self.seen:
                    ready.append((key, self.seen[question.text]))
                else:
                    texts[key] = question.text
                    yield key, replace(question, ladder=_little(question.ladder)) if self.brief else question

        for key, decision in self.prover.decide(asked()):
            yield from ready
            ready.clear()
            if decision.answer != "unknown":
                self.seen[texts[key]] = decision
            yield key, decision
        yield from ready


def _little(ladder: object) -> object:
    return replace(ladder, rungs=(replace(ladder.rungs[0], effort=WRONG),))


class Verifier:
    """Verifies programs in this process."""

    def __init__(self) -> None:
        from probatum.code.model import proofs

        self.known = Known(proofs.shared_prover())

    def verdicts(self, made: dict[int, Made]) -> Iterator[tuple[int, tuple[str, str], tuple[str, str]]]:
        """Yield the verdicts of both variants of programs, each with what stands in the way of a proof."""
        from probatum.python.program import Program
        from probatum.python.reading import read_module

        own = module(made)
        read = read_module(own, "programs.py", "programs")
        program = Program({"programs": read})
        functions = {function.qualified.rpartition(".")[2]: function for function in read.every_function()}
        for number in made:
            self.known.seen.clear()
            self.known.brief = False
            right = self.verdict(program, functions.get(f"right_{number}"))
            self.known.brief = True
            yield number, right, self.verdict(program, functions.get(f"wrong_{number}"))

    def verdict(self, program: object, function: object) -> tuple[str, str]:
        """Return the verdict of a function by first questions: what a check asks at length, and by guesses, stays open."""
        from probatum.code.model.asking import Asking
        from probatum.ivl.options import Options
        from probatum.ivl.outcomes import Verdict
        from probatum.ivl.verification import verify
        from probatum.lower.lowering import lower

        if function is None:
            return "silent", "it was not read"
        lowered = lower(program, function)
        if lowered.unsupported is not None:
            return "unsupported", lowered.unsupported.message
        probes = {line for line, own in lowered.obligations.items() if own.kind.is_probe}
        asking = Asking(self.known, probes, patient=False)
        result = verify(lowered.text, Options(timeout_s=60.0), prover=asking, on_text=asking.see)
        if result.static:
            return "failed", result.static[0].message
        for claim in (claim for body in result.bodies for claim in body.outcomes):
            line = claim.label.position.line
            if claim.verdict is not Verdict.PROVED and line not in probes:
                own = lowered.obligations.get(line) or lowered.obligations[claim.label.related.line]
                return "undecided", f"{own.kind.name}: {own.text}"
        return "proved", ""


def module(made: dict[int, Made]) -> str:
    """Return the text of a module of programs."""
    texts = [f"{m.text(f'right_{n}', m.observed)}\n\n{m.text(f'wrong_{n}', m.other)}" for n, m in made.items()]
    return HEADER + HELPERS + "\n\n".join(texts)


def used() -> float:
    """Return seconds of processor time of this process and of its children, those that live too (Linux)."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime
    waiting = [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    while waiting:
        one = waiting.pop()
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            waiting += [int(c) for t in Path(f"/proc/{one}/task").iterdir() for c in (t / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare proofs with what CPython observes.")
    parser.add_argument("--programs", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="number of the first program")
    parser.add_argument("--for", type=float, default=float("inf"), metavar="SECONDS", dest="seconds")
    parser.add_argument("--lines", type=Path, metavar="FILE", help="append a JSON line for each that is not as it should be")
    parser.add_argument("--write", type=Path, metavar="FILE", help="leave the programs there and run nothing")
    given = parser.parse_args()
    numbers = range(given.start, min(given.start + given.programs, 10**7))
    if given.write:
        given.write.write_text(module({n: make(given.seed * 10**7 + n) for n in numbers}), encoding="utf-8")
        return 0
    began, cpu_s = time.monotonic(), used()
    verifier = Verifier()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)  # as in a worker of a check
    counts: dict[str, Counter] = {"right": Counter(), "wrong": Counter()}
    reasons: Counter = Counter()
    disagreements = done = 0
    for begin in numbers[::BATCH]:
        if time.monotonic() - began > given.seconds:
            break
        made = {n: make(given.seed * 10**7 + n) for n in range(begin, min(begin + BATCH, numbers.stop))}
        for number, right, wrong in verifier.verdicts(made):
            done += 1
            counts["right"][right[0]] += 1
            counts["wrong"][wrong[0]] += 1
            if right[0] != "proved":
                reasons[f"{right[0]}: {right[1].replace(f'right_{number}', 'right')}"] += 1
            disagrees = wrong[0] == "proved" or right[0] == "failed"
            disagreements += disagrees
            if given.lines and (disagrees or right[0] != "proved"):
                one = {"seed": given.seed, "program": number, "disagrees": disagrees, "right": right, "wrong": wrong}
                one["text"] = made[number].text("program", made[number].observed) if disagrees or right[0] == "undecided" else ""
                with given.lines.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(one) + "\n")
        spent = used() - cpu_s
        shown = ", ".join(f"{name} {dict(count)}" for name, count in counts.items())
        print(f"{done} programs: {shown}, {spent:.0f} s CPU, {spent / done:.3f} each, {disagreements} disagreements", flush=True)
    for reason, count in reasons.most_common(25):
        print(f"   {count} times: {reason}")
    print(f"{disagreements} disagreements in {done} programs; the next is --start {given.start + done}")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
