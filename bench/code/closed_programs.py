"""Closed programs of every kind of value: nothing that CPython finds false is proved of their results.

    python bench/code/closed_programs.py [--programs 1500] [--seed 0] [--start 0] [--for SECONDS] [--lines FILE]

Program `n` of a seed is made by `_closed.py`: one of some seven hundred constructs with others inside, computed from
literals, and claims about the result, each on a way of its own through one function. CPython says which are true. No
other one may be proved, nor that a way cannot be taken, which would prove everything. How many of the true ones are proved by first questions is counted.
Where a claim is outside of the language it is left out, and where the program itself is, the construct is counted.

`random_programs.py` makes longer programs, of loops and objects, of fewer kinds of values.
Unit: programs; seconds of CPU of this process and of the prover.
"""

import argparse
import json
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from _closed import ALL, NAME, Program, make
from random_programs import used


@dataclass(frozen=True)
class Verdict:
    """What is said of a program: the claims that are proved by their numbers, or why nothing is said of them.

    That is what is outside of the language, or an obligation before the claims that is not proved.
    """

    program: Program
    proved: frozenset[int]
    unsupported: str = ""

    @property
    def wrong(self) -> list[str]:
        """The false claims that are proved; the last claim of all is that its way cannot be taken."""
        claims = (*self.program.claims, ("False", False))
        return [claims[number][0] for number in sorted(self.proved) if not claims[number][1]]


def verdict(program: Program) -> Verdict:
    """Verify a program; claims that are outside of the language are left out of it."""
    from probatum.code.artefacts.libraries import libraries_in, library
    from probatum.code.model import proofs
    from probatum.ivl.options import Options
    from probatum.ivl.outcomes import Verdict as Answer
    from probatum.ivl.verification import verify
    from probatum.lower.lowered import Kind
    from probatum.lower.lowering import lower
    from probatum.python.reading import read_program

    while True:
        text = program.text()
        lines = text.split("\n")
        known = {name: module for name in libraries_in(text) if (module := library(name)) is not None}
        read = read_program({"closed.py": text}, libraries=known)
        (function,) = (f for f in read.modules["closed"].every_function() if f.name == NAME)
        lowered = lower(read, function)
        if lowered.unsupported is None:
            break
        number = _way(lines, lowered.unsupported.place.line)
        if number is None or len(program.claims) == 1:
            return Verdict(program, frozenset(), lowered.unsupported.message)
        program = replace(program, claims=(*program.claims[:number], *program.claims[number + 1 :]))
    result = verify(lowered.text, Options(timeout_s=20.0, error_limit=0), prover=_Brief(proofs.shared_prover()))
    for problem in result.static:
        if problem.kind == "error":
            raise ValueError(f"no program: {problem.message}")
    proved = set()
    for claim in (claim for body in result.bodies for claim in body.outcomes):
        own = lowered.obligations.get(claim.label.position.line)
        if own is None or own.kind.is_probe:
            continue
        if own.kind is Kind.ASSERTION and _way(lines, own.place.line) is not None:
            proved |= {_way(lines, own.place.line)} if claim.verdict is Answer.PROVED else set()
        elif claim.verdict is not Answer.PROVED:  # what comes after is proved under the condition that this holds
            return Verdict(program, frozenset(), f"not proved: {own.kind.name}")
    return Verdict(program, frozenset(proved))


class _Brief:
    """A prover that gives each claim a glance: nearly all are false."""

    def __init__(self, prover: object) -> None:
        self.prover = prover

    def decide(self, obligations):
        from probatum.code.model.asking import GLANCE

        return self.prover.decide((key, replace(asked, ladder=GLANCE)) for key, asked in obligations)


def _way(lines: list[str], line: int) -> int | None:
    """Return the number of the way that the claim on a line is on."""
    head = lines[line - 2].strip()
    return int(head.removeprefix("if way == ").rstrip(":")) if head.startswith("if way == ") else None


def main() -> int:
    parser = argparse.ArgumentParser(description="Claim of closed programs what CPython finds false.")
    parser.add_argument("--programs", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="number of the first program")
    parser.add_argument("--for", type=float, default=float("inf"), metavar="SECONDS", dest="seconds")
    parser.add_argument("--lines", type=Path, metavar="FILE", help="append a JSON line for each that is not as it should be")
    given = parser.parse_args()
    warnings.simplefilter("ignore", SyntaxWarning)  # `is` with literals
    began, cpu_s = time.monotonic(), used()
    counts: Counter = Counter()
    outside: Counter = Counter()
    number = given.start
    while number < given.start + given.programs and time.monotonic() - began < given.seconds:
        program = make(given.seed * 10**7 + number, construct=number % len(ALL))
        try:
            found = verdict(program)
        except Exception as problem:  # noqa: BLE001 - a defect, to be shown with what it is about
            found = Verdict(program, frozenset(), f"CRASH {type(problem).__name__}: {str(problem)[:100]}")
            counts["crashes"] += 1
        number += 1
        counts["programs"] += 1
        counts["open" if found.unsupported.startswith("not proved") else "unsupported"] += bool(found.unsupported)
        counts["wrong"] += bool(found.wrong)
        if found.unsupported:
            outside[found.unsupported, program.construct] += 1
        else:
            truths = [holds for _, holds in found.program.claims]
            counts["false claims"] += truths.count(False)
            counts["true claims"] += truths.count(True)
            counts["proved"] += sum(truths[n] for n in found.proved if n < len(truths))
        if found.wrong:
            print(f"program {number - 1}: PROVED {found.wrong}\n{found.program.body}", flush=True)
        if given.lines and (found.wrong or found.unsupported):
            one = {"seed": given.seed, "program": number - 1, "wrong": found.wrong, "unsupported": found.unsupported}
            with given.lines.open("a", encoding="utf-8") as out:
                out.write(json.dumps(one | {"body": found.program.body}) + "\n")
        if counts["programs"] % 100 == 0:
            print(f"{dict(counts)}, {(used() - cpu_s) / counts['programs']:.3f} s CPU each", flush=True)
    for (message, construct), count in outside.most_common(400):
        print(f"   {count} times: {message}  in  {construct.splitlines()[0][:60]}")
    print(f"{dict(counts)}, {used() - cpu_s:.0f} s CPU; the next is --start {number}")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
