"""One dimension of a request at a time: is there a value that makes these literals true?

`Theory.solve` answers for a set of literals of one dimension with a value or
with a small subset that no value satisfies. Answers are kept, because the same
sets return in every corner of a search and in policy after policy.

Values of a condition key are: None for absent, else a tuple of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from probatum.access.model import words
from probatum.access.model.actions import action_index
from probatum.access.model.atoms import (
    ACTION,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    RESOURCE,
    ActionAtom,
    Alternative,
    ConditionAtom,
    ResourceAtom,
    Vocabulary,
)
from probatum.access.model.patterns import ACTION_UNIVERSE, ARN_UNIVERSE, EVERYTHING, Binding, action_glob, shape
from probatum.access.model.samples import samples
from probatum.access.semantics.axioms import PRINCIPAL_ARNS
from probatum.access.semantics.keys import NAMES, TRUTH, may_hold_several
from probatum.solve.automata import Glob, flat, literal

Value = str | tuple[str, ...] | None
Literals = frozenset[int]
_colon_in_name = flat("*" + ":*" * 6)


class Undecidable(Exception):
    """A combination of operators on one key that this engine does not decide; says which."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Literals of one dimension that no value makes true together."""

    core: Literals


_resource_universes = ((ARN_UNIVERSE,), (literal("*"),))
_truth_universes = ((literal("true"),), (literal("false"),))
_principal_universes = tuple((shape(segments),) for segments in PRINCIPAL_ARNS)
_key_universes = ((EVERYTHING,),)
_wildcards = tuple(Glob([("*", True, False), (c, False, False), ("*", True, False)], fold=False, text=f"a {c}") for c in "*?")


