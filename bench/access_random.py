"""Do search and meaning agree, and does the checker of proofs refuse what is wrong? On random policies.

    python bench/access_random.py [--requests 100000] [--mutations 1000] [--seed 0] [--jobs N]

Corpus: the random policies and requests of `tests/access/policy_strategies.py`.

1. A policy and a request. Concrete: does the policy allow it (`semantics`)?
   Symbolic: is the policy contained in one that allows everything but this very
   request (`containment`)? The first must be true where the second is false. Requests
   that the search finds are replayed by the concrete semantics on the way.
2. Certificates of containment in which one thing is altered, in ways that make
   them wrong: either a part that is needed is missing or points elsewhere, or what
   the certificate then claims is false, as a replayed request shows. The checker
   (`recheck.verify`) must refuse every one, and accept the original.

Units: pairs and mutations, seconds of wall clock and of CPU in the children.
Ends with status 1 if anything disagrees.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "access"))

import policy_strategies as strategies

from probatum.access.artefacts import Condition, Kind, Operator, Policy, Principal, Principals, Statement
from probatum.access.model.atoms import Vocabulary
from probatum.access.model.certificate import certificate
from probatum.access.model.containment import Answer, Contained, Difference, Sides, difference
from probatum.access.recheck import Invalid, verify
from probatum.access.semantics import Caller, Request, Settings, document_allows
from probatum.access.semantics.keys import may_hold_several
from probatum.runner import Done, runner_for
from probatum.source import Location

NOWHERE = Location("")
REQUESTS_PER_POLICY = 5
ARN = "aws:principalarn"
SERVICE = "aws:principalservicename"
SESSION = "arn:aws:sts::222222222222:assumed-role/r/s"  # the one that policies name
SETTINGS = [Settings(a, m) for a in ("segments", "flat") for m in ("never", "any")]


# 1. Everything but one request, as a policy.


def all_but(request: Request, policy: Policy) -> Policy:
    """A policy that allows every request but this, as far as `policy` can tell requests apart."""
    out: list[Statement] = []

    def allow(
        *conditions: tuple[str, str, str, tuple[str, ...]],
        actions: tuple[str, ...] = (),
        resources: tuple[str, ...] = ("*",),
        but_resources: bool = False,
        principals: tuple[Principal, ...] = (),
        but: bool = False,
    ) -> None:
        who = Principals(principals or (Principal("*", "*"),), but, NOWHERE) if policy.kind.names_principals else None
        out.append(
            Statement(
                index=len(out),
                sid="",
                effect="Allow",
                principals=who,
                actions=actions or ("*",),
                not_actions=bool(actions),
                resources=resources,
                not_resources=but_resources,
                conditions=tuple(Condition(Operator(n, q), k, k, v, NOWHERE) for q, n, k, v in conditions),
                location=NOWHERE,
            )
        )

    allow(actions=(request.action,))
    if request.resource == "*":  # the one resource that is no ARN
        allow(resources=("arn:*:*:*:*:*",))
    else:
        allow(resources=(request.resource,), but_resources=True)
    # Other keys make no difference: no condition reads them, and the one variable there is names this one.
    for key in sorted({c.key for s in policy.statements for c in s.conditions} | {"aws:username"}):
        values = request.context.get(key, ())
        if not values:
            allow(("", "Null", key, ("false",)))
            continue
        allow(("", "Null", key, ("true",)))
        allow(("ForAnyValue", "StringNotEquals", key, values))
        for value in values:
            allow(("", "Null", key, ("false",)), ("ForAllValues", "StringNotEquals", key, (value,)))
    if policy.kind.names_principals:
        caller = request.principal
        if caller.kind == "anonymous":
            allow(("", "Null", ARN, ("false",)))
            allow(("", "Null", SERVICE, ("false",)))
        elif caller.kind == "service":
            allow(principals=(Principal("Service", caller.name),), but=True)
        else:
            allow(("", "StringNotEquals", ARN, request.context[ARN]))
            if caller.kind == "role-session":
                allow(principals=(Principal("AWS", SESSION),), but=caller.name == SESSION)
    return replace(policy, path="everything but one", kind=Kind.RESOURCE if policy.kind.names_principals else Kind.IDENTITY,
                   version="2012-10-17", statements=tuple(out))  # fmt: skip


def possible(request: Request, policy: Policy) -> Request:
    """The request, by a caller that the engine tells apart: a session has a name."""
    caller = request.principal
    if caller.kind == "role-session" and not caller.name:
        name = "arn:aws:sts::222222222222:assumed-role/r/another"
        request = replace(request, principal=Caller("role-session", name, caller.role))
    elif caller.kind == "role-session" and not caller.role:
        request = replace(request, principal=replace(caller, role="arn:aws:iam::222222222222:role/r"))
    # One value for keys that hold one.
    sets = {c.key for s in policy.statements for c in s.conditions if c.operator.quantifier}
    kept = {k: v if may_hold_several(k, k in sets) else v[:1] for k, v in request.context.items()}
    return replace(request, context=kept)


def agree(item: dict[str, Any]) -> dict[str, Any]:
    """Compare the two on many pairs; return counts and the disagreements."""
    chance = random.Random(item["seed"])
    counts: Counter[str] = Counter()
    wrong: list[Any] = []
    while counts["pairs"] < item["pairs"]:
        document = strategies.document(chance, principals=chance.random() < 0.4)
        policy = strategies.policy(document)
        settings = chance.choice(SETTINGS)
        vocabulary = Vocabulary()
        for _ in range(REQUESTS_PER_POLICY):
            request = possible(strategies.request(chance, policy), policy)
            # Most requests are allowed by nothing: half of the time, look for one that is.
            tries = chance.choice((0, 30))
            while tries and not document_allows(policy, request, settings):
                request, tries = possible(strategies.request(chance, policy), policy), tries - 1
            concrete = document_allows(policy, request, settings)
            answer = difference(Sides(policy, all_but(request, policy), settings, vocabulary=vocabulary))
            if not isinstance(answer, Contained | Difference):
                counts["not decided by search, and not counted"] += 1
                counts[f"  {re.sub('`[^`]*`', '..', answer.reason)}"] += 1
                continue
            federated = isinstance(answer, Difference) and answer.request.principal.kind in ("web-identity", "saml")
            if federated and request.principal.kind == "anonymous":
                counts[
                    "not counted: only the caller's provider tells it from an anonymous one, and a policy cannot say that"
                ] += 1
                continue
            counts["pairs"] += 1
            counts["allowed" if concrete else "not allowed"] += 1
            if isinstance(answer, Difference) is not concrete:
                wrong.append([document, request.to_json(), settings.arn_mode, settings.multivalue, concrete])
    return {"counts": counts, "wrong": wrong[:3], "disagree": len(wrong)}


# 2. Certificates that are wrong.


def leaves(tree: list[Any]) -> Iterator[list[Any]]:
    if tree[0] == "closed":
        yield tree
    else:
        for case in tree[2]:
            yield from leaves(case)


def splits(tree: list[Any]) -> Iterator[list[Any]]:
    if tree[0] == "split":
        yield tree
        for case in tree[2]:
            yield from splits(case)


def trees(proof: dict[str, Any]) -> list[list[Any]]:
    return [job["tree"] for closure in proof["closures"] for job in closure["jobs"]]


def altered(chance: random.Random, proof: dict[str, Any], a: Policy, b: Policy, kind: str) -> tuple[Any, Policy, Policy] | None:
    """A wrong certificate, with the policies it is said to be about; None if this kind of change has no place here."""
    out = copy.deepcopy(proof)
    closures = out["closures"]
    jobs = [(closure, job) for closure in closures for job in closure["jobs"]]
    if kind == "drop a closure" and closures:
        del closures[chance.randrange(len(closures))]
        return out, a, b
    if kind == "drop a job" and jobs:
        closure, job = chance.choice(jobs)
        closure["jobs"].remove(job)
        return out, a, b
    if kind == "drop an action" and (some := [job for _, job in jobs if job["actions"] and len(job["actions"]) > 1]):
        actions = chance.choice(some)["actions"]
        del actions[chance.randrange(len(actions))]
        return out, a, b
    if kind == "drop a case" and (found := [s for t in trees(out) for s in splits(t)]):
        cases = chance.choice(found)[2]
        del cases[chance.randrange(len(cases))]
        return out, a, b
    closed = [leaf for t in trees(out) for leaf in leaves(t) if len(leaf) > 1]
    if kind == "negate a literal" and (found := [(x, r) for x in closed for r in range(1, len(x)) if len(x[r]) == 4]):
        leaf, place = chance.choice(found)
        side, index, element, sign = leaf[place]
        opposite = [side, index, element, not sign]
        if opposite not in leaf:
            leaf[place] = opposite
            return out, a, b
    if kind == "point elsewhere" and closed:
        leaf = chance.choice(closed)
        leaf[chance.randrange(1, len(leaf))] = chance.choice([["a", 90, 0, True], ["fact", 90], ["axiom", 90, 0], ["x"], None, 3])
        return out, a, b
    if kind == "empty a leaf" and closed:
        del chance.choice(closed)[1:]
        return out, a, b
    if kind == "other callers" and (found := [c for c in closures if c["callers"]]):
        numbers = chance.choice(found)["callers"]
        numbers[chance.randrange(len(numbers))] = 900
        return out, a, b
    if kind == "another question" and closures:
        positive = chance.choice(closures)["positives"][0]
        positive[1] += 90
        return out, a, b
    # What follows is wrong because the claim is: a request shows it.
    if kind == "swap the policies" and _differ(b, a, out):
        return out, b, a
    if kind == "another A" and _differ(wider := _changed(chance, a), b, out):
        return out, wider, b
    if kind == "another B" and _differ(a, narrower := _changed(chance, b), out):
        return out, a, narrower
    if kind == "without axioms":
        out["axioms"] = False
    elif kind == "other arn mode":
        out["arn_mode"] = "flat" if out["arn_mode"] == "segments" else "segments"
    elif kind == "other multivalue":
        out["multivalue"] = "any" if out["multivalue"] == "never" else "never"
    else:
        return None
    return (out, a, b) if _differ(a, b, out) else None


KINDS = (
    "drop a closure",
    "drop a job",
    "drop an action",
    "drop a case",
    "negate a literal",
    "point elsewhere",
    "empty a leaf",
    "other callers",
    "another question",
    "swap the policies",
    "another A",
    "another B",
    "without axioms",
    "other arn mode",
    "other multivalue",
)


def _changed(chance: random.Random, policy: Policy) -> Policy:
    """The policy with the effect, the resources or the conditions of one statement changed."""
    index = chance.randrange(len(policy.statements))
    s = policy.statements[index]
    match chance.randrange(3):
        case 0:
            s = replace(s, effect="Deny" if s.allows else "Allow")
        case 1:
            s = replace(s, conditions=())
        case _:
            s = replace(s, not_resources=not s.not_resources)
    return replace(policy, statements=(*policy.statements[:index], s, *policy.statements[index + 1 :]))


def _differ(a: Policy, b: Policy, proof: dict[str, Any]) -> bool:
    if a.kind.names_principals is not b.kind.names_principals:
        return False
    settings = Settings(proof["arn_mode"], proof["multivalue"])
    answer: Answer = difference(Sides(a, b, settings, axioms_hold=proof["axioms"]))
    return isinstance(answer, Difference)


def refuse(item: dict[str, Any]) -> dict[str, Any]:
    """Alter certificates; return how many were refused, by kind, and those that were not."""
    chance = random.Random(f"certificates {item['seed']}")
    counts: Counter[str] = Counter()
    wrong: list[Any] = []
    kinds = list(KINDS)
    while counts["mutations"] < item["mutations"]:
        principals = chance.random() < 0.4
        one = strategies.document(chance, principals=principals)
        other = strategies.mutated(chance, one, principals=principals)
        a, b = strategies.policy(one), strategies.policy(other)
        if a.kind.names_principals is not b.kind.names_principals:
            continue
        settings = chance.choice(SETTINGS)
        sides = Sides(a, b, settings)
        answer = difference(sides)
        if not isinstance(answer, Contained) or not answer.closures:
            continue
        proof = json.loads(json.dumps(certificate(answer, sides)))
        counts["certificates"] += 1
        try:
            verify(proof, a, b)
        except Invalid as problem:
            wrong.append(["refused", str(problem), one, other])
            continue
        # Rare kinds first, so that every kind has its share.
        for kind in sorted(kinds, key=lambda k: (counts[k], chance.random()))[:6]:
            change = altered(chance, proof, a, b, kind)
            if change is None or counts["mutations"] >= item["mutations"]:
                continue
            counts["mutations"] += 1
            counts[kind] += 1
            try:
                verify(*change)
            except Exception as problem:  # noqa: BLE001 - whatever it raises, it does not accept; the kind is counted
                counts[f"by {type(problem).__name__}"] += 1
            else:
                wrong.append([kind, one, other, settings.arn_mode, settings.multivalue, change[0]])
    return {"counts": counts, "wrong": wrong[:3], "disagree": len(wrong)}


def run(function: str, items: list[dict[str, Any]], jobs: int | None) -> tuple[Counter[str], list[Any], int, float]:
    counts: Counter[str] = Counter()
    wrong: list[Any] = []
    disagree, cpu = 0, 0.0
    with runner_for("local", jobs) as runner:
        for result in runner.map(f"access_random:{function}", items, timeout_s=3600):
            if not isinstance(result, Done):
                raise SystemExit(f"a part of the benchmark failed: {result}")
            counts.update(result.value["counts"])
            wrong += result.value["wrong"]
            disagree += result.value["disagree"]
            cpu += result.cpu_s
    return counts, wrong, disagree, cpu


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--mutations", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int)
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, seed {asked.seed}")
    bad = 0
    for function, unit, total, part in (("agree", "pairs", asked.requests, 500), ("refuse", "mutations", asked.mutations, 100)):
        items = [{"seed": f"{asked.seed}/{n}", unit: min(part, total - n)} for n in range(0, total, part)]
        began = time.monotonic()
        counts, wrong, disagree, cpu = run(function, items, asked.jobs)
        print(f"{counts[unit]:,} {unit}: {time.monotonic() - began:.0f} s wall, {cpu:.0f} s CPU, {disagree:,} wrong")
        for name, number in sorted(counts.items(), key=lambda x: -x[1]):
            if name != unit:
                print(f"{number:>12,}  {name}")
        for case in wrong[:5]:
            print(f"wrong: {json.dumps(case)}")
        bad += disagree
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
