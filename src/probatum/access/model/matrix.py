"""All ordered pairs of a collection: which policy allows nothing that another does not?

Nearly all pairs are settled by their actions. An *action atom* is an action
that stands for all those that no pattern of the collection tells apart from it:
every action that is written out, and for every pattern with wildcards some words
that match it, among them one that nobody has written (services gain actions, and
a pattern covers them). Sets of atoms are the bits of an integer.

- If A is known to allow something with an atom that no allow of B mentions, A is
  not contained in B, and A's request shows it.
- If B allows all that A's patterns mention, on all resources, without conditions
  and without denies, A is contained in B. For actions that are written out the
  atoms decide this. For patterns with wildcards they do not, however many there
  are: those are compared as patterns.

What is left goes to `containment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from probatum.access.artefacts import Policy
from probatum.access.model.actions import action_index, service_of
from probatum.access.model.atoms import Vocabulary
from probatum.access.model.containment import Answer, Contained, Difference, Sides, difference
from probatum.access.model.patterns import ACTION_UNIVERSE, action_glob
from probatum.access.model.problem import Compiled, CompiledStatement, compiled
from probatum.access.model.words_equations import ContainedByStrings
from probatum.access.semantics.request import Request
from probatum.access.semantics.settings import Settings
from probatum.solve.automata import find_word
from probatum.tools import Deadline

ACTIONS, PATTERNS, SEARCH = "actions", "patterns", "search"  # the stages that can decide a pair


@dataclass(frozen=True, slots=True)
class Entry:
    """Whether one policy of the collection is contained in another.

    Attributes
    ----------
    a, b : int
        Positions in the collection.
    contained : bool or None
        None if it is not known; then `reason` says why.
    stage : str
        What decided it: ``actions``, ``patterns`` or ``search``.
    """

    a: int
    b: int
    contained: bool | None
    stage: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """What the stages need to know of one policy, as bits over action atoms."""

    some: int  # it is known to allow something with this action
    may: int  # an allow mentions this action
    full: int  # it allows everything with this action
    wide: tuple[CompiledStatement, ...]  # statements that allow everything with their actions
    globs: tuple[str, ...]  # patterns with wildcards in its allows
    plain: bool  # no allow is about all actions but some


class Matrix:
    """A collection of policies of one kind, prepared for all pairs.

    Parameters
    ----------
    policies : sequence of Policy
    settings : Settings
    axioms_hold : bool
        See `containment.Sides`.
    """

    def __init__(self, policies: Sequence[Policy], settings: Settings, *, axioms_hold: bool = True) -> None:
        self.policies = tuple(policies)
        self.settings = settings
        self.axioms_hold = axioms_hold
        self.vocabulary = Vocabulary()
        found = [compiled(p, self.vocabulary, settings, joined=axioms_hold) for p in self.policies]
        self.atoms = atoms(p for c in found for s in c.statements for p in s.patterns)
        self._bits = {atom: 1 << number for number, atom in enumerate(self.atoms)}
        self._exact: dict[str, int] = {}
        self._by_service: dict[str, list[str]] = {}
        for atom in self.atoms:
            self._by_service.setdefault(atom.partition(":")[0], []).append(atom)
        self._everything = (1 << len(self.atoms)) - 1
        self._rows = [self._row(p, c) for p, c in zip(self.policies, found, strict=True)]

    def entries(self) -> Iterator[Entry]:
        """Decide all ordered pairs that the actions decide; `contained` is None and the stage `search` for the others."""
        for a, row in enumerate(self._rows):
            for b, other in enumerate(self._rows):
                if a == b:
                    continue
                if row.some & ~other.may:
                    yield Entry(a, b, contained=False, stage=ACTIONS)
                elif not row.may & ~other.full and row.plain and self._covered(row, other):
                    yield Entry(a, b, contained=True, stage=PATTERNS if row.globs else ACTIONS)
                else:
                    yield Entry(a, b, contained=None, stage=SEARCH)

    def search(self, a: int, b: int, *, deadline: Deadline | None = None) -> tuple[Entry, Answer, Sides]:
        """Decide one pair by search."""
        sides = Sides(self.policies[a], self.policies[b], self.settings, vocabulary=self.vocabulary, axioms_hold=self.axioms_hold)
        answer = difference(sides, deadline=deadline)
        match answer:
            case Difference():
                entry = Entry(a, b, contained=False, stage=SEARCH)
            case Contained() | ContainedByStrings():
                entry = Entry(a, b, contained=True, stage=SEARCH)
            case _:
                entry = Entry(a, b, contained=None, stage=SEARCH, reason=answer.reason)
        return entry, answer, sides

    def witness(self, a: int, b: int) -> Request | None:
        """Return a request that A allows and B does not, for a pair that the actions decided."""
        atom = self._rows[a].some & ~self._rows[b].may
        if not atom:
            return None
        _, answer, _ = self.search(a, b)
        return answer.request if isinstance(answer, Difference) else None

    def _bits_of(self, statement: CompiledStatement) -> int:
        bits = 0
        for pattern in statement.patterns:
            bits |= self._bits_of_pattern(pattern)
        return self._everything & ~bits if statement.negated else bits

    def _bits_of_pattern(self, pattern: str) -> int:
        known = self._exact.get(pattern)
        if known is None:
            known = self._bits.get(pattern, 0)
            if "*" in pattern or "?" in pattern:
                service = service_of(pattern)
                glob = action_glob(pattern)
                near = self.atoms if service is None else self._by_service.get(service, ())
                known = sum(self._bits[atom] for atom in near if glob.matches(atom))
            self._exact[pattern] = known
        return known

    def _row(self, policy: Policy, own: Compiled) -> _Row:
        allows = [(s, self._bits_of(s)) for s in own.allows]
        may = some = full = 0
        wide: list[CompiledStatement] = []
        denied = 0
        for s in own.denies:
            denied |= self._bits_of(s)
        for s, bits in allows:
            may |= bits
            if self._grants(policy, s):
                some |= bits & ~denied  # with an action that no deny mentions, the statement's request is allowed
            if not own.denies and _is_unlimited(s):
                full |= bits
                wide.append(s)
        globs = tuple(dict.fromkeys(g for s in own.allows for g in s.globs))
        supported = not policy.unsupported
        return _Row(
            some if supported else 0,
            may if supported else self._everything,
            full if supported else 0,
            tuple(wide) if supported else (),
            globs,
            supported and not any(s.negated for s in own.allows),
        )

    def _grants(self, policy: Policy, statement: CompiledStatement) -> bool:
        """Whether some request matches a statement."""
        if _is_unlimited(statement):
            return True
        alone = replace(policy, statements=(replace(statement.statement, index=0),))
        nothing = replace(policy, statements=())
        sides = Sides(alone, nothing, self.settings, vocabulary=self.vocabulary, axioms_hold=self.axioms_hold)
        return isinstance(difference(sides), Difference)

    def _covered(self, row: _Row, other: _Row) -> bool:
        return all(
            any(s.covers(g) for s in other.wide) or _is_covered(g, tuple(s.patterns for s in other.wide if not s.negated))
            for g in row.globs
        )


@lru_cache(maxsize=200_000)
def _is_covered(glob: str, lists: tuple[tuple[str, ...], ...]) -> bool:
    near = tuple(action_glob(p) for patterns in lists for p in action_index(patterns).near(glob))
    return find_word((action_glob(glob), ACTION_UNIVERSE), near) is None


def _is_unlimited(statement: CompiledStatement) -> bool:
    s = statement.statement
    everywhere = s.resources is not None and not s.not_resources and any(r.strip("*") == "" for r in s.resources)
    return everywhere and not s.conditions and s.principals is None


def atoms(patterns: Iterable[str]) -> tuple[str, ...]:
    """Actions that represent all actions, for patterns in lower case.

    Every action that is written out is one, and so are, for every pattern with
    wildcards, words in which the wildcards hold as little as they can, or
    something that no catalogue knows. Leaving the latter out is unsound: a list
    of all actions of today would seem to cover a pattern that also covers those
    of tomorrow.
    """
    out: dict[str, None] = {}
    for pattern in patterns:
        if "*" not in pattern and "?" not in pattern:
            out[pattern] = None
            continue
        for filling in ("", _unwritten):
            word = pattern.replace("*", filling).replace("?", "x")
            if ACTION_UNIVERSE.matches(word):
                out[word] = None
        if service_of(pattern) is None:
            out[f"{_unwritten}:{_unwritten}"] = None
    return tuple(sorted(out))


_unwritten = "zzfuturezz"
