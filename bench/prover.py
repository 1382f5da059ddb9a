"""What a decision costs beyond the solver's own work, and what the rungs of the ladder are worth.

Corpus: made here, the same on every machine. N obligations of the shape that
programs give (uninterpreted functions, a quantified axiom with a trigger, linear
arithmetic, a chain of equations), four fifths valid, one fifth not. Unit:
milliseconds of processor time per obligation, of this process and all that it
started, from `getrusage`. Rivals on the same texts: the worker's function called
in this process, which has no processes and no pipes to pay for; and the usual
way to ask z3 from Python, a context, a `Solver` and `from_string` for each.

With FILE or DIRECTORY arguments, also the obligations in those (`*.smt2` that
declare and assert), with what decided them: for choosing rungs and limits.

    python bench/prover.py [--obligations 2000] [--workers 2] [--ladder TRIGGERS|THOROUGH] [FILE ...]
"""

import argparse
import collections
import os
import platform
import random
import resource
import subprocess
import sys
from pathlib import Path

from probatum.solve import ladder as ladders
from probatum.solve.prover import Obligation, Prover


def made(n):
    """Return N obligations."""
    chosen = random.Random(0)
    return [Obligation(text(chosen, k), values=("x0", "(f x0)")) for k in range(n)]


def text(chosen, number):
    steps = chosen.randrange(2, 12)
    lines = ["(declare-fun f (Int) Int)", "(declare-sort T 0)", "(declare-fun g (T Int) T)", "(declare-fun h (T) Int)"]
    lines += ["(assert (forall ((i Int)) (! (> (f i) i) :pattern ((f i)) :qid |f.above|)))"]
    lines += ["(assert (forall ((t T) (i Int)) (! (= (h (g t i)) (+ (h t) i)) :pattern ((g t i)) :qid |g.adds|)))"]
    lines += [f"(declare-const x{k} Int)" for k in range(steps + 1)] + [f"(declare-const t{k} T)" for k in range(steps + 1)]
    for k in range(steps):
        lines.append(f"(assert (= x{k + 1} (ite (> x{k} {chosen.randrange(9)}) (f x{k}) (+ x{k} {chosen.randrange(1, 9)}))))")
        lines.append(f"(assert (= t{k + 1} (g t{k} (- x{k + 1} x{k}))))")
    extra = 0 if number % 5 else 1  # one in five does not hold
    lines.append(f"(assert (not (and (>= x{steps} (+ x0 {steps + 40 * extra})) (= (- (h t{steps}) (h t0)) (- x{steps} x0)))))")
    return "\n".join(lines)


def cpu_s():
    mine, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + others.ru_utime + others.ru_stime


def by_prover(obligations, workers, ladder):
    with Prover(workers=workers, ladder=ladder) as prover:
        return list(prover.decide(enumerate(obligations)))


def by_function(obligations):
    """As a worker does it, here."""
    from probatum.solve import prover_worker

    rung = ladders.TRIGGERS.rungs[0]
    return [prover_worker.attempt(["z3", own.text, list(own.values), rung.effort, 0, [], []])[0] for own in obligations]


def by_classes(obligations):
    """As the documentation of z3 suggests."""
    import z3

    z3.set_param("auto_config", False)
    z3.set_param("smt.mbqi", False)
    answers = []
    for own in obligations:
        solver = z3.Solver(ctx=z3.Context())
        solver.from_string(own.text)
        answers.append(str(solver.check()))
    return answers


def in_a_process_of_its_own(name, count):
    """Measure a rival in a fresh process: it must not profit from what is loaded here, nor be charged for it."""
    command = [sys.executable, __file__, "--rival", name, "--obligations", str(count)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--obligations", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ladder", choices=["TRIGGERS", "THOROUGH"], default="TRIGGERS")
    parser.add_argument("--rival", choices=["function", "classes"])
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    obligations = made(options.obligations)
    if options.rival:
        run = {"function": by_function, "classes": by_classes}[options.rival]
        run(obligations[:1])  # loads the library
        before = cpu_s()
        answers = run(obligations)
        counts = " ".join(f"{count} {answer}" for answer, count in sorted(collections.Counter(answers).items()))
        print(f"{(cpu_s() - before) * 1000 / len(obligations):7.2f} ms CPU each   {counts}")
        return
    ladder = getattr(ladders, options.ladder)
    print(
        f"{len(obligations)} obligations, Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors"
    )
    before = cpu_s()
    by_prover(obligations[:1], 1, ladder)
    started = cpu_s() - before
    before = cpu_s()
    decided = by_prover(obligations, options.workers, ladder)
    took = cpu_s() - before
    inside = sum(decision.seconds for _, decision in decided)
    report("prover, all included", took, len(decided), decided)
    print(f"{'  of it in the solvers':28} {inside * 1000 / len(decided):7.2f} ms CPU each")
    over = max(0.0, took - inside - options.workers * started)
    print(f"{'  start of a worker':28} {started:7.2f} s CPU, once for each of {options.workers}")
    print(f"{'  the rest':28} {over * 1000 / len(decided):7.2f} ms CPU each")
    print(f"{'the function, in-process':28} {in_a_process_of_its_own('function', len(obligations))}")
    print(f"{'z3 by its classes':28} {in_a_process_of_its_own('classes', len(obligations))}")
    print(
        f"peak memory of this process  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, "
        f"of the largest worker {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB"
    )
    paths = [path for given in options.files for path in (sorted(given.glob("*.smt2")) if given.is_dir() else [given])]
    if paths:
        before = cpu_s()
        with Prover(workers=options.workers, ladder=ladder) as prover:
            found = list(prover.decide((path.name, Obligation(path.read_text())) for path in paths))
        report("files", cpu_s() - before, len(found), found)
        for name, decision in sorted(found, key=lambda one: -one[1].seconds)[:10]:
            print(f"  {decision.seconds:6.2f} s {decision.effort:>10} {decision.answer:8} {decision.rung:18} {name}")


def report(name, seconds, count, found):
    print(f"{name:28} {seconds * 1000 / max(1, count):7.2f} ms CPU each   {seconds:.2f} s together")
    for (answer, rung, why), many in collections.Counter((d.answer, d.rung, d.why) for _, d in found).most_common():
        print(f"    {many:6} {answer} by {rung or 'none'}{f' ({why.value})' if why else ''}")


if __name__ == "__main__":
    main()
