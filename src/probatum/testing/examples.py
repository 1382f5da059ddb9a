"""A rule, the examples it is tried on, and what it says about one of them."""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from probatum.engine.imports import Imports
from probatum.errors import MissingExtra, ProbatumError, UnreadableArtefact
from probatum.evidence import Evidence, Recheck
from probatum.findings import Outcome, Undecided, Why
from probatum.project.options import options_of
from probatum.source import DATA, Location, Source
from probatum.tools import Deadline, OutOfTime, Tools


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an example says about a rule.

    Attributes
    ----------
    verdict : str
        ``finds``, ``clears``, ``undecided``; ``ignores`` if the rule does not
        apply; ``misses`` and ``false-alarm`` for known wrong answers.
    rule : str
        Without its system: ``public-access``.
    issue : str
        Of a known wrong answer: ``#41``.
    """

    verdict: str
    rule: str
    issue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One input to try a rule on.

    Attributes
    ----------
    source : Source
        The file.
    options : mapping
        Of the system, as in its table of the configuration; the rest has its default.
    inputs : mapping of str to Source
        Further files, by the names that the system's `artefacts.inputs` uses.
    looks : int or None
        How often the rule may look at its deadline before the time is up; None
        for as often as it likes. Unlike seconds, this is the same on every machine.
    title, line
        Where it stands in a spec.
    expects : tuple of Expectation
        What is said about rules.
    """

    source: Source
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Source] = field(default_factory=dict)
    looks: int | None = None
    title: str = ""
    line: int = 0
    expects: tuple[Expectation, ...] = ()

    def __str__(self) -> str:
        return f"`{self.title}`" + (f" (line {self.line})" if self.line else "")


