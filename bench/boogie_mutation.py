"""Is anything verified that a run contradicts? On mutants, random programs, and programs with `assert false` in them.

    python bench/boogie_mutation.py [--mutants N] [--programs N] [--wild N] [--checkout DIR]
        [--rival [PROGRAM]] [--files PATTERN ...] [--seed N] [--only PART ...]

1. `mutants`: the programs of `tests/ivl/programs` and the cases of `tests/ivl/cases`
   with one change each. Random runs look for a violation. A mutant is unsound if an
   implementation is proved that a run violates, calls taken by their contracts, or
   if everything is proved and a run through the bodies of callees violates something.
2. `ends`: random programs without loops whose start is given. What a run gives must be
   proved of the end (else the pair counts as incomplete), and one other value must not.
3. `wild`: random programs with loops, jumps, choices and assertions. As for mutants.
4. `false`: `assert false` at every point of the bodies that verify: in the programs of 1
   and in `tests/ivl/traps`, and with --checkout in those files of Boogie's own suite (a checkout of
   https://github.com/boogie-org/boogie, measured: commit bb44ad353) that are verified
   without errors and without options. Where a run of the body comes by, it must not be
   proved. Of the other points nothing is known: some of them are dead code. With
   --rival, Debian's `boogie` is asked about those that are proved, all those of a file
   at once; if it reports an error, somebody has to look.

Units: programs, points; seconds of wall clock. Ends with status 1 if anything is unsound.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "ivl"))

from ivl_mutants import PROGRAMS, judged, mutants, planted, planted_together, verified, violations
from ivl_random import Writer, fixed

from boogie_suite import classify
from probatum.ivl import compile_text
from probatum.ivl.options import Options
from probatum.solve.prover import Prover

TESTS = Path(__file__).resolve().parent.parent / "tests" / "ivl"
TRAPS = sorted((TESTS / "traps").glob("*.bpl"))
PARTS = ("mutants", "ends", "wild", "false")
QUICK = Options(timeout_s=3.0)
# For points of which nothing is known: more time would tell more of them, but nothing that is wrong.
BRIEF = Options(timeout_s=0.5)


def own_programs() -> list[Path]:
    """Return the programs that are verified with default options; some cases have errors, and stay so."""
    cases = sorted((TESTS / "cases").glob("*.bpl"))
    return [p for p in (*PROGRAMS, *cases) if plain(p.read_text(encoding="utf-8"))]


def plain(text: str) -> bool:
    return "// options:" not in text and "selective_checking" not in text and compile_text(text, "p.bpl")[0] is not None


def run_mutants(most: int, seed: int, prover: Prover) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    bad: list[str] = []
    every = [(p, m) for p in own_programs() for m in mutants(p.read_text(encoding="utf-8"))]
    chosen = every if most >= len(every) else random.Random(seed).sample(every, most)
    counts["mutants made"] = len(every)
    for path, mutant in chosen:
        one = judged(mutant, prover, seed=seed)
        proved = all(one.proved.values())
        counts["mutants"] += 1
        counts[f"{'violated by a run' if one.wrong else 'violated by no run'}, {'verified' if proved else 'not verified'}"] += 1
        if one.unsound:
            counts["UNSOUND"] += 1
            bad.append(f"{path.name}: {mutant.what}: {one.unsound}")
    return counts, bad


def run_ends(count: int, seed: int, prover: Prover) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    bad: list[str] = []
    for number in range(seed, seed + count):
        made = fixed(number)
        if made is None:
            counts["run undetermined"] += 1
            continue
        program, _ = compile_text(made.text, "r.bpl")
        if program is None:
            raise AssertionError(f"random program {number} has errors")
        proved, _ = verified(program, prover, QUICK)
        counts["pairs"] += 1
        counts["the end is proved" if proved["Right#1"] else "the end is not proved"] += 1
        counts["another end is proved: UNSOUND" if proved["Wrong#1"] else "another end is not proved"] += 1
        if proved["Wrong#1"]:
            bad.append(f"random program {number} (fixed)")
    return counts, bad


def run_wild(count: int, seed: int, prover: Prover) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    bad: list[str] = []
    for number in range(seed, seed + count):
        program, _ = compile_text(Writer(number).wild_program(), "r.bpl")
        if program is None:
            raise AssertionError(f"random program {number} has errors")
        own = violations(program, runs=30, steps=300)
        through = violations(program, runs=15, steps=300, follow_calls=True)
        counts["programs"] += 1
        if not own and not through:
            counts["violated by no run"] += 1
            continue
        proved, _ = verified(program, prover, QUICK)
        counts["violated by a run"] += 1
        if any(proved.get(name, False) for name in own) or (through and all(proved.values())):
            counts["UNSOUND"] += 1
            bad.append(f"random program {number} (wild)")
    return counts, bad


def suite(checkout: Path) -> Iterator[Path]:
    """Yield the files of the suite that are verified without errors and without options that matter."""
    for case in classify(checkout):
        expected = case.expected
        if case.kind == "verification" and not case.options and expected is not None and expected.errors == 0:
            yield case.path


def run_false(paths: list[Path], rival: str | None, seed: int, prover: Prover) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    bad: list[str] = []
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace")
        program, _ = compile_text(text, path.name)
        if program is None or not plain(text):
            counts["files left out"] += 1
            continue
        counts["files"] += 1
        right, _ = verified(program, prover, QUICK)
        passed = 0
        proved: dict[int, str] = {}  # points that no run reaches, and their procedures
        for one in planted(text, runs=200, seed=seed):
            if not right.get(one.body, False):
                counts["points in bodies that are not verified"] += 1
                continue
            answer = one.answer(prover, QUICK if one.reached else BRIEF)
            passed += one.reached
            if one.reached and answer == "proved":
                counts["reached, proved: UNSOUND"] += 1
                bad.append(f"{path.name}: {one.body}: point {one.number}")
                continue
            counts[f"{'reached' if one.reached else 'not reached'}, {answer}"] += 1
            if answer == "proved":
                proved[one.number] = one.body.partition("#")[0]
        counts["files with points that are reached"] += passed > 0
        if proved and rival is not None:
            procedures = set(proved.values())
            # A rival that is at a loss with the program as it is knows nothing of its points.
            said = rival_says(rival, planted_together(text, ()), procedures)
            if said == "verified":
                said = rival_says(rival, planted_together(text, proved), procedures)
                if said != "verified":
                    print(f"{path.name}: points {sorted(proved)}: the rival says {said}")
            else:
                said = "nothing"
            counts[f"not reached, proved: the rival says {said}"] += len(proved)
    return counts, bad


def rival_says(program: str, text: str, procedures: set[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "planted.bpl"
        path.write_text(text, encoding="utf-8")
        command = [program, "-errorLimit:1", "-timeLimit:60", *(f"-proc:{name}" for name in sorted(procedures)), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    closing = re.search(r"finished with (\d+) verified, (\d+) errors?(.*)", done.stdout)
    if closing is None or closing[3]:
        return "neither"
    return "verified" if closing[2] == "0" else "an error"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=2_000)
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--wild", type=int, default=2_000)
    parser.add_argument("--checkout", type=Path)
    parser.add_argument("--rival", nargs="?", const="boogie", metavar="PROGRAM")
    parser.add_argument("--files", nargs="+", default=["*"], metavar="PATTERN", help="of `false`: only files with such names")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    asked = parser.parse_args()
    wrong: list[str] = []
    print(f"python {platform.python_version()}, {platform.machine()}")
    with Prover(workers=1) as prover:
        for part in asked.only:
            began = time.monotonic()
            match part:
                case "mutants":
                    counts, bad = run_mutants(asked.mutants, asked.seed, prover)
                case "ends":
                    counts, bad = run_ends(asked.programs, asked.seed, prover)
                case "wild":
                    counts, bad = run_wild(asked.wild, asked.seed, prover)
                case _:
                    paths = own_programs() + TRAPS + (list(suite(asked.checkout)) if asked.checkout is not None else [])
                    paths = [p for p in paths if any(fnmatch.fnmatch(p.name, pattern) for pattern in asked.files)]
                    counts, bad = run_false(paths, asked.rival, asked.seed, prover)
            wrong += bad
            print(json.dumps({"part": part, **dict(sorted(counts.items())), "seconds": round(time.monotonic() - began, 1)}))
            sys.stdout.flush()
    for one in wrong:
        print(f"unsound: {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
