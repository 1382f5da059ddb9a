"""Verify evidence about access policies, without search, solver or anything that found it.

A request is replayed by the concrete semantics. A containment, "everything that
A allows, B allows too", comes as closed trees. The reader here derives from the
two documents which questions must be answered (one for each allow of A, and one
for each allow of A with each deny of B) and by which callers; takes what is
assumed at the root (the statement matches, the facts hold); and follows the
tree. A split names a statement that must not match, so one of its elements
fails, and each element has a branch. A leaf names assumptions about one
dimension that no value satisfies, which is checked here by automata of a few
lines and by samples that represent all values. Nothing else closes a branch.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from probatum.access.artefacts import Condition, Operator, Policy, Statement
from probatum.access.semantics import Caller, Request, Settings, axioms, condition_holds, document_allows, glob, named
from probatum.access.semantics.callers import CallerClass, classes
from probatum.access.semantics.conditions import moment
from probatum.access.semantics.keys import TRUTH, may_hold_several
from probatum.access.semantics.patterns import ANY, ONE, resource_parts, split_pattern, substitute, tokenise
from probatum.access.semantics.public import public_by_s3
from probatum.access.semantics.references import pair_of
from probatum.evidence import CONFIRMED, Counterexample, Evidence, Proof, Recheck
from probatum.source import Location, Source

Literal = tuple[str, Any, bool]  # (dimension, what is said of it, whether it is true)
_Said = tuple[Condition, bool, bool]  # a condition, whether its policy has variables, whether it is true
_Pattern = list[tuple[str, bool, bool]]  # a character or wildcard; whether it stops at colons; whether case is ignored
_nobody, _nowhere = Caller("anonymous"), Location("")


class Invalid(Exception):
    """The certificate does not show what it claims; says where."""


def recheck(artefact: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute evidence about a policy; see `probatum.evidence.Recheck`."""
    try:
        if isinstance(evidence, Counterexample) and evidence.method == "access/request/1":
            return _replay(evidence.given, artefact, inputs)
        if isinstance(evidence, Counterexample) and evidence.method == "access/requests/1":
            answers = [_replay(case, artefact, inputs) for case in evidence.given["cases"]]
            return next(
                (a for a in answers if a != CONFIRMED), CONFIRMED if answers else Recheck("refuted", "there is no request")
            )
        if isinstance(evidence, Proof) and evidence.method == "access/containment/1":
            claim = evidence.certificate["claim"]
            if claim.get("s3_definition") and not public_by_s3(artefact):
                return Recheck("refuted", "S3's definition does not cover the policy")
            verify(evidence.certificate, *pair_of(claim, artefact, inputs))
            return CONFIRMED
    except Invalid as problem:
        return Recheck("refuted", str(problem))
    except LookupError as problem:
        return Recheck("cannot", f"the evidence needs {problem}, which is not there")
    except (TypeError, ValueError, AttributeError) as problem:
        return Recheck("refuted", f"the evidence is malformed ({problem})")
    return Recheck("cannot", f"`{evidence.method}` is not a method that this version can check")


def _replay(given: Mapping[str, Any], artefact: Policy, inputs: Mapping[str, Source]) -> Recheck:
    settings = Settings(given["arn_mode"], given["multivalue"])
    a, b = pair_of(given["claim"], artefact, inputs)
    request = Request.from_json(given["request"])
    if not document_allows(a, request, settings):
        return Recheck("refuted", "the request is not allowed")
    return Recheck("refuted", "the request is within the limit") if document_allows(b, request, settings) else CONFIRMED


def verify(certificate: Mapping[str, Any], a: Policy, b: Policy) -> None:
    """Check that everything A allows is allowed by B. Raises `Invalid`."""
    _Reader(certificate, a, b).verify()


