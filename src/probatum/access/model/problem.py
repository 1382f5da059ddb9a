"""From policies to clauses: which requests do these statements match and those not?

`Compiled` holds a policy as literals over a vocabulary. `Question` asks for a
request that all of some statements match and none of others, and splits it into
jobs by action: actions that are written out and are matched by the same
statements are one job, and each pattern with wildcards is another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from probatum.access.artefacts import Condition, Policy, Statement
from probatum.access.model.actions import action_index
from probatum.access.model.atoms import (
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    ActionAtom,
    ConditionAtom,
    ResourceAtom,
    Vocabulary,
)
from probatum.access.model.dimensions import Conflict
from probatum.access.model.patterns import ACTION_UNIVERSE, action_glob
from probatum.access.model.search import Clause
from probatum.access.semantics.settings import Settings
from probatum.solve.automata import disjoint_by_ends, find_word


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """A statement as literals: it matches when all of them are true."""

    statement: Statement
    action: int
    others: tuple[int, ...]  # resource and conditions
    patterns: tuple[str, ...]  # of actions, in lower case
    exact: frozenset[str]  # those without wildcards
    globs: tuple[str, ...]  # the others
    variable_keys: frozenset[str]

    @property
    def negated(self) -> bool:
        """Whether the statement is about all actions but these."""
        return self.statement.not_actions

    def matches_action(self, action: str) -> bool:
        """Whether an action, in lower case, is one the statement is about."""
        return action_index(self.patterns).matches(action) is not self.negated

    def covers(self, pattern: str) -> bool:
        """Whether one pattern alone shows that every action of another is one the statement is about; may miss some."""
        if not pattern or self.negated:
            return False
        return any(
            p == pattern or (p.endswith("*") and pattern.startswith(p[:-1]) and not set(p[:-1]) & {"*", "?"})
            for p in action_index(self.patterns).near(pattern)
        )

    def action_is_covered(self, pattern: str) -> bool:
        """Whether one of the excepted actions' patterns covers all of another pattern; may miss some."""
        glob = action_glob(pattern)
        return any(
            find_word((glob, ACTION_UNIVERSE), (action_glob(p),)) is None for p in action_index(self.patterns).near(pattern)
        )


def _may_match(pattern: str, action: str) -> bool:
    return action.startswith(_prefix(pattern))


@lru_cache(maxsize=100_000)
def _prefix(pattern: str) -> str:
    return action_glob(pattern).prefix


class Compiled:
    """A policy over a vocabulary, with its statements by effect."""

    def __init__(self, policy: Policy, vocabulary: Vocabulary, settings: Settings, *, joined: bool) -> None:
        self.policy = policy
        self.statements = tuple(_compile(s, policy, vocabulary, settings, joined=joined) for s in policy.statements)
        self.allows = tuple(s for s in self.statements if s.statement.allows)
        self.denies = tuple(s for s in self.statements if not s.statement.allows)
        self.keys = frozenset(c.key for s in policy.statements for c in s.conditions)
        self.set_keys = frozenset(c.key for s in policy.statements for c in s.conditions if c.operator.quantifier)
        self.by_others: dict[frozenset[int], list[int]] = {}  # statements that ask the same besides the action
        for number, s in enumerate(self.statements):
            self.by_others.setdefault(frozenset(s.others), []).append(number)
        self._masks: dict[str, int] = {}
        self._by_exact: dict[str, int] = {}
        self._wild: list[tuple[str, int]] = []
        for number, s in enumerate(self.statements):
            if s.negated:
                continue
            for name in s.exact:
                self._by_exact[name] = self._by_exact.get(name, 0) | 1 << number
            self._wild += [(p, 1 << number) for p in s.globs]

    def mask(self, action: str) -> int:
        """Which statements are about an action (in lower case), as bits."""
        known = self._masks.get(action)
        if known is None:
            known = self._by_exact.get(action, 0)
            for pattern, bit in self._wild:
                if not known & bit and _may_match(pattern, action) and action_glob(pattern).matches(action):
                    known |= bit
            for number, s in enumerate(self.statements):
                if s.negated and s.matches_action(action):
                    known |= 1 << number
            self._masks[action] = known
        return known


def compiled(policy: Policy, vocabulary: Vocabulary, settings: Settings, *, joined: bool) -> Compiled:
    """Return a policy over a vocabulary; the same object for the same policy."""
    kept = vocabulary.memory.setdefault(("compiled", settings, joined), {})
    found: Compiled | None = kept.get(id(policy))
    if found is None or found.policy is not policy:
        found = kept[id(policy)] = Compiled(policy, vocabulary, settings, joined=joined)
    return found


def _compile(
    statement: Statement, policy: Policy, vocabulary: Vocabulary, settings: Settings, *, joined: bool
) -> CompiledStatement:
    lowered = tuple(dict.fromkeys(a.lower() for a in statement.actions))
    action = vocabulary.literal(ActionAtom(lowered), sign=not statement.not_actions)
    variables = policy.variables_active
    others: list[int] = []
    keys: set[str] = set()
    if statement.resources is not None:
        atom = ResourceAtom(tuple(dict.fromkeys(statement.resources)), policy.kind, settings.arn_mode, variables)
        others.append(vocabulary.literal(atom, sign=not statement.not_resources))
        keys.update(atom.variable_keys())
    for condition in statement.conditions:
        one = condition_atom(condition, variables=variables, joined=joined)
        others.append(vocabulary.literal(one, sign=True))
        keys.update(one.variable_keys())
    return CompiledStatement(
        statement,
        action,
        tuple(others),
        lowered,
        frozenset(a for a in lowered if "*" not in a and "?" not in a),
        tuple(a for a in lowered if "*" in a or "?" in a),
        frozenset(keys),
    )


