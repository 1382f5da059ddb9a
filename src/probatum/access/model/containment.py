"""Is every request that one policy allows also allowed by another?

"Allowed by A and not by B" is a handful of questions: an allow of A matches, no
deny of A does, and either no allow of B matches or a deny of B does. Each is
split into jobs and searched. A request that is found is replayed by the
concrete semantics before anyone sees it; jobs without a request leave trees,
and the trees are the certificate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from probatum.access.artefacts import Condition, Policy, Unsupported
from probatum.access.model import instances
from probatum.access.model.atoms import Vocabulary
from probatum.access.model.dimensions import Theory, Undecidable
from probatum.access.model.patterns import Binding
from probatum.access.model.problem import Against, Compiled, CompiledStatement, Job, compiled, condition_atom, jobs
from probatum.access.model.search import Clause, Model, OutOfSteps, Tree, search
from probatum.access.model.witness import minimal, replays, request_from, with_caller
from probatum.access.semantics import axioms
from probatum.access.semantics import named as names_caller
from probatum.access.semantics.callers import CallerClass, classes
from probatum.access.semantics.request import Request
from probatum.access.semantics.settings import Settings
from probatum.errors import UsageError
from probatum.findings import Why
from probatum.solve.automata import TooLarge
from probatum.tools import Deadline


@dataclass(frozen=True, slots=True)
class Difference:
    """A request that is allowed on one side and not on the other; `by` are the statements that allow it."""

    request: Request
    by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Closure:
    """A question without answer: the statements asked about, and a tree for each job."""

    klass: CallerClass | None
    callers: tuple[int, ...]  # numbers of the caller classes; empty if the policies name no principals
    positives: tuple[tuple[str, int], ...]  # ("a" or "b", index)
    parts: tuple[tuple[Job, Tree], ...]


@dataclass(frozen=True, slots=True)
class Contained:
    """There is no such request; `closures` show it, resting on the named axioms."""

    closures: tuple[Closure, ...]
    axioms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """Neither a request nor a proof, and why."""

    reason: str
    why: Why = Why.SOLVER_GAVE_UP


Answer = Difference | Contained | Open


class Sides:
    """Two policies over one vocabulary, ready for questions both ways.

    Parameters
    ----------
    a, b : Policy
        Both must be of kinds that name principals, or neither.
    settings : Settings
        How disputed points are read.
    vocabulary : Vocabulary, optional
        Share one to compare many policies.
    axioms_hold : bool
        Whether facts about requests may be used.
    """

    def __init__(
        self, a: Policy, b: Policy, settings: Settings, *, vocabulary: Vocabulary | None = None, axioms_hold: bool = True
    ) -> None:
        if a.kind.names_principals != b.kind.names_principals:
            raise UsageError(
                f"`{a.path}` is {_a(a)} and `{b.path}` is {_a(b)}: only one of them says who is allowed",
                help="compare policies that both name principals, or that both do not",
            )
        self.vocabulary = vocabulary or Vocabulary()
        self.settings = settings
        self.axioms_hold = axioms_hold
        self.joined = axioms_hold and axioms.account_is_in_arn((a, b))
        self.a = compiled(a, self.vocabulary, settings, joined=self.joined)
        self.b = compiled(b, self.vocabulary, settings, joined=self.joined)
        self.keys = axioms.keys_of((a, b))
        written = {c.key: c.key_text for p in (b, a) for s in p.statements for c in s.conditions}
        self.spellings = axioms.SPELLINGS | written

    def condition(self, condition: Condition) -> int:
        """Return the literal that a condition, without variables, is true."""
        return self.vocabulary.literal(condition_atom(condition, variables=False, joined=self.joined), sign=True)

    def facts(self, klass: CallerClass | None) -> tuple[list[int], list[Clause]]:
        """Return the axioms about requests by these callers, as literals and clauses."""
        if not self.axioms_hold:
            return [], []
        units = [self.condition(c) for c in axioms.facts(self.keys, klass)]
        either = [
            Clause(tuple(self.condition(c) ^ (not sign) for c, sign in clause), ("axiom", number))
            for number, clause in enumerate(axioms.clauses(self.keys))
        ]
        return units, either


def difference(sides: Sides, *, swapped: bool = False, deadline: Deadline | None = None) -> Answer:
    """Find a request that A allows and B does not (the other way round if `swapped`), or show there is none."""
    a, b = (sides.b, sides.a) if swapped else (sides.a, sides.b)
    return _Asking(sides, a, b, deadline or Deadline.never()).answer()


def _a(policy: Policy) -> str:
    return f"{'an' if policy.kind.value[0] in 'aeio' else 'a'} {policy.kind.value} policy"


@dataclass(frozen=True)
class _Callers:
    """Callers of some classes, which no statement and no fact tells apart."""

    klass: CallerClass | None
    numbers: tuple[int, ...]
    statements: frozenset[tuple[Compiled, int]]  # those that name them

    def named(self, policy: Compiled, index: int) -> bool:
        return self.klass is None or (policy, index) in self.statements


@dataclass
class _Asking:
    sides: Sides
    a: Compiled
    b: Compiled
    deadline: Deadline
    theories: dict[Binding | None, Theory] = field(default_factory=dict)

    def theory(self, binding: Binding | None) -> Theory:
        if binding not in self.theories:
            self.theories[binding] = Theory(
                self.sides.vocabulary,
                set_keys=self.a.set_keys | self.b.set_keys,
                multivalue=self.sides.settings.multivalue,
                axioms=self.sides.axioms_hold,
                binding=binding,
            )
        return self.theories[binding]

    def answer(self) -> Answer:
        unsupported = _unsupported(self.a, self.b)
        if unsupported is not None:
            return Open(f"{unsupported.what} ({unsupported.location}) has no defined meaning", Why.UNSUPPORTED)
        closures: list[Closure] = []
        doubt: str | None = None
        try:
            for group in self.groups():
                for positives, against in self.questions(group):
                    found = self.ask(group, positives, against)
                    if isinstance(found, Difference):
                        return found
                    if isinstance(found, Open):
                        doubt = doubt or found.reason
                    else:
                        closures.append(found)
        except (Undecidable, TooLarge, OutOfSteps, ArithmeticError) as problem:
            doubt = str(problem) or "the search took too many steps"
        if doubt is not None:
            from probatum.access.model.words_equations import settle

            return settle(self.sides, self.a.policy, self.b.policy, doubt=doubt, axioms=self.axioms(), deadline=self.deadline)
        return Contained(tuple(closures), self.axioms())

    def axioms(self) -> tuple[str, ...]:
        return axioms.used(self.sides.keys, principals=self.a.policy.kind.names_principals) if self.sides.axioms_hold else ()

    def questions(self, group: _Callers) -> Iterator[tuple[list[tuple[Compiled, int]], Against]]:
        """Statements that must match, and those that must not, as far as they name the callers."""
        a, b = self.a, self.b
        side = {b: "b"} | {a: "a"}  # a policy compared with itself is A

        def about(policy: Compiled, statements: Sequence[CompiledStatement]) -> list[tuple[str, Compiled, int]]:
            found = (s.statement.index for s in statements)
            return [(side[policy], policy, i) for i in found if group.named(policy, i)]

        own_denies = about(a, a.denies)
        both, own = Against([*own_denies, *about(b, b.allows)]), Against(own_denies)
        allows = about(a, a.allows)
        for _, _, allow in allows:
            yield [(a, allow)], both
        for _, _, allow in allows:
            for _, _, deny in about(b, b.denies):
                yield [(a, allow), (b, deny)], own

    def ask(self, group: _Callers, positives: list[tuple[Compiled, int]], against: Against) -> Difference | Closure | Open:
        units, clauses = self.sides.facts(group.klass)
        parts: list[tuple[Job, Tree]] = []
        for job in jobs(positives, against, self.sides.vocabulary, units, clauses):
            keys = instances.variables(job, self.sides.vocabulary)
            outcome = search(self.theory(None if keys else ()), job.units, job.clauses, deadline=self.deadline)
            if isinstance(outcome, Model) and keys:
                found = self.instantiated(group, job, keys)
                if found is None:
                    names = ", ".join(f"`${{{k}}}`" for k in sorted(keys))
                    return Open(f"the answer depends on the values of policy variables ({names})")
                return found
            if isinstance(outcome, Model):
                return self.difference(group, outcome)
            parts.append((job, outcome))
        return Closure(group.klass, group.numbers, self.names(positives), tuple(parts))

    def instantiated(self, group: _Callers, job: Job, keys: frozenset[str]) -> Difference | None:
        for binding in instances.bindings(job, keys, self.sides.vocabulary):
            units = [*job.units, *instances.fixing(binding, self.sides)]
            outcome = search(self.theory(binding), units, job.clauses, deadline=self.deadline)
            if isinstance(outcome, Model):
                return self.difference(group, outcome)
        return None

    def difference(self, group: _Callers, model: Model) -> Difference:
        request = request_from(model, group.klass, self.sides)
        a, b = self.a.policy, self.b.policy
        by = replays(request, a, b, self.sides.settings)
        small = minimal(with_caller(request, group.klass, a, b, self.sides), a, b, self.sides)
        return Difference(small, by if small == request else replays(small, a, b, self.sides.settings))

    def groups(self) -> list[_Callers]:
        """Classes of callers, those alike in every respect taken together."""
        if not self.a.policy.kind.names_principals:
            return [_Callers(None, (), frozenset())]
        out: dict[tuple[object, ...], _Callers] = {}
        for number, klass in enumerate(classes((self.a.policy, self.b.policy))):
            named = frozenset(
                (p, s.statement.index)
                for p in dict.fromkeys((self.a, self.b))
                for s in p.statements
                if s.statement.principals is None or names_caller(s.statement, klass.caller)
            )
            units, _ = self.sides.facts(klass)
            key = (named, tuple(units))
            out[key] = replace(out[key], numbers=(*out[key].numbers, number)) if key in out else _Callers(klass, (number,), named)
        return list(out.values())

    def names(self, statements: Sequence[tuple[Compiled, int]]) -> tuple[tuple[str, int], ...]:
        return tuple(("a" if p is self.a else "b", i) for p, i in statements)


def _unsupported(*policies: Compiled) -> Unsupported | None:
    return next((u for p in policies for u in p.policy.unsupported), None)