class _Reader:
    def __init__(self, certificate: Mapping[str, Any], a: Policy, b: Policy) -> None:
        self.policies = {"a": a, "b": b}
        self.settings = Settings(certificate["arn_mode"], certificate["multivalue"])
        self.axioms = certificate["axioms"] is True
        self.joined = self.axioms and axioms.account_is_in_arn((a, b))
        self.keys = axioms.keys_of((a, b))
        self.sets = {c.key for p in (a, b) for s in p.statements for c in s.conditions if c.operator.quantifier}
        self.closures = certificate["closures"]
        self.leaves: set[frozenset[Any]] = set()
        if a.unsupported or b.unsupported:
            raise Invalid("a policy says something that has no meaning here")

    def verify(self) -> None:
        a, b = self.policies["a"], self.policies["b"]
        answered: dict[tuple[int | None, tuple[tuple[str, int], ...]], Any] = {}
        for closure in self.closures:
            for number in closure["callers"] or [None]:
                answered[number, tuple((s, i) for s, i in closure["positives"])] = closure["jobs"]
        everyone: Sequence[CallerClass | None] = classes((a, b)) if a.kind.names_principals else [None]
        for position, klass in enumerate(everyone):

            def about(side: str, statement: Statement, klass: CallerClass | None = klass) -> list[tuple[str, int]]:
                return [(side, statement.index)] if klass is None or named(statement, klass.caller) else []

            allows, denies = ([n for s in a.statements if s.allows is sign for n in about("a", s)] for sign in (True, False))
            others, limits = ([n for s in b.statements if s.allows is sign for n in about("b", s)] for sign in (True, False))
            questions: list[tuple[tuple[tuple[str, int], ...], set[tuple[str, int]]]] = []
            questions += [((one,), {*denies, *others}) for one in allows]
            questions += [((one, deny), set(denies)) for one in allows for deny in limits]
            for positives, negatives in questions:
                jobs = answered.get((None if klass is None else position, positives))
                if jobs is None:
                    raise Invalid(f"nothing is said about {positives} for caller class {position}")
                self.question(positives, negatives, jobs, klass)

    def question(
        self, positives: tuple[tuple[str, int], ...], negatives: set[tuple[str, int]], jobs: Any, klass: CallerClass | None
    ) -> None:
        first, *rest = (self.policies[side].statements[index] for side, index in positives)
        facts = [self.condition(c, variables=False) for c in axioms.facts(self.keys, klass)] if self.axioms else []
        known = [*(x for side, index in positives for x in self.literals(side, index))]
        covered = {action for job in jobs for action in job["actions"] or ()}
        if first.not_actions and not any(job["actions"] is None for job in jobs):
            raise Invalid("actions outside those excepted are not covered")
        for action in () if first.not_actions else {p.lower() for p in first.actions} - covered:
            elsewhere = [s for s in rest if any(glob(p.lower(), action) for p in s.actions) is s.not_actions]
            if set(action) & {"*", "?"} or not elsewhere:
                raise Invalid(f"action `{action}` is not covered")
        for job in jobs:
            own = known[0] if job["actions"] is None else ("action", tuple(job["actions"]), True)
            self.follow(job["tree"], {*known, *facts, own}, facts, own, negatives)

    def follow(self, tree: Any, path: set[Literal], facts: list[Literal], own: Literal, negatives: set[tuple[str, int]]) -> None:
        if tree[0] == "closed":
            core = frozenset(self.resolve(name, facts, own) for name in tree[1:])
            if not core <= path:
                raise Invalid("a leaf rests on something that is not assumed")
            if core not in self.leaves:  # the same few leaves close most branches
                self.empty(core)
                self.leaves.add(core)
            return
        kind, number = tree[1]
        if kind != "axiom" and (kind, number) not in negatives:
            raise Invalid(f"statement {number} of {kind} may match, so it cannot be split on")
        options = self.clause(number) if kind == "axiom" else [(d, w, not t) for d, w, t in self.literals(kind, number)]
        if tree[0] != "split" or len(tree[2]) != len(options):
            raise Invalid("a split has not one branch for each element")
        for option, case in zip(options, tree[2], strict=True):
            self.follow(case, path | {option}, facts, own, negatives)

    def resolve(self, name: Any, facts: list[Literal], own: Literal) -> Literal:
        match name:
            case ["job"]:
                return own
            case ["fact", int(number)] if number >= 0:
                return facts[number]
            case ["axiom", int(number), int(place)]:
                return self.clause(number)[place]
            case [str(side), int(index), int(place), bool(sign)] if index >= 0 and place >= 0:
                dimension, what, truth = self.literals(side, index)[place]
                return dimension, what, truth is sign
        raise Invalid(f"`{name}` names nothing")

    def clause(self, number: int) -> list[Literal]:
        if not self.axioms:
            raise Invalid("no axioms are assumed")
        found = [(self.condition(c, variables=False), sign) for c, sign in axioms.clauses(self.keys)[number]]
        return [(dimension, what, sign) for (dimension, what, _), sign in found]

    def literals(self, side: str, index: int) -> list[Literal]:
        policy = self.policies[side]
        s = policy.statements[index]
        out: list[Literal] = [("action", tuple(p.lower() for p in s.actions), not s.not_actions)]
        if s.resources is not None:
            out.append(("resource", (s.resources, policy.kind, policy.variables_active), not s.not_resources))
        return out + [self.condition(c, variables=policy.variables_active) for c in s.conditions]

    def condition(self, c: Condition, *, variables: bool) -> Literal:
        key = axioms.ARN if self.joined and c.key == axioms.ACCOUNT else c.key
        return f"key:{key}", (replace(c, location=_nowhere, key_text="", value_locations=()), variables), True

    # What follows decides whether assumptions about one dimension leave a value.

    def empty(self, core: frozenset[Literal]) -> None:
        dimensions = {d for d, _, _ in core}
        if len(dimensions) != 1:
            raise Invalid("a leaf is not about one dimension")
        [dimension] = dimensions
        if dimension.startswith("key:"):
            left = self.some_value(dimension[4:], [(c, v, t) for _, (c, v), t in core])
        else:
            shapes = [_parts("?*", "?*")] if dimension == "action" else [_parts("arn", "?*", "?*", "*", "*", "?*"), _exactly("*")]
            texts = [(self.patterns(dimension, what), t) for _, what, t in core]
            left = any(_word(texts, shape) is not None for shape in shapes)
        if left:
            raise Invalid(f"a leaf about {dimension} leaves a value")

    def patterns(self, dimension: str, what: Any) -> list[_Pattern]:
        if dimension == "action":
            return [_parts(p) for p in what]
        texts, kind, v = what
        mode = self.settings.arn_mode
        found = (resource_parts(_one_name(p), mode=mode, kind=kind, context=_unknown, variables=v) for p in texts)
        return [_joined(parts) for parts in found if parts is not None]

    def values(self, c: Condition, variables: bool) -> list[_Pattern]:
        """What the values of a condition match, as patterns for the key's text (or for the ARN that carries it)."""
        name, fold = c.operator.name.replace("Not", ""), c.operator.name.endswith("IgnoreCase")
        out = []
        for value in map(_one_name, c.values):
            if name.startswith("Arn"):
                parts = split_pattern(value, _unknown, variables=variables)
                out += [_joined(parts)] if parts is not None and len(parts) == 6 else []
                continue
            if name == "Bool" and value.lower() not in ("true", "false"):
                continue
            context = _unknown_up_to_case if fold else _unknown
            tokens = substitute(value, context, variables=variables, wildcards=name == "StringLike") or ()
            if not (self.joined and c.key == axioms.ACCOUNT):
                out.append([(t, False, fold or name == "Bool") for t in tokens])
            elif ":" not in tokens:
                wide = _parts("arn", "?*", "?*", "*", "")[:-1]
                out.append([*wide, (":", False, False), *((t, True, fold) for t in tokens), *_parts("", "?*")])
        return out

    def some_value(self, key: str, said: list[_Said]) -> bool:
        """Whether some value of a key, absent, one or several, makes all conditions as true as said."""
        if all(self.holds(c, v, ()) is t for c, v, t in said):
            return True
        present = [(c, v, t) for c, v, t in said if c.operator.name != "Null"]
        if any(self.holds(c, v, ("x",)) is not t for c, v, t in said if c.operator.name == "Null"):
            return False
        if self.one(key, present, set()) is not None:
            return True
        wide = key in self.sets or self.settings.multivalue == "any"
        if not (may_hold_several(key, wide) if self.axioms else wide):
            return False
        every, some = [], []
        for c, v, t in present:
            if not c.operator.quantifier and self.settings.multivalue == "never":
                if t:
                    return False  # a plain operator is false of several values
            elif (c.operator.quantifier != "ForAllValues") is t:
                some.append((c, v, t))
            else:
                every.append((c, v, t))
        # Each demand on some value can be met within the demands on every value; two different values exist.
        found = [self.one(key, [*every, demand], set()) for demand in some]
        while None not in found and len(set(found)) < 2:
            found.append(self.one(key, every, {f for f in found if f is not None}))
        return None not in found

    def one(self, key: str, said: list[_Said], but: set[str]) -> str | None:
        """Find one text of which the base operators are as said, other than those in `but`."""
        said = [(replace(c, operator=Operator(c.operator.name)), v, t) for c, v, t in said]
        typed = [x for x in said if not x[0].operator.name.startswith(("String", "Arn", "Bool"))]
        if typed and len(typed) < len(said):  # read both as text and as something else: only what one side excludes is excluded
            sides = [typed, [x for x in said if x not in typed]]
            return "?" if all(self.one(key, side, but) is not None for side in sides) else None
        if typed:
            tries = [*_samples([c for c, _, _ in typed]), "x"]
            return next((x for x in tries if x not in but and all(self.holds(c, v, (x,)) is t for c, v, t in typed)), None)
        shapes = [_parts("*")]
        if self.axioms and key in TRUTH:
            shapes = [_exactly("true"), _exactly("false")]
        elif self.axioms and key == axioms.ARN:
            shapes = [_parts("arn", "?*", "?*", "*", "????????????", "?*")]
        texts = [(self.values(c, v), t is ("Not" not in c.operator.name)) for c, v, t in said]
        texts.append(([_exactly(b) for b in but], False))
        return next((w for shape in shapes if (w := _word(texts, shape)) is not None), None)

    def holds(self, c: Condition, variables: bool, values: tuple[str, ...]) -> bool:
        return condition_holds(c, Request(_nobody, "a:b", "*", context={c.key: values}), self.settings, variables=variables)


