"""Containment of access policies: our search, our string encoding under cvc5 and z3, and IAMSpy on single requests.

    python bench/access_peers.py [--data DIRECTORY] [--iamspy CHECKOUT [--iamspy-python PYTHON]] [--hard 24] [--decisions 300]

Corpus: `access/managed-policies.jsonl` below the directory of data (argument, or
PROBATUM_DATA, or `../shared/data`), and small policies made here. The question
of the first table is "does A allow a request that B does not?"; every question
is asked in a process of its own, so nothing is warm. Unit: seconds of CPU of
that process after imports; `U` is no answer within the limit. A "no" is counted
only if its request replays by the concrete semantics.

IAMSpy (https://github.com/WithSecureLabs/IAMSpy, from source, needs pydantic<2,
python-dateutil and z3-solver in the interpreter that is named) answers whether
one role may make one request. The second table puts it beside the concrete
semantics on the requests of the first table and on random ones. Where it differs,
the smallest set of readings that turns our answer into its own is named: that is
why. Not asked are what it has no notion of: actions without resource, and
requests with several values for a key. Resources are put into the role's account, so that no resource policy is needed.
"""

import argparse
import itertools
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "access"))

ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
ENGINES = ("search", "cvc5", "z3")


def statement(effect="Allow", action="s3:GetObject", resource="*", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def rows(managed):
    """Return the named questions: (name, A, B)."""
    out = []
    pairs = [
        ("AmazonS3ReadOnlyAccess", "AmazonS3FullAccess"),
        ("SecurityAudit", "ReadOnlyAccess"),
        ("PowerUserAccess", "AdministratorAccess"),
        ("AmazonSageMakerFullAccess", "PowerUserAccess"),
    ]
    forth = [(f"{a} within {b}", managed[a], managed[b]) for a, b in pairs if a in managed and b in managed]
    back = [(f"{b} within {a}", managed[b], managed[a]) for a, b in pairs if a in managed and b in managed]
    everyone = {"Principal": "*"}
    bucket = "arn:aws:s3:::data/*"
    mine = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    outside = {
        "StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"},
        "ArnNotLikeIfExists": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/break-glass/*"},
    }
    strict = {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}}
    perimeter = document(
        statement(resource=bucket, Condition=mine, **everyone),
        statement("Deny", "s3:*", bucket, Condition=outside, **everyone),
    )
    stricter = document(
        statement(resource=bucket, Condition=mine, **everyone),
        statement("Deny", "s3:*", bucket, Condition=strict, **everyone),
    )
    out += [*forth, ("data perimeter with break-glass role within one without", perimeter, stricter)]
    logs = document(statement(resource="arn:aws:s3:::*-logs-*-prod/*/20?5/*.gz"))
    out.append(("nested wildcards", logs, document(statement(resource="arn:aws:s3:::*-logs-eu-*-prod/*/2?25/*"))))
    letters = document(statement(resource="arn:aws:s3:::*a*b*c*d*e*"), statement("Deny", resource="arn:aws:s3:::*e*d*c*b*a*"))
    out.append(("five letters in order, and a deny", letters, document(statement(resource="arn:aws:s3:::*a*c*e*b*"))))
    return [*out, *back]


def hard(policies, count, seed):
    """Return questions about published policies that their actions alone do not answer."""
    from probatum.access.model.matrix import SEARCH, Matrix
    from probatum.access.semantics import Settings

    chance = random.Random(seed)
    names = sorted(chance.sample(sorted(policies), min(250, len(policies))))
    matrix = Matrix([read(policies[n], n) for n in names], Settings())
    left = [(e.a, e.b) for e in matrix.entries() if e.stage == SEARCH]
    chance.shuffle(left)
    chosen = {True: [], False: []}  # half of them contained: proofs are what differs most
    for a, b in left:
        entry, _, _ = matrix.search(a, b)
        if len(chosen[entry.contained]) < count // 2:
            chosen[entry.contained].append((f"{names[a]} within {names[b]}", policies[names[a]], policies[names[b]]))
    return [*chosen[True], *chosen[False]]


def read(value, name="policy"):
    from probatum.access.artefacts import read as read_all
    from probatum.source import Source

    [policy] = read_all(Source(f"{name}.json", json.dumps(value).encode()), {})
    return policy


def answer_one():
    """Answer the question on standard input: what a child process does."""
    asked = json.load(sys.stdin)
    from probatum.access.model import containment, strings
    from probatum.access.semantics import Settings, document_allows
    from probatum.tools import Deadline, OutOfTime

    engine, limit = asked["engine"], asked["timeout_s"]
    a, b = read(asked["a"], "a"), read(asked["b"], "b")
    if engine != "search":
        __import__(engine)
    began = time.process_time()
    request, word = None, "U"
    if engine == "search":
        try:
            found = containment.difference(containment.Sides(a, b, Settings()), deadline=Deadline.after(limit))
        except OutOfTime:
            found = None
        if isinstance(found, containment.Contained):
            word = "yes"
        elif isinstance(found, containment.Difference):
            request = found.request
    else:
        found = strings.difference(a, b, Settings(), solver=engine, timeout_s=limit)
        if isinstance(found, strings.Proved):
            word = "yes"
        elif isinstance(found, strings.Witness):
            request = found.request
    if request is not None:
        replays = document_allows(a, request, Settings()) and not document_allows(b, request, Settings())
        word = "no" if replays else "WRONG"
    spent = time.process_time() - began
    json.dump({"answer": word, "cpu_s": spent, "request": request and request.to_json()}, sys.stdout)


def ask(engine, a, b, timeout_s):
    asked = json.dumps({"engine": engine, "a": a, "b": b, "timeout_s": timeout_s})
    command = [sys.executable, str(Path(__file__).resolve()), "--answer"]
    try:
        done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=2 * timeout_s + 20, check=False)
    except subprocess.TimeoutExpired:
        return {"answer": "U", "cpu_s": float("nan"), "request": None}
    if done.returncode:
        return {"answer": "CRASH", "cpu_s": float("nan"), "request": None}
    return json.loads(done.stdout)


def containment_table(questions, timeout_s):
    print(f"| A within B? | answer | {' | '.join(ENGINES)} |\n| --- | --- |{' --- |' * len(ENGINES)}")
    decisions = []
    kept = []
    for name, a, b in questions:
        found = {e: ask(e, a, b, timeout_s) for e in ENGINES}
        words = {f["answer"] for f in found.values()} - {"U"}
        verdict = words.pop() if len(words) == 1 else "U" if not words else "DISAGREE"
        cells = [f"{'' if f['answer'] == verdict else f['answer'] + ' '}{f['cpu_s']:.3f}" for f in found.values()]
        print(f"| {name} | {verdict} | {' | '.join(cells)} |", flush=True)
        kept.append((name, verdict, found))
        decisions += [(p, f["request"]) for f in found.values() if f["request"] for p in (a, b)]
    for title, part in (("named", kept[: len(kept) - COUNT["hard"]]), ("sampled", kept[len(kept) - COUNT["hard"] :])):
        for engine in ENGINES:
            times = [f[engine]["cpu_s"] for _, _, f in part]
            unknown = sum(f[engine]["answer"] == "U" for _, _, f in part)
            if times:
                print(
                    f"- {title}, {engine}: {sum(times):.2f} s, longest {max(times):.2f} s, {unknown} of {len(part)} without answer"
                )
    print(f"- disagreements: {sum(v in ('DISAGREE', 'WRONG', 'CRASH') for _, v, _ in kept)} of {len(kept)}\n")
    return decisions


# One role, one request: IAMSpy.

DRIVER = r"""
import json, logging, sys, tempfile, os
sys.path.insert(0, sys.argv[1])
logging.disable(logging.CRITICAL)
from iamspy import Model
import time
for line in sys.stdin:
    asked = json.loads(line)
    began = time.process_time()
    try:
        with tempfile.TemporaryDirectory() as place:
            gaad, given = os.path.join(place, "gaad.json"), os.path.join(place, "conditions.json")
            json.dump(asked["gaad"], open(gaad, "w"))
            json.dump(asked["conditions"], open(given, "w"))
            model = Model()
            model.load_gaad(gaad)
            said = model.can_i(asked["source"], asked["action"], asked["resource"], condition_file=given, strict_conditions=True)
    except Exception as problem:
        said = f"{type(problem).__name__}"
    print(json.dumps([said, time.process_time() - began]), flush=True)
"""


def account_of(value):
    when = "2020-01-01T00:00:00+00:00"
    trust = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"})
    role = {
        "Path": "/",
        "RoleName": "r",
        "RoleId": "AROAAAAAAAAAAAAAAAAAA",
        "Arn": ROLE,
        "CreateDate": when,
        "AssumeRolePolicyDocument": trust,
        "InstanceProfileList": [],
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": value}],
        "AttachedManagedPolicies": [],
        "Tags": [],
        "RoleLastUsed": {},
    }
    return {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}


def given(value, context):
    """Say what a request's context is, as conditions of the types that the policy reads the keys with."""
    out = {}
    spelled = {}
    for s in listed(value["Statement"]):
        for name, keys in s.get("Condition", {}).items():
            base = name.split(":")[-1].removesuffix("IfExists").replace("Not", "")
            for key in keys:
                spelled.setdefault(key.lower(), []).append((key, base))
    for key, values in context.items():
        for text, base in dict.fromkeys(spelled.get(key, [(key, "StringEquals")])):
            family = next((f for f in ("Numeric", "Date") if base.startswith(f)), None)
            operator = f"{family}Equals" if family else base if base in ("Bool", "IpAddress", "BinaryEquals") else "StringEquals"
            operator = "ArnEquals" if base.startswith("Arn") else operator
            out.setdefault(operator, {})[text] = values[0]
    return out


def listed(value):
    return value if isinstance(value, list) else [value]


# How its reading differs from the documented one, as changes to policy and request that make our semantics read so.


def _each(value, change):
    out = json.loads(json.dumps(value))
    out["Statement"] = [s for old in listed(out["Statement"]) for s in change(old)]
    return out


def without_set_operators(value, request):
    def change(s):
        if "Condition" in s:
            s["Condition"] = {name: keys for name, keys in s["Condition"].items() if ":" not in name}
        return [s]

    return _each(value, change), request


def negated_requires_key(value, request):
    def change(s):
        missing = {}
        for name, keys in s.get("Condition", {}).items():
            if "Not" in name and not name.endswith("IfExists") and ":" not in name:
                missing |= dict.fromkeys(keys, "false")
        if not missing:
            return [s]
        s["Condition"].setdefault("Null", {}).update(
            {k: v for k, v in missing.items() if k not in s["Condition"].get("Null", {})}
        )
        return [s]

    return _each(value, change), request


def if_exists_does_not_deny(value, request):
    def change(s):
        if s["Effect"] == "Deny" and "Condition" in s:
            s["Condition"] = {name.removesuffix("IfExists"): keys for name, keys in s["Condition"].items()}
        return [s]

    return _each(value, change), request


def resources_ignore_case(value, request):
    def change(s):
        for name in ("Resource", "NotResource"):
            if name in s:
                s[name] = [r.lower() for r in listed(s[name])]
        return [s]

    return _each(value, change), request | {"resource": request["resource"].lower()}


def any_not_resource(value, request):
    def change(s):
        return [{**s, "NotResource": r} for r in listed(s["NotResource"])] if "NotResource" in s else [s]

    return _each(value, change), request


def variables_are_text(value, request):
    return {**value, "Version": "2008-10-17"}, request


def stars_cross_colons(value, request):
    return value, request | {"arn_mode": "flat"}


def case_insensitive_operator_reads_another_key(value, request):
    def change(s):
        if "Condition" in s:
            s["Condition"] = {name: keys for name, keys in s["Condition"].items() if "IgnoreCase" not in name}
        return [s]

    return _each(value, change), request


READINGS = {
    "conditions with ForAnyValue and ForAllValues are skipped": without_set_operators,
    "a negated operator is false of an absent key": negated_requires_key,
    "IfExists says nothing of an absent key, so that a deny may not hold": if_exists_does_not_deny,
    "case of resources is ignored": resources_ignore_case,
    "NotResource needs one of its patterns to fail, not all": any_not_resource,
    "policy variables are plain text": variables_are_text,
    "wildcards cross the colons of an ARN": stars_cross_colons,
    "IgnoreCase operators read a key that nothing binds": case_insensitive_operator_reads_another_key,
}


def ours(value, request):
    from probatum.access.semantics import Request, Settings, document_allows

    plain = {k: v for k, v in request.items() if k != "arn_mode"}
    return document_allows(read(value), Request.from_json(plain), Settings(request.get("arn_mode", "segments")))


def reason(value, request, said):
    """Return the smallest set of readings under which we say the same."""
    for size in range(1, 4):
        for names in itertools.combinations(READINGS, size):
            changed = value, request
            for name in names:
                changed = READINGS[name](*changed)
            if ours(*changed) is said:
                return "; and ".join(names)
    return "unexplained"


def random_decisions(count, seed):
    import policy_strategies as some

    chance = random.Random(seed)
    out = []
    while len(out) < count:
        value = some.document(chance)
        request = some.request(chance, some.policy(value)).to_json()
        if request["resource"] != "*" and all(len(v) == 1 for v in request["context"].values()):
            out.append((value, request))
    return out


def by_role(request):
    """Return a request as made by the role that the rival knows, which has these keys, and for a resource of its account."""
    parts = request["resource"].split(":", 5)
    if parts[4]:
        parts[4] = ACCOUNT
    context = {k.lower(): v for k, v in request["context"].items() if k.lower() != "aws:username"}
    context |= {"aws:principalarn": [ROLE], "aws:principalaccount": [ACCOUNT]}
    caller = {"kind": "role-session", "name": f"arn:aws:sts::{ACCOUNT}:assumed-role/r/x", "role": ROLE, "account": ACCOUNT}
    resource = {"resource": ":".join(parts), "resource_account": ACCOUNT}
    return request | {"principal": caller, "context": context} | resource


def iamspy_table(checkout, python, groups):
    with tempfile.TemporaryDirectory() as place:
        driver = Path(place) / "driver.py"
        driver.write_text(DRIVER)
        command = [python, str(driver), str(checkout)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            print("| requests | asked | same | more permissive | stricter | no answer | CPU s, IAMSpy | CPU s, ours |")
            print("| --- | --- | --- | --- | --- | --- | --- | --- |")
            why, examples, failures = Counter(), {}, Counter()
            for title, decisions in groups:
                tally, theirs, own = Counter(), 0.0, 0.0
                for value, request in decisions:
                    asked = {
                        "gaad": account_of(value),
                        "source": ROLE,
                        "action": request["action"],
                        "resource": request["resource"],
                        "conditions": given(value, request["context"]),
                    }
                    child.stdin.write(json.dumps(asked) + "\n")
                    child.stdin.flush()
                    said, spent = json.loads(child.stdout.readline())
                    theirs += spent
                    began = time.process_time()
                    mine = ours(value, request)
                    own += time.process_time() - began
                    if not isinstance(said, bool):
                        tally["none"] += 1
                        failures[said] += 1
                    elif said is mine:
                        tally["same"] += 1
                    else:
                        tally["more" if said else "less"] += 1
                        text = reason(value, request, said)
                        why[text] += 1
                        examples.setdefault(text, (value, request, mine))
                cells = [tally[k] for k in ("same", "more", "less", "none")]
                print(f"| {title} | {len(decisions)} | {' | '.join(map(str, cells))} | {theirs:.1f} | {own:.2f} |", flush=True)
            child.stdin.close()
    print("\nWhy IAMSpy differs (the smallest set of readings that gives its answer):\n")
    for text, count in why.most_common():
        value, request, mine = examples[text]
        print(f"- {count}: {text}; for example we say {'allowed' if mine else 'denied'} of `{request['action']}` on", end=" ")
        print(f"`{request['resource']}` with {json.dumps(request['context'])} under `{json.dumps(value['Statement'])[:400]}`")
    if failures:
        print(f"- no answer: {dict(failures)}")


COUNT = {"hard": 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, default=os.environ.get("PROBATUM_DATA", "../shared/data"))
    parser.add_argument("--iamspy", type=Path, help="checkout of IAMSpy")
    parser.add_argument("--iamspy-python", default=sys.executable, help="interpreter that has what it needs")
    parser.add_argument("--hard", type=int, default=24)
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds for each question")
    options = parser.parse_args()
    if options.answer:
        answer_one()
        return
    corpus = Path(options.data) / "access" / "managed-policies.jsonl"
    managed = {}
    if corpus.exists():
        lines = corpus.read_text(encoding="utf-8").splitlines()
        managed = {one["PolicyName"]: one["Document"] for one in map(json.loads, lines)}
    else:
        print(f"NO CORPUS: `{corpus}` does not exist; only the policies made here are compared\n")
    versions = [f"Python {platform.python_version()}", f"{os.cpu_count()} CPUs"]
    for name in ("cvc5", "z3"):
        module = __import__(name)
        versions.append(f"{name} {module.get_version_string() if name == 'z3' else module.__version__}")
    print(f"{', '.join(versions)}; seed {options.seed}, limit {options.timeout:g} s\n")
    sampled = hard(managed, options.hard, options.seed) if managed and options.hard else []
    COUNT["hard"] = len(sampled)
    decisions = containment_table([*rows(managed), *sampled], options.timeout)
    if options.iamspy is None or not (options.iamspy / "iamspy").is_dir():
        print("SKIPPED IAMSpy: name a checkout of it with --iamspy")
        return
    one_value = [
        (value, by_role(request))
        for value, request in decisions
        if request["resource"] != "*"
        and all(len(v) == 1 for v in request["context"].values())
        and not any("Principal" in s for s in listed(value["Statement"]))
    ]
    unique = list({json.dumps(d, sort_keys=True): d for d in one_value}.values())
    random_ones = [(value, by_role(request)) for value, request in random_decisions(options.decisions, options.seed)]
    groups = [("witnesses of the first table, by A and by B", unique), ("random policies and requests", random_ones)]
    iamspy_table(options.iamspy.resolve(), options.iamspy_python, groups)


if __name__ == "__main__":
    main()
