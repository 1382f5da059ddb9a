"""What a check of many policies costs: the first time, unchanged, and without the engine.

Corpus: policies from a JSONL file, one object with `Document` a line (the
published managed policies, if you have them), written as files; without one,
N policies made here. Unit: seconds of wall-clock and of processor time, of the
process and all that it started, from `getrusage`. Rival, in the same run: the
same rules called one after the other in one process, without deadlines, memory
limits, a second look at the evidence, or memory of results.

    python bench/engine.py [--policies FILE.jsonl] [--count 1582] [--keep DIRECTORY]
"""

import argparse
import contextlib
import hashlib
import importlib
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def documents(source, count):
    """Return policy documents, each with a name."""
    if source is not None:
        lines = Path(source).read_text(encoding="utf-8").splitlines()[:count]
        return [(f"policy-{n:05}", json.loads(line)["Document"]) for n, line in enumerate(lines)]
    return [(f"policy-{n:05}", made(n)) for n in range(count)]


def made(n):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": [f"s3:Get{c}*" for c in "ABC"], "Resource": f"arn:aws:s3:::bucket-{n}/*"},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ],
    }


def spent():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usages)


def measured(what, act):
    wall, cpu = time.perf_counter(), spent()
    said = act()
    print(f"{what:<34} {time.perf_counter() - wall:8.2f} s wall {spent() - cpu:8.2f} s cpu   {said}")


def checked(folder):
    done = subprocess.run([sys.executable, "-m", "probatum", "check", str(folder)], capture_output=True, text=True, check=False)
    return (
        f"exit {done.returncode}: {done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr.strip()[-200:]}"
    )


def bare(folder):
    """Call the rules in a loop, in another process so that its imports are paid for, too."""
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import engine; print(engine.loop({str(folder)!r}))"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def loop(folder):
    from probatum.engine import list_rules
    from probatum.project.config import read_configuration
    from probatum.project.system import MemorySystem
    from probatum.source import Source
    from probatum.tools import Tools

    rules = [r for r in list_rules() if r.system == "access"]
    checks = [importlib.import_module(f"probatum.access.rules.{r.module}").check for r in rules]
    artefacts = importlib.import_module("probatum.access.artefacts")
    options = read_configuration(MemorySystem()).of("access")
    outcomes = refused = 0
    for place in sorted(Path(folder).glob("*.json")):
        try:
            for policy in artefacts.read(Source(place.name, place.read_bytes()), options):
                outcomes += sum(1 for check in checks for _ in check(policy, Tools(options=options)))
        except Exception:  # noqa: BLE001 - whatever a rule refuses is counted
            refused += 1
    return f"{len(rules)} rules, {outcomes} outcomes, {refused} files refused"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--policies")
    parser.add_argument("--count", type=int, default=1582)
    parser.add_argument("--keep")
    options = parser.parse_args()
    found = documents(options.policies, options.count)
    corpus = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]
    print(f"{len(found)} policies, corpus {corpus}, Python {platform.python_version()}, {platform.machine()}")
    with contextlib.ExitStack() as stack:
        folder = Path(options.keep or stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(exist_ok=True)
        for name, document in found:
            (folder / f"{name}.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
        measured("the rules alone, in a loop", lambda: bare(folder))
        measured("a first check", lambda: checked(folder))
        measured("an unchanged check", lambda: checked(folder))
        place = folder / f"{found[0][0]}.json"
        place.write_text(place.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        measured("one file changed", lambda: checked(folder))


if __name__ == "__main__":
    main()
