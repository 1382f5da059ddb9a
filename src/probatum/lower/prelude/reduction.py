"""Which declarations of the prelude a program needs: most use a few of some hundred.

An axiom is of use only where a solver sees an instance of one of its triggers,
so it is needed once all names of a trigger are mentioned, by the program or by
what it needs already. What is left out is left out of every obligation anyway
(see `probatum.ivl.conditions.pruning`); leaving it out here means that nobody
reads it, checks it and looks for its instances first. It is always sound: what
is proved with fewer facts holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from probatum.records import dataclass

_comment = re.compile(r"//.*")
_begin = re.compile(r"^(?=(?:type|const|function|axiom)\b)", re.MULTILINE)
_named = re.compile(r"(type|const|function)(?:\s+unique)?((?:\s+\{:[^}]*\})*)\s+([A-Za-z_]\w*)")
_quantified = re.compile(r"axiom\s+\(forall(?:<[^>]*>)?[^{}]*?::\s*((?:\{[^:}][^}]*\}\s*)+)")
_trigger = re.compile(r"\{([^}]*)\}")
_word = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class _Declaration:
    """One declaration.

    Attributes
    ----------
    file, text : str
    name : str
        What it declares; "" for an axiom.
    mentions : frozenset of str
        Declared names that stand in it.
    causes : tuple of frozenset of str
        Of an axiom: it is needed once all names of one of these are mentioned.
    """

    file: str
    text: str
    name: str
    mentions: frozenset[str]
    causes: tuple[frozenset[str], ...]


class Reduction:
    """The prelude in single declarations."""

    def __init__(self, files: Iterable[tuple[str, str]]) -> None:
        """Take the names of files with their texts, in order."""
        pieces = [(file, piece) for file, text in files for piece in _pieces(text)]
        kinds: dict[str, str] = {}
        self._home: dict[str, str] = {}
        inline: dict[str, str] = {}
        for file, piece in pieces:
            if head := _named.match(piece):
                kinds[head[3]], self._home[head[3]] = head[1], file
                if "inline" in head[2]:
                    inline[head[3]] = piece
        self._types = frozenset(name for name, kind in kinds.items() if kind == "type")
        self._inline = {name: self._in(text) - {name} for name, text in inline.items()}
        self._declarations = [self._declaration(file, piece) for file, piece in pieces]
        self._declaring: dict[str, int] = {}
        self._waiting: dict[str, list[int]] = {}
        for number, own in enumerate(self._declarations):
            if own.name:
                self._declaring[own.name] = number
            for cause in own.causes:
                for name in cause:
                    self._waiting.setdefault(name, []).append(number)

    @property
    def names(self) -> Mapping[str, str]:
        """Every declared name, with the file that declares it."""
        return self._home

    def text(self, names: frozenset[str], files: frozenset[str]) -> str:
        """Return what a program needs, in the order of the files.

        Parameters
        ----------
        names : frozenset of str
            Declared names that the program mentions.
        files : frozenset of str
            From which axioms are taken.
        """
        chosen: set[int] = set()
        reached: set[str] = set()
        new = list(names)
        while new:
            name = new.pop()
            if name in reached:
                continue
            reached.add(name)
            for number in (self._declaring[name], *self._waiting.get(name, ())):
                own = self._declarations[number]
                if number in chosen:
                    continue
                if own.name or (own.file in files and any(cause <= reached for cause in own.causes)):
                    chosen.add(number)
                    new += own.mentions - reached
        return "\n".join(self._declarations[number].text for number in sorted(chosen))

    def _declaration(self, file: str, text: str) -> _Declaration:
        mentions = frozenset(self._in(text))
        if head := _named.match(text):
            return _Declaration(file, text, head[3], mentions - {head[3]}, ())
        return _Declaration(file, text, "", mentions, tuple(self._causes(file, text, mentions)))

    def _causes(self, file: str, text: str, mentions: frozenset[str]) -> list[frozenset[str]]:
        if found := _quantified.match(text):
            causes = [frozenset(self._applied(group)) for group in _trigger.findall(found[1])]
            if all(causes):
                return causes
        # Without a trigger it is a fact about what its own file declares, and mentions others to say it.
        symbols = mentions - self._types
        own = {name for name in symbols if self._home[name] == file}
        return [frozenset({name}) for name in sorted(own or symbols)]

    def _applied(self, text: str) -> set[str]:
        """Return the symbols of a trigger; of what stands for its definition those of that."""
        found: set[str] = set()
        waiting = list(self._in(text) - self._types)
        while waiting:
            name = waiting.pop()
            if name in self._inline:
                waiting += self._inline[name] - self._types
            else:
                found.add(name)
        return found

    def _in(self, text: str) -> set[str]:
        return {word for word in _word.findall(text) if word in self._home}


def _pieces(text: str) -> Iterator[str]:
    """Yield the declarations of a file, without comments."""
    for piece in _begin.split(_comment.sub("", text)):
        own = "\n".join(line.rstrip() for line in piece.splitlines() if line.strip())
        if own:
            yield own