def condition_atom(condition: Condition, *, variables: bool, joined: bool) -> ConditionAtom:
    """Return the atom of a condition; `joined` says whether the principal's account is read off its ARN."""
    return ConditionAtom(
        condition.operator,
        condition.key,
        condition.values,
        variables and condition.operator.name.startswith(("String", "Arn")),
        joined and condition.key in (PRINCIPAL_ACCOUNT, PRINCIPAL_ARN),
    )


@dataclass(frozen=True, slots=True)
class Job:
    """One part of a question: actions that can be treated alike.

    Attributes
    ----------
    patterns : tuple of str
        Action patterns of the first positive statement, in lower case; empty if
        that statement is about all actions but some.
    sample : str or None
        One of them, if they are written out.
    units : tuple of int
        Literals that must be true.
    clauses : tuple of Clause
        One for each statement that must not match and whose actions overlap.
    """

    positives: tuple[CompiledStatement, ...]
    patterns: tuple[str, ...]
    sample: str | None
    units: tuple[int, ...]
    clauses: tuple[Clause, ...]


class Against:
    """Statements of which none may match: for each policy, by its name in a certificate, which ones, as bits."""

    def __init__(self, statements: Sequence[tuple[str, Compiled, int]]) -> None:
        self.statements = tuple(statements)
        bits: dict[tuple[str, Compiled], int] = {}
        for name, policy, index in statements:
            bits[name, policy] = bits.get((name, policy), 0) | 1 << index
        self.policies = tuple(bits)
        self.bits = tuple(bits.values())


def jobs(
    positives: Sequence[tuple[Compiled, int]],
    against: Against,
    vocabulary: Vocabulary,
    extra_units: Sequence[int] = (),
    extra_clauses: Sequence[Clause] = (),
) -> Iterator[Job]:
    """Split the question "all of `positives`, as (policy, index), match and none of `against`" into jobs."""
    first_policy, first_index = positives[0]
    first = first_policy.statements[first_index]
    rest = [p.statements[i] for p, i in positives[1:]]
    others = [x for p, i in positives for x in p.statements[i].others]
    groups: dict[tuple[int, ...], list[str]] = {}
    policies, wanted = against.policies, against.bits
    same = frozenset(others)

    def twin(bits: Sequence[int], covers: Callable[[CompiledStatement], bool], own: int) -> list[Clause]:
        """One statement that asks the same of all but the action, and covers that: no other is needed then."""
        for (side, p), mask in zip(policies, bits, strict=True):
            for i in p.by_others.get(same, ()):
                if mask >> i & 1 and covers(p.statements[i]):
                    return [_clause(p.statements[i], (side, i), covers=own)]
        return []

    if not first.negated:
        for name in sorted(first.exact):
            if all(s.matches_action(name) for s in rest):
                masks = tuple(p.mask(name) & bits for (_, p), bits in zip(policies, wanted, strict=True))
                groups.setdefault(masks, []).append(name)
    for masks, names in groups.items():
        atom = vocabulary.literal(ActionAtom(tuple(names)), sign=True)
        clauses = twin(masks, lambda _: True, atom) or [
            _clause(p.statements[i], (side, i), covers=atom)
            for (side, p), mask in zip(policies, masks, strict=True)
            for i in range(len(p.statements))
            if mask >> i & 1
        ]
        units = (atom, *(s.action for s in rest), *others, *extra_units)
        yield Job((first, *rest), tuple(names), names[0], units, (*clauses, *extra_clauses))
    wild = [("",)] if first.negated else [(g,) for g in first.globs]
    for patterns in wild:
        own = first.action if first.negated else vocabulary.literal(ActionAtom(patterns), sign=True)
        pattern = patterns[0]
        clauses = twin(wanted, partial(_same_or_wider, own, pattern), own) or [
            _clause(p.statements[i], (side, i), covers=own if p.statements[i].covers(pattern) else None)
            for side, p, i in against.statements
            if first.negated or not _apart(pattern, p.statements[i])
        ]
        units = (own, *(s.action for s in rest), *others, *extra_units)
        yield Job((first, *rest), () if first.negated else patterns, None, units, (*clauses, *extra_clauses))


def _same_or_wider(own: int, pattern: str, statement: CompiledStatement) -> bool:
    return statement.action == own or statement.covers(pattern)


def _clause(statement: CompiledStatement, origin: tuple[str, int], *, covers: int | None = None) -> Clause:
    """Say that a statement does not match; `covers` is an action literal that implies the statement's own."""
    no_action = statement.action ^ 1
    dead = () if covers is None else ((no_action, Conflict(frozenset((covers, no_action)))),)
    return Clause((no_action, *(x ^ 1 for x in statement.others)), origin, dead)


@lru_cache(maxsize=400_000)
def _overlap(one: str, other: str) -> bool:
    a, b = action_glob(one), action_glob(other)
    return not disjoint_by_ends(a, b) and find_word((a, b, ACTION_UNIVERSE), ()) is not None


def _apart(pattern: str, statement: CompiledStatement) -> bool:
    """Whether no action matches the pattern that the statement is about; may miss some."""
    if statement.negated:
        return statement.action_is_covered(pattern)
    return not any(_overlap(pattern, other) for other in action_index(statement.patterns).near(pattern))


__all__ = ["Compiled", "CompiledStatement", "Job", "condition_atom", "jobs"]