# Unknown values of variables are letters of their own. Only the same letter and unrestricted runs match them.
class _Unknown(dict[str, tuple[str, ...]]):
    def __init__(self, mark: int) -> None:
        self.mark = mark

    def get(self, key: str, default: Any = ()) -> Any:  # noqa: ARG002 - every key has a value here
        if key not in self:
            self[key] = (chr(self.mark + len(self)),)
        return self[key]


_unknown, _unknown_up_to_case, _first_unknown = _Unknown(0xF0000), _Unknown(0x100000), "\U000f0000"


def _one_name(pattern: str) -> str:
    """Make a variable with its default one name, since either may be meant."""
    return re.sub(r"\$\{([^},]+),\s*'([^}]*)'\s*\}", r"${\1#\2}", pattern)


def _parts(*texts: str) -> _Pattern:
    return _joined([tokenise(t) for t in texts])


def _joined(parts: Sequence[Sequence[str]]) -> _Pattern:
    """Put parts between colons; wildcards stop at colons in all parts but the last."""
    out: _Pattern = []
    for number, part in enumerate(parts):
        out += [(":", False, False)] * (number > 0) + [(t, number < len(parts) - 1, False) for t in part]
    return out


def _exactly(text: str) -> _Pattern:
    return [(c, False, False) for c in text]


