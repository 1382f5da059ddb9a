"""Search for a run that violates an assertion.

A solver's counterexample is a claim about formulas, and where loops were cut or
quantifiers given up it need not be a run at all. Its values are where the search
begins; then come random ones, small numbers and the numbers of the program
first. Whatever is found was executed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from probatum.code.artefacts import BoogieProgram
from probatum.code.semantics.boogie import STEPS, axioms_hold
from probatum.ivl.execution import Interpretation, Run, Undetermined, Value, from_json, run, to_json
from probatum.ivl.execution.running import shapes_of
from probatum.ivl.execution.values import NoValue, Shapes, Table, random_value
from probatum.ivl.syntax import tree
from probatum.ivl.types import BOOL, INT, REAL, Bits, Map, Type
from probatum.tools import Deadline

Hint: TypeAlias = tuple[Mapping[str, str], Mapping[str, str]]
"""Values by name as SMT-LIB text: where a trace begins, and where it ends."""

_RUNS = 400
_CONSTANTS = 30  # how often values for constants are drawn until the axioms allow them
_SHORT = 2_000  # steps of a run that searches: long enough for small cases, short enough for many


@dataclass(frozen=True, slots=True)
class Violation:
    """A run that violates a claim: what `recheck` replays, and how it went."""

    given: Mapping[str, Any]
    run: Run


@dataclass(slots=True)
class _Guided:
    """Choices from hints by name, then from the program's own numbers, then at random."""

    generator: random.Random
    hint: Hint
    numbers: tuple[int, ...]
    named: set[str] = field(default_factory=set)  # whose first value was chosen
    made: list[Any] = field(default_factory=list)

    def value(self, name: str, type_: Type, shapes: Shapes) -> Value:
        value = self._hinted(name, type_)
        if value is None:
            value = _near(type_, shapes, self.generator, self.numbers)
        self.made.append(to_json(value))
        return value

    def branch(self, count: int) -> int:
        way = self.generator.randrange(count)
        self.made.append(way)
        return way

    def _hinted(self, name: str, type_: Type) -> Value | None:
        begin, end = self.hint
        text = begin.get(name)
        if name in self.named:
            text = end.get(name) if self.generator.random() < 0.5 else None
        self.named.add(name)
        return None if text is None else read_value(text, type_)


def find(
    program: BoogieProgram,
    implementation: tree.Implementation,
    name: str,
    hints: Iterable[Hint],
    *,
    seed: int,
    deadline: Deadline,
    wanted: int,
) -> dict[tuple[tree.Position, tree.Position], Violation]:
    """Return runs that violate claims of an implementation, by position of the claim and of its clause.

    Parameters
    ----------
    hints : iterable of Hint
        What to begin with: the first values of variables, and later ones.
    wanted : int
        Stop when so many different claims have been violated.
    """
    found: dict[tuple[tree.Position, tree.Position], Violation] = {}
    numbers = tuple(sorted(set(_numbers(program.text))))[:40]
    for attempt, hint in enumerate(_starts(hints)):
        if attempt >= _RUNS or len(found) >= wanted or deadline.remaining() <= 0:
            break
        generator = random.Random(f"{seed}/{name}/{attempt}")  # noqa: S311 - reproducibility is the point
        try:
            constants, allowed = _constants(program, generator, hint[0], numbers)
            if allowed is False:
                continue
            guided = _Guided(generator, hint, numbers)
            interpretation = Interpretation({key: from_json(value) for key, value in constants.items()})
            ran = run(program.tree, implementation, guided, interpretation=interpretation, steps=min(STEPS, _SHORT))
        except (NoValue, Undetermined):
            continue
        place = (ran.ended.position, ran.ended.related)
        if ran.ended.how != "violated" or place in found:
            continue
        if ran.used and allowed is None:
            continue
        claim = {
            "what": ran.ended.what,
            "line": place[0].line,
            "column": place[0].column,
            "clause_line": place[1].line,
            "clause_column": place[1].column,
        }
        given = {"implementation": name, "constants": constants, "choices": guided.made, "claim": claim}
        found[place] = Violation(given, ran)
    return found


def _starts(hints: Iterable[Hint]) -> Iterator[Hint]:
    for hint in hints:
        for _ in range(10):  # what the hint leaves open is random
            yield hint
    while True:
        yield {}, {}


def _constants(
    program: BoogieProgram, generator: random.Random, hint: Mapping[str, str], numbers: tuple[int, ...]
) -> tuple[dict[str, Any], bool | None]:
    """Return values for the constants, and whether the axioms allow them (None: that cannot be determined)."""
    constants: dict[str, Any] = {}
    allowed: bool | None = False
    for _ in range(_CONSTANTS):
        constants = random_constants(program.tree, generator, hint, numbers)
        allowed = axioms_hold(program, constants)
        if allowed is not False:
            break
        hint = {}  # what a solver says of some of them may fit no value of the others here
    return constants, allowed


def random_constants(
    program: tree.Program, generator: random.Random, hint: Mapping[str, str], numbers: tuple[int, ...] = ()
) -> dict[str, Any]:
    """Return values as JSON for the constants of a program, those that a hint names first; axioms are not asked."""
    shapes = shapes_of(program)
    constants: dict[str, Any] = {}
    for group in program.declarations:
        if not isinstance(group, tree.ConstantGroup):
            continue
        for constant in group.constants:
            assert constant.type is not None  # noqa: S101 - the program is checked
            value = read_value(hint[constant.name], constant.type) if constant.name in hint else None
            try:
                made = value if value is not None else _near(constant.type, shapes, generator, numbers)
                constants[constant.name] = to_json(made)
            except NoValue:
                continue  # a run that asks for it is undetermined
    return constants


def _near(type_: Type, shapes: Shapes, generator: random.Random, numbers: tuple[int, ...]) -> Value:
    """Return a random value, near a number of the program more often than not far from all."""
    if type_ == INT and numbers and generator.random() < 0.4:
        return generator.choice(numbers) + generator.choice((0, 0, 1, -1))
    if isinstance(type_, Map) and type_.range == INT and generator.random() < 0.3:
        return Table(generator.randint(-2, 2))
    return random_value(type_, shapes, generator)


def _numbers(text: str) -> Iterator[int]:
    for digits in re.findall(r"(?<![\w.])\d{1,9}(?![\w.])", text):
        yield int(digits)


def read_value(text: str, type_: Type) -> Value | None:
    """Return the value that SMT-LIB text denotes, or None if it is not a plain one."""
    text = text.strip()
    negative = re.fullmatch(r"\(- (.+)\)", text)
    plain = negative.group(1) if negative else text
    sign = -1 if negative else 1
    if type_ == BOOL and text in ("true", "false"):
        return text == "true"
    if type_ == INT and plain.isdecimal():
        return sign * int(plain)
    if type_ == REAL:
        quotient = re.fullmatch(r"\(/ (\d+)(?:\.0)? (\d+)(?:\.0)?\)", plain)
        if quotient and int(quotient.group(2)):
            return sign * Fraction(int(quotient.group(1)), int(quotient.group(2)))
        if re.fullmatch(r"\d+(\.\d+)?", plain):
            return sign * Fraction(plain)
    if isinstance(type_, Bits) and re.fullmatch(r"#b[01]+|#x[0-9a-fA-F]+", text):
        return int("0" + text.removeprefix("#"), base=0)
    return None