@dataclass(frozen=True, slots=True)
class CountedDeadline(Deadline):
    """A deadline that comes after a number of looks at it: the same everywhere, on a loaded machine too."""

    left: list[int] = field(default_factory=lambda: [0])

    @staticmethod
    def of(looks: int) -> CountedDeadline:
        """Return the deadline that comes after so many looks."""
        return CountedDeadline(math.inf, [looks])

    def remaining(self) -> float:
        """No limit while looks are left, then 0."""
        return math.inf if self._look() else 0.0

    def check(self) -> None:
        """Raise `OutOfTime` when no look is left."""
        if not self._look():
            raise OutOfTime

    def _look(self) -> bool:
        self.left[0] -= 1
        return self.left[0] >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule under test.

    Attributes
    ----------
    package : str
        The system it belongs to: ``probatum.access``.
    name : str
        Name of its file in the system's `rules`: ``public_access``.
    examples : tuple of Example
        What it is tried on.
    """

    package: str
    name: str
    examples: tuple[Example, ...] = ()

    @property
    def system(self) -> str:
        """The prefix of the rule's identifier."""
        return self.package.rsplit(".", 1)[-1]

    @property
    def id(self) -> str:
        """``access/public-access``."""
        return f"{self.system}/{self.name.replace('_', '-')}"

    def __str__(self) -> str:
        return self.id

    @property
    def module(self) -> ModuleType:
        """The module that holds `check`."""
        return importlib.import_module(f"{self.package}.rules.{self.name}")

    def room(self, name: str) -> ModuleType | None:
        """Return a room of the system (``recheck``, ``repair``), or None where there is none."""
        full = f"{self.package}.{name}"
        return importlib.import_module(full) if importlib.util.find_spec(full) is not None else None

    def siblings(self) -> tuple[Rule, ...]:
        """All rules of the system, this one included."""
        return tuple(Rule(package=self.package, name=name, examples=self.examples) for name in rule_names(self.package))

    def options(self, example: Example) -> dict[str, Any]:
        """Return the options of the example, completed by defaults."""
        return {option.name: option.default for option in options_of(self.system)} | dict(example.options)

    def artefacts(self, example: Example) -> tuple[Any, ...]:
        """Read the example's file; raises what the system raises."""
        read = importlib.import_module(f"{self.package}.artefacts").read
        return tuple(read(example.source, self.options(example)))

    def inputs(self, example: Example) -> dict[str, Source]:
        """Return those further inputs of the example that the system asks for."""
        options, files = self.options(example), {**example.inputs, example.source.path: example.source}
        names = importlib.import_module(f"{self.package}.artefacts").inputs(example.source.path, options)
        imports = Imports(self.package, options, lambda path: files[path].raw if path in files else None, files.__contains__)
        names = (*names, *imports.names(example.source.path))
        found = {name: example.inputs.get(name.removeprefix(DATA)) for name in names}
        return {name: source for name, source in found.items() if source is not None}

    def tools(self, example: Example, looks: int | None = None) -> Tools:
        """Return what the engine would lend to the rule; `looks` overrides the example's."""
        looks = looks if looks is not None else example.looks
        return Tools(
            deadline=Deadline.never() if looks is None else CountedDeadline.of(looks),
            options=self.options(example),
            inputs=self.inputs(example),
        )

    def outcomes(self, example: Example, looks: int | None = None) -> tuple[Outcome, ...]:
        """What the rule says about an example.

        As in a check, a file that cannot be read, a construct without semantics,
        a library that is missing and a deadline that has passed are `Undecided`.
        """
        try:
            artefacts = self.artefacts(example)
        except ProbatumError as problem:
            return (_undecided("probatum/unreadable", example.source.path, problem),)
        found: list[Outcome] = []
        for artefact in artefacts:
            try:
                found.extend(self.module.check(artefact, self.tools(example, looks)))
            except ProbatumError as problem:
                found.append(_undecided(self.id, artefact.subject, problem, artefact.location))
            except OutOfTime:
                found.append(
                    Undecided(
                        rule=self.id,
                        subject=artefact.subject,
                        location=artefact.location,
                        why=Why.TIME_LIMIT,
                        reason="not decided within the time limit",
                    )
                )
        return tuple(found)

    def recheck(self, evidence: Evidence, example: Example, subject: str) -> Recheck:
        """Check evidence again, by whom its method names, against the example's artefact of that subject."""
        who = evidence.method.split("/", 1)[0]
        if who == "solve":
            from probatum.solve.replay import recheck as replay

            return replay(evidence)
        if who == "stats":
            from probatum.stats.recheck import recheck as recompute

            return recompute(evidence)
        room = self.room("recheck")
        if who != self.system or room is None:
            return Recheck("cannot", f"nobody re-checks the method `{evidence.method}`")
        artefacts = self.artefacts(example)
        artefact = next((a for a in artefacts if a.subject == subject), artefacts[0])
        answer = room.recheck(artefact, evidence, self.inputs(example))
        if not isinstance(answer, Recheck):
            raise TypeError(f"`{self.package}.recheck` returned {answer!r}")
        return answer


def rule_names(package: str) -> tuple[str, ...]:
    """Names of the files in a system's `rules`, found without importing them."""
    spec = importlib.util.find_spec(f"{package}.rules")
    places = spec.submodule_search_locations if spec is not None else None
    return tuple(sorted(p.stem for place in places or () for p in Path(place).glob("[!_]*.py")))


def rules_of(package: str, *, specs: Path | None = None) -> tuple[Rule, ...]:
    """Every rule of a system, with the examples of its spec.

    Parameters
    ----------
    package : str
        ``probatum.access``; found by name, importing no rule.
    specs : Path, optional
        The directory of its specs, one `<rule>.md` each. Without it, or where a
        spec is absent, a rule has no examples.
    """
    from probatum.testing.specs import read_spec

    found = []
    for name in rule_names(package):
        path = specs / f"{name.replace('_', '-')}.md" if specs is not None else None
        examples = read_spec(path).examples if path is not None and path.exists() else ()
        found.append(Rule(package=package, name=name, examples=examples))
    return tuple(found)


def _undecided(rule: str, subject: str, problem: ProbatumError, where: Location | None = None) -> Undecided:
    why = (
        Why.MISSING_EXTRA
        if isinstance(problem, MissingExtra)
        else Why.UNREADABLE
        if isinstance(problem, UnreadableArtefact)
        else Why.UNSUPPORTED
    )
    location = problem.location or where or Location(subject)
    return Undecided(rule=rule, subject=subject, location=location, why=why, reason=problem.message)
