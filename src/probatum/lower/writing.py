"""The text of a procedure under construction: blocks, local variables, and what each line claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from probatum.lower.lowered import Kind, Obligation

_GOES_ON = frozenset({Kind.TERMINATION, Kind.OVERRIDE})
_assigning = re.compile(r"havoc ([^;]+);|([^\s=;]+) := ")


@dataclass(slots=True)
class Writer:
    """Writes blocks one after the other.

    Attributes
    ----------
    locals : dict of str to str
        Sorts of local variables.
    ended : bool
        The last block has its jump: what is written now can never be reached.
    held : dict of (str, str) to str
        What entries of maps certainly hold here: by the map and the index, the name that was written there last.
    """

    locals: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    _arriving: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    _lines: list[tuple[str | Callable[[], str], Obligation | None]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)
    _targets: set[str] = field(default_factory=set)

    def fresh(self, stem: str) -> str:
        """Return a name that nothing else has; user's names never contain the `'` in it."""
        number = self._numbers[stem] = self._numbers.get(stem, 0) + 1
        return f"{stem}'{number}"

    def local(self, stem: str, sort: str) -> str:
        """Declare a new local variable."""
        name = self.fresh(stem)
        self.locals[name] = sort
        return name

    def line(self, text: str | Callable[[], str]) -> None:
        """Write a command; a callable is asked for its text when everything else is known."""
        if self.ended:
            return
        self._lines.append((text, None))
        if isinstance(text, str) and self.held:
            changed = {n for m in _assigning.finditer(text) for n in (m[1] or m[2]).split(", ")}
            self.held = {place: value for place, value in self.held.items() if place[0] not in changed}

    def holds(self, variable: str, index: str, value: str) -> None:
        """Remember what an entry of a map holds that was just written; index and value are names that nothing assigns."""
        if not self.ended:
            self.held[variable, index] = value

    def assume(self, condition: str) -> None:
        """Write an assumption."""
        if condition != "true":
            self.line(f"assume {condition};")

    def assign(self, variable: str, value: str) -> None:
        """Write an assignment."""
        self.line(f"{variable} := {value};")

    def claim(self, condition: str, obligation: Obligation) -> None:
        """Write an assertion. What fails without ending a run is not known afterwards: the run goes on, whatever comes of it."""
        if self.ended:
            return
        if obligation.kind in _GOES_ON:
            # What comes after the literal `false` is taken for dead; of a variable without a value nothing is known.
            condition = "{:subsumption 0} " + (self.local("open", "bool") if condition == "false" else condition)
        self._lines.append((f"assert {condition};", obligation))

    def reword(self, begin: int, change: Callable[[Obligation], Obligation]) -> None:
        """Change what the lines from a number on claim."""
        self._lines[begin:] = [(text, own if own is None else change(own)) for text, own in self._lines[begin:]]

    def label(self, name: str, *, again: bool = False) -> None:
        """Begin a block; the one before runs into it. A block that nothing leads to is dead, and so is what follows.

        `again`: a jump back to it is still to come.
        """
        if not self.ended:
            self.jump(name)
        if name in self._targets:
            self._lines.append((f"{name}:", None))
            self.ended = False
            self.held = {} if again else dict(self._arriving.get(name, {}))

    def jump(self, *targets: str) -> None:
        """End the block."""
        if not self.ended:
            self.line(f"goto {', '.join(targets)};")
            self._targets.update(targets)
            for target in targets:
                known = self._arriving.get(target, self.held)
                self._arriving[target] = {place: value for place, value in known.items() if self.held.get(place) == value}
            self.ended = True

    def choose(self, condition: str, then: str, other: str) -> None:
        """End the block: go to `then` if the condition holds, else to `other`."""
        if self.ended:
            return
        if condition in ("true", "false"):
            self.jump(then if condition == "true" else other)
            return
        yes, no = self.fresh("yes"), self.fresh("no")
        self.jump(yes, no)
        self.label(yes)
        self.assume(condition)
        self.jump(then)
        self.label(no)
        self.assume(f"(!{condition})")
        self.jump(other)

    def count(self) -> int:
        """Return how many lines there are."""
        return len(self._lines)

    def assigned(self, begin: int, end: int) -> set[str]:
        """Return the variables that lines assign."""
        found = set()
        for text, _ in self._lines[begin:end]:
            if isinstance(text, str):
                command = _assigning.match(text)
                if command:
                    found.add(command[1] or command[2])
        return found

    def lines(self) -> Iterator[tuple[str, Obligation | None]]:
        """Yield the lines with what they claim."""
        for text, obligation in self._lines:
            yield (text if isinstance(text, str) else text()), obligation