def _word(texts: Sequence[tuple[list[_Pattern], bool]], shape: _Pattern) -> str | None:
    """Find a word of a shape that matches one of the patterns wherever the sign is true, and none where it is false."""
    against = [p for patterns, sign in texts if not sign for p in patterns]
    for chosen in itertools.product(*(patterns for patterns, sign in texts if sign)):
        # Unknowns: either any text stands for them, and patterns to avoid that have some are left out; or one pattern
        # is taken as it is, and only those are avoided whose unknowns it has, too. Both leave more words, not fewer.
        tries = [([shape, *map(_relaxed, chosen)], [p for p in against if not _unknowns(p)])]
        tries += [([p], [n for n in against if _unknowns(n) <= _unknowns(p)]) for p in chosen if _unknowns(p)]
        words = [_escape(*t) for t in tries]
        if None not in words:
            return words[0]
    return None


def _relaxed(pattern: _Pattern) -> _Pattern:
    return [(ANY if token >= _first_unknown else token, stops, fold) for token, stops, fold in pattern]


def _unknowns(pattern: _Pattern) -> set[str]:
    return {token for token, _, _ in pattern if token >= _first_unknown}


def _escape(required: list[_Pattern], against: list[_Pattern]) -> str | None:
    """Find a word that all required patterns match and no other. Walks all sets of positions, so it is exact.

    Characters that are spelled out only in patterns to avoid need not be tried: any new character avoids more.
    """
    spelled = {t for p in required for t, _, _ in p if len(t) == 1}
    spelled |= {v for p in required for t, _, fold in p if fold and len(t) == 1 for v in (t.lower(), t.upper())}
    new = next(chr(n) for n in range(0xE000, 0xF000) if not any(t == chr(n) for p in (*required, *against) for t, _, _ in p))
    patterns = [*required, *against]
    start = tuple(_close(p, {0}) for p in patterns)
    seen, queue = {start}, [(start, "")]
    for states, word in queue:
        final = [len(p) in s for p, s in zip(patterns, states, strict=True)]
        if all(final[: len(required)]) and not any(final[len(required) :]):
            return word
        for c in sorted(spelled | {new, ":"}):
            after = tuple(_step(p, s, c) for p, s in zip(patterns, states, strict=True))
            if all(after[: len(required)]) and after not in seen:
                seen.add(after)
                queue.append((after, word + c))
    return None


