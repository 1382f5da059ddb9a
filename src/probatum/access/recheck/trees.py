"""Follow the trees of a containment: "everything that A allows, B allows too".

The reader derives from the two documents which questions must be answered (one
for each allow of A, and one for each allow of A with each deny of B) and by
which callers, and takes what is assumed at the root: the statements match, the
facts hold. A split names a statement that must not match, so one of its
elements fails, and each element has a branch. A leaf names assumptions about
one dimension that no value satisfies. Nothing else closes a branch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from probatum.access.artefacts import Condition, Policy, Statement
from probatum.access.recheck.values import Literal, Values
from probatum.access.semantics import Settings, axioms, glob, named
from probatum.access.semantics.callers import CallerClass, classes
from probatum.access.semantics.patterns import fold
from probatum.errors import ProbatumError
from probatum.source import Location, digest_of

_Place = tuple[str, int]  # "a" or "b", and the number of a statement
_Path = dict[tuple[Any, ...], Literal]  # what is assumed, by its name


class Invalid(Exception):
    """The certificate does not show what it claims; says where."""


def verify(certificate: Mapping[str, Any], a: Policy, b: Policy) -> None:
    """Check that everything A allows is allowed by B. Raises `Invalid`."""
    try:
        if certificate["seal"] != digest_of({k: v for k, v in certificate.items() if k != "seal"}):
            raise Invalid("the certificate was altered: its content does not match its seal")
        _Reader(certificate, a, b).verify(certificate["closures"])
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, ProbatumError) as problem:
        raise Invalid(f"the certificate is malformed ({problem})") from None


class _Reader:
    def __init__(self, certificate: Mapping[str, Any], a: Policy, b: Policy) -> None:
        if a.kind.names_principals is not b.kind.names_principals:
            raise Invalid("only one of the policies says who is allowed")
        if a.unsupported or b.unsupported:
            raise Invalid("a policy says something that has no meaning here")
        self.policies = {"a": a, "b": b}
        self.axioms = certificate["axioms"] is True
        self.joined = self.axioms and axioms.account_is_in_arn((a, b))
        self.keys = axioms.keys_of((a, b))
        sets = {c.key for p in (a, b) for s in p.statements for c in s.conditions if c.operator.quantifier}
        modes = Settings(certificate["arn_mode"], certificate["multivalue"])
        self.values = Values(modes, sets, axioms_hold=self.axioms, joined=self.joined)
        self.empty: set[frozenset[Literal]] = set()  # leaves that were checked; the same few close most branches

    def verify(self, closures: Any) -> None:
        a, b = self.policies["a"], self.policies["b"]
        answered = {
            (number, tuple((side, index) for side, index in closure["positives"])): closure["jobs"]
            for closure in closures
            for number in closure["callers"] or [None]
        }
        everyone: Sequence[CallerClass | None] = classes((a, b)) if a.kind.names_principals else [None]
        for position, klass in enumerate(everyone):
            allows, denies = (self.about("a", klass, allows=sign) for sign in (True, False))
            others, limits = (self.about("b", klass, allows=sign) for sign in (True, False))
            questions: list[tuple[tuple[_Place, ...], set[_Place]]] = [((one,), {*denies, *others}) for one in allows]
            questions += [((one, deny), set(denies)) for one in allows for deny in limits]
            for positives, negatives in questions:
                jobs = answered[None if klass is None else position, positives]
                self.question(positives, negatives, jobs, klass)

    def about(self, side: str, klass: CallerClass | None, *, allows: bool) -> list[_Place]:
        statements = (s for s in self.policies[side].statements if s.allows is allows)
        return [(side, s.index) for s in statements if klass is None or named(s, klass.caller)]

    def question(self, positives: tuple[_Place, ...], negatives: set[_Place], jobs: Any, klass: CallerClass | None) -> None:
        first, *rest = (self.policies[side].statements[index] for side, index in positives)
        path: _Path = {}
        for number, condition in enumerate(axioms.facts(self.keys, klass) if self.axioms else ()):
            path["fact", number] = self.condition(condition, variables=False)
        for side, index in positives:
            path |= {(side, index, place, True): x for place, x in enumerate(self.literals(side, index))}
        self.cover(first, rest, jobs)
        for job in jobs:
            own = path[*positives[0], 0, True] if job["actions"] is None else ("action", tuple(job["actions"]), True)
            self.follow(job["tree"], path | {("job",): own}, negatives)

    def cover(self, first: Statement, rest: Sequence[Statement], jobs: Any) -> None:
        """Check that every action of the first statement is in some job, or is none of the other statements'."""
        if first.not_actions:
            if all(job["actions"] is not None for job in jobs):
                raise Invalid("actions outside those excepted are not covered")
            return
        for action in {fold(p) for p in first.actions} - {p for job in jobs for p in job["actions"]}:
            elsewhere = any(any(glob(fold(p), action) for p in s.actions) is s.not_actions for s in rest)
            if set(action) & {"*", "?"} or not elsewhere:
                raise Invalid(f"action `{action}` is not covered")

    def follow(self, tree: Any, path: _Path, negatives: set[_Place]) -> None:
        if tree[0] == "closed":
            core = frozenset(path[tuple(name)] for name in tree[1:])
            if core not in self.empty and self.values.some(core):
                raise Invalid("a leaf leaves a value")
            self.empty.add(core)
            return
        word, (kind, number), cases = tree
        if word != "split" or (kind != "axiom" and (kind, number) not in negatives):
            raise Invalid(f"statement {number} of {kind} may match, so it cannot be split on")
        names: list[tuple[Any, ...]] = []
        if kind == "axiom":
            options = self.clause(number)
            names = [("axiom", number, place) for place in range(len(options))]
        else:
            options = [(dimension, what, not true) for dimension, what, true in self.literals(kind, number)]
            names = [(kind, number, place, False) for place in range(len(options))]
        for name, option, case in zip(names, options, cases, strict=True):
            self.follow(case, path | {name: option}, negatives)

    def clause(self, number: int) -> list[Literal]:
        if not self.axioms or number < 0:
            raise Invalid("no such axiom is assumed")
        found = [(self.condition(c, variables=False), sign) for c, sign in axioms.clauses(self.keys)[number]]
        return [(dimension, what, sign) for (dimension, what, _), sign in found]

    def literals(self, side: str, index: int) -> list[Literal]:
        """Return the elements of a statement: it matches if all of them are true."""
        policy = self.policies[side]
        s = policy.statements[index]
        out: list[Literal] = [("action", tuple(fold(p) for p in s.actions), not s.not_actions)]
        if s.resources is not None:
            out.append(("resource", (s.resources, policy.kind, policy.variables_active), not s.not_resources))
        return out + [self.condition(c, variables=policy.variables_active) for c in s.conditions]

    def condition(self, c: Condition, *, variables: bool) -> Literal:
        key = axioms.ARN if self.joined and c.key == axioms.ACCOUNT else c.key
        return f"key:{key}", (replace(c, location=Location(""), key_text="", value_locations=()), variables), True
