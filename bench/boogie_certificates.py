"""Ground certificates for what is proved in Boogie's own test suite: how many there are, and what they cost.

    python bench/boogie_certificates.py CHECKOUT [--only PATTERN ...] [--limit SECONDS] [--budget SECONDS] [--jobs N] [--list]

CHECKOUT as for `boogie_suite.py`, whose verification files are taken. For every
proved obligation (equal texts once in a file): is a certificate found, do both
solvers confirm it, and what did each step cost? Obligations that are true by
simplification, where no solver was asked, count too, and are named apart.

proof: CPU seconds of the worker for the decision; find: of the child that looked
for the certificate (which asks both solvers itself before it gives one away);
recheck: of this process for reading the certificate and asking both solvers.
--limit is for one search; --budget ends the searches, which go through the
obligations in random order, so that those reached are a sample. The target: at least 95 % certified, all confirmed; for
proofs of more than 0.5 s, a recheck in less than 10 % of the time of the proof.
"""

import argparse
import fnmatch
import itertools
import json
import os
import platform
import random
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import boogie_suite
from probatum.errors import ProbatumError
from probatum.solve import ground
from probatum.solve.certificate import Certificate

SLOW = 0.5  # seconds of a proof from which on a recheck has to be cheaper
TRIVIAL = "(assert false)\n"


@dataclass
class Row:
    """One proved obligation."""

    name: str
    line: int
    text: str
    simplified: bool
    proof_s: float
    find_s: float = 0.0
    recheck_s: float = 0.0
    size: int = 0  # bytes of the certificate as JSON
    trouble: str = "not reached"
    confirmed: bool = False


def proved(case, session, boogie, boogie_options):
    """Yield a row for every obligation of a file that is proved."""
    options, files = boogie_options.separate(case.options)
    settings = boogie_options.Settings()
    boogie_options.apply(options, settings)
    from probatum.ivl import libraries
    from probatum.ivl.checking import check
    from probatum.ivl.stability import proved as of
    from probatum.ivl.syntax import tree
    from probatum.ivl.syntax.parser import parse
    from probatum.ivl.verification import verify

    program = tree.Program([])
    for file in (str(case.path), *files):
        parsed, _ = parse(boogie.text_of(file, boogie.content_of(file)), file)
        program = tree.Program([*program.declarations, *parsed.declarations])
    program = libraries.extended(program, settings.fields.get("libraries", ()))
    if any(error.kind == "error" for error in check(program)):
        return
    result = verify(program, boogie.options_of(settings), prover=session, keep_texts=True)
    for one in of(result):
        simplified = one.solver == "by simplification"
        yield Row(case.name, one.label.position.line, one.text, simplified, one.seconds)


def recheck(row: Row, found: object) -> None:
    """Check a certificate as `probatum recheck` does, from its JSON."""
    stored = json.dumps(found)
    row.size = len(stored)
    began = time.process_time()
    answer = ground.check(row.text, Certificate.from_json(json.loads(stored)))
    row.recheck_s = time.process_time() - began
    row.confirmed = answer.status == "confirmed"
    row.trouble = answer.reason


def certify(rows: list[Row], jobs: int, limit_s: float, budget_s: float) -> list[Row]:
    """Look for a certificate for every row, and check it again; return the rows that were reached."""
    from probatum.runner import Done, runner_for

    task = "probatum.solve.certify:certify_task"
    with runner_for("local", workers=jobs) as runner:
        list(runner.map(task, [{"smtlib": TRIVIAL, "timeout_s": 10.0}] * jobs, timeout_s=60))  # loads the solvers
        ends = time.monotonic() + budget_s
        left = itertools.takewhile(lambda _: time.monotonic() < ends, rows)
        items = ({"smtlib": row.text, "timeout_s": limit_s} for row in left)
        for result in runner.map(task, items, timeout_s=limit_s + 5, memory_bytes=2 * 2**30):
            row = rows[result.index]
            if not isinstance(result, Done):
                row.trouble = type(result).__name__
                continue
            row.find_s = result.cpu_s
            if "certificate" in result.value:
                recheck(row, result.value["certificate"])
            else:
                row.trouble = result.value["reason"]
    return [row for row in rows if row.trouble != "not reached"]


