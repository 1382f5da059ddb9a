"""From a model to the path that it takes through the program, with values in the source's names."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.ivl.blocks import OLD, Claim
from probatum.ivl.conditions.passive import PassiveBlock
from probatum.ivl.conditions.smtlib import Name, readable
from probatum.ivl.conditions.weakest import Condition, Obligation
from probatum.ivl.outcomes import Step, Trace
from probatum.ivl.syntax.tree import NOWHERE, Position
from probatum.ivl.terms import Term

# A value that is longer, a map most often, tells nobody anything.
LONGEST = 400


def trace(condition: Condition, obligation: Obligation, values: Mapping[str, str], *, candidate: bool) -> Trace:
    """Return the path to a claim that fails.

    Parameters
    ----------
    condition : Condition
    obligation : Obligation
        Of this condition.
    values : mapping
        What the model says of the names that `Obligation.values` lists; some may be missing.
    candidate : bool
        The solver does not say that this is a model.
    """
    return _Reading(condition, obligation, values).trace(candidate=candidate)


def return_position(condition: Condition, path: list[PassiveBlock]) -> Position | None:
    """Return where a path returns, if the claim is a postcondition; where several returns meet, which of them it was."""
    if condition.label.claim is not Claim.POSTCONDITION:
        return None
    where = next((block.end for block in reversed(path) if block.returns), path[-1].end)
    return where if where != NOWHERE else None


class _Reading:
    def __init__(self, condition: Condition, obligation: Obligation, values: Mapping[str, str]) -> None:
        self.condition = condition
        self.naming = obligation.naming
        self.values = values
        self.known: dict[Term, str | None] = {}  # values as a person reads them, by the name that a variable has somewhere
        # What was made for calls and the like has a sign in its name that no identifier has.
        self.shown = [
            (f"old({source[: -len(OLD)]})" if source.endswith(OLD) else source, variable)
            for variable in condition.conditions.variables
            if "@" not in (source := str(variable.payload))
        ]
        self.sources = obligation.naming.sources()
        self.taken = {
            what: values.get(text) == "true"
            for what, text in obligation.naming.items()
            if isinstance(what, Name) and what.letter == "b"
        }

    def trace(self, *, candidate: bool) -> Trace:
        path = self.path()
        steps: list[Step] = []
        shown: dict[str, str] = {}
        names: dict[Term, Term] = {}
        initial: dict[str, str] = {}
        for number, block in enumerate(path):
            names.update(block.entry)
            if number == 0:
                initial = self.state({})
                shown = dict(initial)
            last = self.condition.place if number == len(path) - 1 else len(block.items)
            names.update({variable: name for place, variable, name in block.changes if place <= last})
            now = self.state(names)
            if block.position != NOWHERE:
                changed = {name: value for name, value in now.items() if shown.get(name) != value}
                steps.append(Step(block.name, block.position, changed))
                shown = now
        return Trace(tuple(steps), initial, self.state(names), candidate, return_position(self.condition, path))

    def path(self) -> list[PassiveBlock]:
        """Follow the blocks that the model goes through, from the entry to the claim."""
        blocks = self.condition.conditions.passive.blocks
        booleans = self.condition.conditions.booleans
        slice_ = self.condition.slice()
        number = 0
        path = [blocks[0]]
        while number != slice_.target:
            following = [one for one in blocks[number].after if slice_.inside >> one & 1]
            certain = [one for one in following if slice_.certain >> one & 1]
            true = [one for one in following if self.taken.get(booleans[one], False)]
            number = (certain or true or following)[0]
            path.append(blocks[number])
        return path

    def state(self, names: Mapping[Term, Term]) -> dict[str, str]:
        """Return the values of program variables, given their present names."""
        found: dict[str, str] = {}
        for shown, variable in self.shown:
            now = names.get(variable, variable)
            value = self.known[now] if now in self.known else self.value(now)
            if value is not None:
                found[shown] = value
        return found

    def value(self, now: Term) -> str | None:
        """Return the value of a name as a person reads it; None if there is none that tells anything."""
        text = str(now.payload) if now.kind == "literal" else self.values.get(self.naming.get(now, ""))
        value = None if text is None or len(text) > LONGEST else readable(text, self.sources)
        self.known[now] = value
        return value
