"""How long one policy takes in a warm process, and a whole collection through `probatum check`.

Corpus: AWS managed policies as one JSON object a line (`Document`), given as argument or found in
`$PROBATUM_DATA/access/managed-policies.jsonl` or beside the repository in `shared/data`. No rival: other tools ask other
questions; see `access_peers.py` for those that answer the same one.

    python bench/access_check.py [managed-policies.jsonl]

Prints CPU seconds: for a single policy (reading it and running every rule), its median, 90th and 99th percentile and
maximum; for all of them as files, cold and unchanged, the CPU seconds of the whole process tree and its wall time.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from probatum.access.artefacts import read
from probatum.engine.rules import list_rules
from probatum.source import Source
from probatum.tools import Tools


def corpus() -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    base = os.environ.get("PROBATUM_DATA", str(Path(__file__).resolve().parents[2] / "shared" / "data"))
    return Path(base) / "access" / "managed-policies.jsonl"


def single(documents: dict[str, bytes]) -> None:
    rules = [importlib.import_module(f"probatum.access.rules.{r.module}").check for r in list_rules() if r.system == "access"]
    options = {"trusted-accounts": ["111122223333"], "never-grant": [{"actions": ["iam:PassRole"]}]}

    def check(name: str, raw: bytes) -> int:
        [policy] = read(Source(name, raw), options)
        return sum(1 for rule in rules for _ in rule(policy, Tools(options=options)))

    first = next(iter(documents.items()))
    check(*first)
    seconds, outcomes = [], 0
    for name, raw in documents.items():
        before = time.process_time()
        outcomes += check(name, raw)
        seconds.append(time.process_time() - before)
    ranked = sorted(seconds)
    at = {f"{q:.0%}": ranked[int(q * (len(ranked) - 1))] for q in (0.5, 0.9, 0.99, 1.0)}
    print(f"one policy, warm process, {len(rules)} rules, {len(documents)} policies, {outcomes} outcomes:")
    print(
        "  "
        + ", ".join(f"{name} {1000 * s:.1f} ms" for name, s in at.items())
        + f", mean {1000 * statistics.mean(seconds):.1f} ms (CPU)"
    )


def whole(documents: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in documents.items():
            (Path(folder) / name).write_bytes(raw)
        for round_ in ("cold", "unchanged"):
            before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            done = subprocess.run(
                [sys.executable, "-m", "probatum", "check", folder], capture_output=True, text=True, check=False
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            last = done.stdout.strip().splitlines()[-1]
            print(
                f"{len(documents)} files, {round_}: {time.monotonic() - wall:.1f} s wall, {cpu:.1f} s CPU, status {done.returncode}: {last}"
            )


def main() -> None:
    lines = [json.loads(line) for line in corpus().read_text(encoding="utf-8").splitlines()]
    documents = {f"{d['PolicyName']}.json": json.dumps(d["Document"], indent=2).encode() for d in lines}
    print(f"python {sys.version.split()[0]}, {os.cpu_count()} processors")
    single(documents)
    whole(documents)


if __name__ == "__main__":
    main()