def middle(values: list[float]) -> str:
    """Return median and largest of some numbers."""
    return f"{statistics.median(values):8.4f} {max(values):8.2f}" if values else f"{'-':>8} {'-':>8}"


def report(rows: list[Row], *, listing: bool) -> None:
    """Print the tables."""
    good = [row for row in rows if row.confirmed]
    wrong = [row for row in rows if row.size and not row.confirmed]
    print(f"\n  {'':24} {'proved':>7} {'certified':>10} {'confirmed':>10}")
    for title, own in (
        ("by solvers", [r for r in rows if not r.simplified]),
        ("by simplification", [r for r in rows if r.simplified]),
        ("all", rows),
    ):
        confirmed = sum(r.confirmed for r in own)
        share = f"{confirmed / len(own):.2%}" if own else "-"
        print(f"  {title:24} {len(own):7} {sum(r.size > 0 for r in own):10} {confirmed:10}  {share}")
    print(f"\n  {'CPU seconds':12} {'median':>8} {'largest':>8} {'sum':>9}")
    for title, values in (
        ("proof", [r.proof_s for r in good]),
        ("find", [r.find_s for r in good]),
        ("recheck", [r.recheck_s for r in good]),
    ):
        print(f"  {title:12} {middle(values)} {sum(values):9.1f}")
    if good:
        print(f"  certificates: median {statistics.median(r.size for r in good):.0f} bytes, largest {max(r.size for r in good)}")
    slow = sorted((r for r in rows if r.proof_s > SLOW), key=lambda r: -r.proof_s)
    within = [r for r in slow if r.confirmed and r.recheck_s < 0.1 * r.proof_s]
    print(f"\n  proofs of more than {SLOW} s: {len(slow)}, rechecked in under 10 % of that: {len(within)}")
    for row in slow:
        share = f"{row.recheck_s / row.proof_s:7.1%}" if row.confirmed else "   none"
        print(
            f"    {share}  proof {row.proof_s:7.2f}  find {row.find_s:7.2f}  recheck {row.recheck_s:6.3f}  {row.name}:{row.line}"
        )
    if wrong:
        print(f"\n  NOT CONFIRMED: {', '.join(f'{r.name}:{r.line} ({r.trouble})' for r in wrong)}")
    missing = [r for r in rows if not r.size]
    for reason, number in Counter(r.trouble[:110] for r in missing).most_common():
        print(f"  {number:5} without: {reason}")
    if listing:
        for row in missing:
            print(f"  without: {row.name}:{row.line}: {row.trouble[:200]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--limit", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--budget", type=float, default=float("inf"), metavar="SECONDS")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true")
    asked = parser.parse_args()
    from probatum.cli import boogie, boogie_options
    from probatum.solve.prover import Prover

    cases = [c for c in boogie_suite.classify(asked.checkout) if c.kind == "verification"]
    if asked.only:
        cases = [c for c in cases if any(fnmatch.fnmatch(c.name, pattern) for pattern in asked.only)]
    rows: list[Row] = []
    began = time.perf_counter()
    with Prover(workers=asked.jobs) as prover:
        for case in cases:
            try:
                rows += proved(case, prover, boogie, boogie_options)
            except ProbatumError as problem:
                print(f"  {case.name}: {problem.message}")
    load = os.getloadavg()[0]
    print(f"{len(cases)} files, {len(rows)} proved obligations in {time.perf_counter() - began:.0f} s; load {load:.1f}")
    random.Random(0).shuffle(rows)
    reached = certify(rows, asked.jobs, asked.limit, asked.budget)
    if len(reached) < len(rows):
        print(f"of these, {len(reached)} were reached, drawn at random")
    report(reached, listing=asked.list)
    print(
        f"\n  {time.perf_counter() - began:.0f} s in all; {platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
    )
    return 0 if all(row.confirmed or not row.size for row in reached) else 1


if __name__ == "__main__":
    sys.exit(main())
