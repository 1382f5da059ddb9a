"""Ask cvc5 about pairs that the comparison of a whole collection decided: all proofs by search, and samples of all else.

    python bench/access_pairs_crosscheck.py PAIRS.jsonl [POLICIES.jsonl] [--sample 500] [--jobs N] [--for SECONDS]

PAIRS is what `bench/access_matrix.py --output` writes: one object a line with
`a`, `b` (names), `contained` and `stage`. A stratum is a stage with an answer.
Every pair of the stratum "contained, by search" is asked, and of each other
stratum a sample drawn with a fixed seed. Corpus: the policies that were compared
(default: `access/managed-policies.jsonl` below PROBATUM_DATA or
`../shared/data`). The string encoding that cvc5 gets shares nothing with what is
checked but the meaning of policies.

Unit: pairs. For a sample without disagreement, the last column bounds how many
of the stratum can be wrong, at 95 % confidence; pairs without answer count as
not asked, which is right only if what cvc5 finds hard is not more often wrong.
The exit status is 1 if anything disagrees.
"""

import argparse
import json
import multiprocessing
import os
import platform
import random
import sys
import time
from collections import Counter
from itertools import zip_longest
from pathlib import Path

ALL = ("search", True)


def strata(path, sample, seed):
    """Return {(stage, contained): (number of pairs, chosen pairs)}, in one pass."""
    chance = random.Random(seed)
    seen, chosen = Counter(), {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            if one.get("contained") is None:
                continue
            stratum = one["stage"], one["contained"]
            kept = chosen.setdefault(stratum, [])
            seen[stratum] += 1
            if stratum == ALL or len(kept) < sample:
                kept.append((one["a"], one["b"]))
            elif (place := chance.randrange(seen[stratum])) < sample:
                kept[place] = (one["a"], one["b"])
    for kept in chosen.values():
        chance.shuffle(kept)
    return {s: (seen[s], chosen[s]) for s in sorted(chosen)}


def load(path):
    """Return the documents by name, in a process that will answer."""
    global DOCUMENTS  # noqa: PLW0603 - set once for each process of the pool
    lines = path.read_text(encoding="utf-8").splitlines()
    DOCUMENTS = {one["PolicyName"]: one["Document"] for one in map(json.loads, lines)}


DOCUMENTS = {}


def read(name):
    from probatum.access.artefacts import read as read_all
    from probatum.source import Source

    [policy] = read_all(Source(f"{name}.json", json.dumps(DOCUMENTS[name]).encode()), {})
    return policy


def confirm(task):
    """Ask about one pair: (stratum, pair, what cvc5 says, CPU seconds)."""
    from probatum.access.model import strings
    from probatum.access.semantics import Settings

    stratum, (a, b), timeout_s = task
    began = time.process_time()
    answer = strings.difference(read(a), read(b), Settings(), timeout_s=timeout_s)
    said = {strings.Proved: True, strings.Witness: False}.get(type(answer))
    return stratum, (a, b), said, getattr(answer, "reason", ""), time.process_time() - began


def name_of(text):
    """Return the policy's name where pairs name files or lines."""
    return Path(text).name.removesuffix(".json")


def main():
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    corpus = Path(os.environ.get("PROBATUM_DATA", beside)) / "access" / "managed-policies.jsonl"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("policies", nargs="?", type=Path, default=corpus)
    parser.add_argument("--sample", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds for each pair")
    parser.add_argument("--for", dest="for_s", type=float, default=float("inf"), help="stop after so many seconds")
    asked = parser.parse_args()

    groups = strata(asked.pairs, asked.sample, asked.seed)
    load(asked.policies)
    tasks = {s: [(s, (name_of(a), name_of(b)), asked.timeout) for a, b in chosen] for s, (_, chosen) in groups.items()}
    # One of each stratum in turn: a run that is stopped has asked about all of them.
    order = [t for row in zip_longest(*tasks.values()) for t in row if t is not None]
    tally = {s: Counter() for s in groups}
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(asked.jobs, load, (asked.policies,)) as pool:
        for stratum, (a, b), said, why, cpu in pool.imap_unordered(confirm, order):
            agrees = said is stratum[1]
            tally[stratum]["none" if said is None else "same" if agrees else "other"] += 1
            tally[stratum]["cpu"] += cpu
            if said is None:
                print(f"no answer: {a} within {b}: {why}", flush=True)
            elif not agrees:
                print(f"DISAGREEMENT: {a} within {b}: {stratum[0]} says {stratum[1]}, cvc5 says {said}", flush=True)
            if time.monotonic() - began > asked.for_s:
                pool.terminate()
                break
    import cvc5

    print(f"\nPython {platform.python_version()}, cvc5 {cvc5.__version__}, {asked.jobs} processes, seed {asked.seed}\n")
    print("| stage | contained | pairs | asked | confirmed | disagree | no answer | CPU s | wrong, at most |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for (stage, contained), (count, _) in groups.items():
        t = tally[stage, contained]
        n = t["same"] + t["other"] + t["none"]
        every = n == count and not t["none"]
        bound = "0" if every and not t["other"] else f"{1 - 0.05 ** (1 / t['same']):.2%}" if t["same"] and not t["other"] else "-"
        cells = [stage, "yes" if contained else "no", f"{count:,}", n, t["same"], t["other"], t["none"], f"{t['cpu']:.1f}", bound]
        print(f"| {' | '.join(map(str, cells))} |")
    sys.exit(any(t["other"] for t in tally.values()))


if __name__ == "__main__":
    main()