class Theory:
    """Satisfiability of literals, dimension by dimension.

    Parameters
    ----------
    vocabulary : Vocabulary
        Shared by all policies compared.
    set_keys : frozenset of str
        Keys that some policy of the question reads with a set operator.
    multivalue : str
        ``never`` or ``any``: what plain operators make of several values.
    axioms : bool
        Whether facts about keys restrict their values.
    binding : Binding or None
        Values of policy variables, or None to treat them as unknown texts. In
        that case answers are sound for "no value" only.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        set_keys: frozenset[str] = frozenset(),
        multivalue: str = "never",
        axioms: bool = True,
        binding: Binding | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.set_keys = set_keys
        self.multivalue = multivalue
        self.axioms = axioms
        self.binding = binding
        # Answers depend on nothing else, so policies that share a vocabulary share them.
        self._solved: dict[tuple[Literals, bool], Value | Conflict] = vocabulary.memory.setdefault(
            ("solved", multivalue, axioms, binding), {}
        )
        self._true: dict[tuple[int, Value], bool] = vocabulary.memory.setdefault(("true", multivalue, binding), {})

    def solve(self, dimension: str, literals: Literals) -> Value | Conflict:
        """Return a value for the dimension, or a subset of the literals that has none."""
        question = (literals, dimension.startswith("key:") and self._several(dimension[4:]))
        known = self._solved.get(question, self)
        if known is not self:
            return known  # type: ignore[return-value]  # `self` marks what is not there; None is a value
        clash = next((x for x in literals if not x & 1 and x | 1 in literals), None)
        answer: Value | Conflict
        if clash is not None:
            answer = Conflict(frozenset((clash, clash | 1)))
        elif dimension in (ACTION, RESOURCE):
            answer = self._solve_text(dimension, literals)
        else:
            answer = self._solve_key(dimension.removeprefix("key:"), literals)
            if isinstance(answer, Conflict) and 2 < len(answer.core) <= 10:
                answer = self._minimised(dimension, answer)
        self._solved[question] = answer
        return answer

    def holds(self, number: int, value: Value) -> bool:
        """Whether a literal is true of a value of its dimension."""
        key = (number, value)
        known = self._true.get(key)
        if known is None:
            known = self._true[key] = self._holds(number, value)
        return known

    def _minimised(self, dimension: str, conflict: Conflict) -> Conflict:
        core = conflict.core
        for one in sorted(core):
            smaller = core - {one}
            if smaller and isinstance(answer := self._solve_key(dimension.removeprefix("key:"), smaller), Conflict):
                core = answer.core
                return self._minimised(dimension, Conflict(core)) if len(core) > 2 else Conflict(core)
        return Conflict(core)

    def _solve_text(self, dimension: str, literals: Literals) -> Value | Conflict:
        if dimension != ACTION:
            word, core = words.solve([(x, self._alternatives(x)) for x in sorted(literals)], _resource_universes)
            return Conflict(core) if word is None else word
        constraints, chosen = self._about_actions(literals)
        word, core = words.solve(constraints, ((ACTION_UNIVERSE,),))
        if word is not None:
            return word
        # What is required of the other lists was narrowed to what meets the chosen one, so they conflict with it, not alone.
        return Conflict(core | {chosen} if chosen is not None and any(x & 1 for x in core) else core)

    def _about_actions(self, literals: Literals) -> tuple[list[tuple[int, tuple[Alternative, ...]]], int | None]:
        """Constraints on the action, with only those patterns that may meet the shortest list required; and that list's literal."""
        atoms = {x: self._action(x) for x in sorted(literals)}
        chosen = min((x for x in atoms if x & 1), key=lambda x: len(atoms[x].patterns), default=None)
        required = () if chosen is None else atoms[chosen].patterns
        if not 0 < len(required) <= 8:
            return [(x, self._alternatives(x)) for x in atoms], None
        out: list[tuple[int, tuple[Alternative, ...]]] = []
        for x, atom in atoms.items():
            near = tuple(dict.fromkeys(p for r in required for p in action_index(atom.patterns).near(r)))
            globs = tuple(action_glob(p) for p in near)
            out.append((x, tuple(((g,), ()) for g in globs) if x & 1 else (((), globs),)))
        return out, chosen

    def _action(self, number: int) -> ActionAtom:
        atom = self.vocabulary.atom(number)
        if not isinstance(atom, ActionAtom):
            raise TypeError("not a literal of the action")
        return atom

    def _alternatives(self, number: int) -> tuple[Alternative, ...]:
        atom = self.vocabulary.atom(number)
        return atom.alternatives(bool(number & 1), self.binding)

    def _solve_key(self, key: str, literals: Literals) -> Value | Conflict:
        blamed: set[int] = set()
        absent = next((x for x in literals if self._condition(x).when_absent() != bool(x & 1)), None)
        if absent is None:
            return None
        blamed.add(absent)
        one = self._one_value(key, literals)
        if not isinstance(one, Conflict):
            return (one,)
        blamed |= one.core
        if self._several(key):
            several = self._several_values(key, literals)
            if not isinstance(several, Conflict):
                return several
            blamed |= several.core
        return Conflict(frozenset(blamed))

    def _several(self, key: str) -> bool:
        if any(key == bound for bound, _ in self.binding or ()):
            return False  # the variable has this one value, or none
        read_as_set = key in self.set_keys or self.multivalue == "any"
        return may_hold_several(key, read_as_set) if self.axioms else read_as_set

    def _condition(self, number: int) -> ConditionAtom:
        atom = self.vocabulary.atom(number)
        if not isinstance(atom, ConditionAtom):
            raise TypeError("not a literal of a condition key")
        return atom

    def _one_value(self, key: str, literals: Iterable[int]) -> str | Conflict:
        return self._text_for(key, [(x, bool(x & 1)) for x in sorted(literals)])

    def _text_for(self, key: str, wanted: list[tuple[int, bool]], besides: tuple[str, ...] = ()) -> str | Conflict:
        """Find one text of which each base operator is as wanted, other than those in `besides`."""
        texts: list[tuple[int, tuple[Alternative, ...]]] = []
        others: list[tuple[int, bool]] = []
        for number, sign in wanted:
            atom = self._condition(number)
            if atom.family == "presence":
                if atom.when_present() != sign:
                    return Conflict(frozenset((number,)))
            elif atom.family == "text":
                texts.append((number, atom.alternatives(sign, self.binding)))
            else:
                others.append((number, sign))
        if besides:
            texts.append((-1, (((), tuple(literal(b) for b in besides)),)))
        if self.axioms and key in NAMES and not others:
            texts.append((-1, (((), (*_wildcards, _colon_in_name) if key == PRINCIPAL_ARN else _wildcards),)))
        if others:
            return self._sampled(key, texts, others)
        word, core = words.solve(texts, self._universes(key))
        return Conflict(core - {-1}) if word is None else word

    def _sampled(
        self, key: str, texts: list[tuple[int, tuple[Alternative, ...]]], others: list[tuple[int, bool]]
    ) -> str | Conflict:
        """Numbers, dates, addresses: finitely many values represent all that the operators can tell apart."""
        atoms = [self._condition(number) for number, _ in others]
        universes = self._universes(key)
        families = {a.family for a in atoms}
        spelled = [g.exact for _, alternatives in texts for must, _ in alternatives for g in must if g.exact is not None]
        # Where only some texts exist, none of them a number, one of each shape stands for all that are none.
        shaped = [w for u in universes if universes is not _key_universes and (w := words.solve([], [u])[0]) is not None]
        for value in (*samples(atoms), *spelled, *shaped):
            if not any(all(g.matches(value) for g in universe) for universe in universes):
                continue
            if all(words.satisfies(value, alternatives) for _, alternatives in texts) and all(
                self.base_holds(number, value) == sign for number, sign in others
            ):
                return value
        spelled_out = any(all(any(g.exact is not None for g in must) for must, _ in alternatives) for _, alternatives in texts)
        if (texts and not spelled_out) or len(families) > 1:
            word, core = words.solve(texts, universes)
            if word is None:
                return Conflict(core - {-1})
            raise Undecidable(f"condition key `{key}` is compared both as {' and as '.join(sorted(families | {'text'}))}")
        return Conflict(frozenset(number for number, _ in others) | frozenset(n for n, _ in texts if n >= 0))

    def base_holds(self, number: int, value: str) -> bool:
        """Whether the base operator of a condition, without set operator or `IfExists`, holds of one value."""
        from probatum.access.model.samples import base_holds

        atom = self._condition(number)
        if atom.family == "text":
            return words.satisfies(value, atom.alternatives(True, self.binding))
        return base_holds(atom, value)

    def _universes(self, key: str) -> tuple[tuple[Glob, ...], ...]:
        if self.axioms:
            if key in TRUTH:
                return _truth_universes
            if key == PRINCIPAL_ARN:
                return _principal_universes
        return _key_universes

    def _several_values(self, key: str, literals: Literals) -> tuple[str, ...] | Conflict:
        """Two or more different values: some must each satisfy something, all must satisfy the rest."""
        every: list[tuple[int, bool]] = []
        some: list[tuple[int, bool]] = []
        for number in sorted(literals):
            atom, sign = self._condition(number), bool(number & 1)
            if atom.family == "presence":
                if atom.when_present() != sign:
                    return Conflict(frozenset((number,)))
                continue
            reading = self._reading(atom)
            if reading == "false":
                if sign:
                    return Conflict(frozenset((number,)))
            elif (reading == "some") == sign:
                some.append((number, sign))
            else:
                every.append((number, sign))
        found: list[str] = []
        for one in some:
            value = self._text_for(key, [*every, one])
            if isinstance(value, Conflict):
                return value
            if value not in found:
                found.append(value)
        while len(found) < 2:
            value = self._text_for(key, every, besides=tuple(found))
            if isinstance(value, Conflict):
                # Too few different values: everything that was asked of all of them is to blame, and what was asked of some.
                return Conflict(frozenset(n for n, _ in (*every, *some)))
            found.append(value)
        return tuple(found)

    def _reading(self, atom: ConditionAtom) -> str:
        quantifier = atom.operator.quantifier
        if quantifier:
            return "some" if quantifier == "ForAnyValue" else "every"
        return "false" if self.multivalue == "never" else "some"

    def _holds(self, number: int, value: Value) -> bool:
        atom = self.vocabulary.atom(number)
        if isinstance(atom, ActionAtom) and isinstance(value, str):
            return action_index(atom.patterns).matches(value) is bool(number & 1)
        if isinstance(atom, ActionAtom | ResourceAtom):
            if not isinstance(value, str):
                raise TypeError("actions and resources are texts")
            return words.satisfies(value, self._alternatives(number))
        sign = bool(number & 1)
        if value is None:
            return atom.when_absent() == sign
        if isinstance(value, str):
            raise TypeError("values of a condition key come in a tuple")
        if atom.family == "presence":
            return atom.when_present() == sign
        if len(value) == 1:
            return self.base_holds(number, value[0]) == sign
        reading = self._reading(atom)
        if reading == "false":
            return not sign
        quantify: Callable[[Iterable[bool]], bool] = any if reading == "some" else all
        return quantify(self.base_holds(number, v) for v in value) == sign


def split_principal(value: Value) -> dict[str, tuple[str, ...]]:
    """Read the principal's keys off its ARN, where the two are one dimension."""
    if not isinstance(value, tuple):
        return {}
    account = value[0].split(":")[4] if value[0].count(":") >= 5 else ""
    return {PRINCIPAL_ARN: value, PRINCIPAL_ACCOUNT: (account,)}