def _step(pattern: _Pattern, states: frozenset[int], c: str) -> frozenset[int]:
    out = set()
    for at in states - {len(pattern)}:
        token, stops, fold = pattern[at]
        if token in (ANY, ONE):
            if not ((c == ":" and stops) or (c >= _first_unknown and (stops or token == ONE))):
                out.add(at if token == ANY else at + 1)
        elif token == c or (fold and token.lower() == c.lower()):
            out.add(at + 1)
    return _close(pattern, out)


def _close(pattern: _Pattern, states: set[int]) -> frozenset[int]:
    for at in range(len(pattern)):
        if at in states and pattern[at][0] == ANY:
            states.add(at + 1)
    return frozenset(states)


def _samples(conditions: Sequence[Condition]) -> list[str]:
    """Values between and at all breakpoints of numbers and dates, at and beside all ends of address ranges, and all bytes."""
    values = [v for c in conditions for v in c.values]
    points = sorted({m for v in values if (m := moment(v)) is not None})
    near = [*points, *((a + b) / 2 for a, b in itertools.pairwise(points)), *(p + d for p in points for d in (-1, 1))]
    out = [*(f"{p:f}" for p in near), *values, "eHh4eHh4eHh4", "203.0.113.1", "2001:db8::1"]
    for value in values:
        try:
            net = ipaddress.ip_network(value, strict=False)
        except ValueError:
            continue
        for end in (net.network_address, net.broadcast_address):
            out += [str(type(end)(int(end) + d)) for d in (-1, 0, 1) if 0 <= int(end) + d < 2**net.max_prefixlen]
    return out
