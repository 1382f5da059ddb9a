"""Invariants that were guessed, written into loops: as few as do, and so that all is proved without a guess.

What is guessed is found anew in every check, and may be lost by the next change
of the function. Written down it is part of the program: read by people, watched
when the program runs, and explained when it fails.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import functions
from probatum.code.model.changes import Offsets
from probatum.code.repair.words import known, with_words
from probatum.errors import ProbatumError, UnsupportedConstruct
from probatum.findings import Edit
from probatum.lower.guess_texts import words_of
from probatum.lower.lowered import Guess
from probatum.python.program import Function, Program, Syntax
from probatum.source import Source
from probatum.tools import Deadline, OutOfTime, Tools

_SECONDS = 40.0  # for one function: when they are over, what does is kept, though less might do
_IN_LOOPS = ("invariant", "decreases", "modifies")
_HOME = "probatum.spec"


@dataclass(frozen=True, slots=True)
class Addition:
    """What is written into a function, or why nothing is.

    Attributes
    ----------
    subject : str
        The function's qualified name.
    line : int
        Of the function.
    texts : tuple of (int, str)
        Lines of loops, and what is written into them.
    reason : str
        Why nothing is written; "" if something is.
    """

    subject: str
    line: int
    texts: tuple[tuple[int, str], ...] = ()
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"subject": self.subject, "line": self.line, "texts": [list(t) for t in self.texts], "reason": self.reason}


def additions(artefact: Artefact, subjects: Collection[str], tools: Tools) -> tuple[tuple[Addition, ...], tuple[Edit, ...]]:
    """Return what to write into the loops of some functions, with which they are proved as they are written, and the edits that do.

    Functions that are proved as they are, or that have no loops, are left out.

    Parameters
    ----------
    subjects : collection of str
        Qualified names of functions.
    tools : Tools
        `inputs` has the file itself by its path, besides what rules get.

    Raises
    ------
    UnreadableArtefact
        If the module cannot be read.
    """
    if not isinstance(artefact, PythonModule):
        return (), ()
    source = tools.inputs.get(artefact.subject)
    if source is None or source.text().content != artefact.text:
        return (), ()  # in an encoding in which offsets mean something else
    program, module = artefact.program(tools.inputs)
    found: list[Addition] = []
    written: list[Guess] = []
    desk = _Desk(artefact, tools)
    for function in artefact.wanted(module, program):
        if function.qualified not in subjects or function.problems or not _loops(function):
            continue
        tools.deadline.check()
        own = replace(desk, tools=replace(tools, deadline=Deadline.after(min(_SECONDS, tools.deadline.remaining())), kept={}))
        addition, guesses = own.addition(program, function)
        if addition is not None:
            found.append(addition)
            written += guesses
    return tuple(found), tuple(desk.edits(written))


def _loops(function: Function) -> bool:
    return any(isinstance(node, ast.While | ast.For) for statement in function.body for node in ast.walk(statement))


@dataclass(frozen=True, slots=True)
class _Desk:
    """A module into which conditions are written, to see what is proved then."""

    artefact: PythonModule
    tools: Tools

    def addition(self, program: Program, function: Function) -> tuple[Addition | None, list[Guess]]:
        """Return what is said of a function, and what is written; None if it is proved as it is."""
        place = function.qualified, function.place.line
        try:
            if functions.as_written(program, function, self.tools, patient=False).proved:
                return None, []
            found = functions.guessed(program, function, self.tools)
        except (RecursionError, UnsupportedConstruct):
            return None, []  # which the check says
        except OutOfTime:
            return Addition(*place, reason="there was no time to guess what proves it"), []
        if found.problems or not found.guesses:
            return None, []
        if not found.proved:
            return Addition(*place, reason="what could be guessed does not prove it"), []
        if function.contract.syntax is Syntax.NAGINI:
            return Addition(*place, reason="it is proved with guesses, which are not written in the words of Nagini"), []
        needed = self._fewest(function, [guess for guess in found.guesses if guess.exact])
        if needed is None:
            return Addition(*place, reason="it is proved with guesses, of which not all can be written as an `invariant`"), []
        if not needed:
            return None, []
        return Addition(*place, tuple((guess.place.line, guess.text) for guess in needed)), needed

    def _fewest(self, function: Function, guesses: Sequence[Guess]) -> list[Guess] | None:
        """Return a part of the guesses of which none can be left out; None if not even all of them do."""
        if self._proved(function, (), patient=True):
            return []
        patient = not self._proved(function, guesses, patient=False)
        if patient and not self._proved(function, guesses, patient=True):
            return None
        left, size = list(guesses), max(1, len(guesses) // 2)
        while True:
            end = len(left)
            while end > 0:  # the likeliest come first, so the last go first
                if self.tools.deadline.remaining() <= 0:
                    return left
                less = left[: max(0, end - size)] + left[end:]
                if self._proved(function, less, patient=patient):
                    left = less
                end -= size
            if size == 1:
                return left
            size = max(1, min(size, len(left)) // 2)

    def _proved(self, function: Function, guesses: Sequence[Guess], *, patient: bool) -> bool:
        """Whether a function is proved with these conditions in its text, and without guessing."""
        text = _applied(self.artefact.text, list(self.edits(guesses)))
        if text is None:
            return False
        source = Source(self.artefact.subject, text.encode("utf-8", "surrogatepass"))
        try:
            changed = replace(self.artefact, text=source.text().content, source=source, memo={})
            program, module = changed.program({**self.tools.inputs, source.path: source})
        except ProbatumError:
            return False
        own = next((f for f in changed.wanted(module, program) if f.name == function.name), None)
        try:
            return own is not None and not own.problems and functions.as_written(program, own, self.tools, patient=patient).proved
        except OutOfTime:
            return False

    def edits(self, guesses: Sequence[Guess]) -> Iterator[Edit]:
        """Yield the edits that write conditions into the loops, and import the words that they need."""
        text, tree = self.artefact.text, self.artefact.tree
        offsets, digest = Offsets(text), self.artefact.source.text().digest
        needed = {"invariant"}.union(*(words_of(guess.text) for guess in guesses)) if guesses else set()
        words = {word: known(tree, f"{_HOME}.{word}") for word in needed | set(_IN_LOOPS)}

        def edit(start: int, end: int, new: str) -> Edit:
            return Edit(self.artefact.subject, digest, start, end, new)

        for loop in ast.walk(tree):
            if not isinstance(loop, ast.While | ast.For):
                continue
            start, _ = offsets.region(loop)
            own = [g for g in guesses if offsets.offset(g.place.line, g.place.column) == start]
            if not own:
                continue
            first = next((s for s in loop.body if not _said(s, words)), loop.body[-1])
            begins, _ = offsets.region(first)
            before = text[offsets.start_of_line(offsets.line(first)) : begins]
            if before.strip():
                return  # the body stands behind the colon
            conditions = [_in_words(g.text, {w: name for w, name in words.items() if name is not None}) for g in own]
            said = words["invariant"] or "invariant"
            yield edit(begins, begins, "".join(f"{said}({condition})\n{before}" for condition in conditions))
            count = next((g.count for g in own if g.count), "")
            if count and isinstance(loop, ast.For):
                (t0, t1), (i0, i1) = offsets.region(loop.target), offsets.region(loop.iter)
                target, iterated = text[t0:t1], text[i0:i1]
                yield edit(
                    t0,
                    t1,
                    f"{count}, ({target})" if isinstance(loop.target, ast.Tuple) and target[0] != "(" else f"{count}, {target}",
                )
                yield edit(i0, i1, f"enumerate({iterated})")
        lacking = sorted(word for word in needed if words[word] is None)
        if lacking:
            yield edit(*with_words(tree, offsets, _HOME, lacking))


def _said(statement: ast.stmt, words: dict[str, str | None]) -> bool:
    """Whether a statement at the head of a loop is part of its contract."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    return ast.unparse(statement.value.func) in [words[word] for word in _IN_LOOPS]


def _in_words(text: str, words: dict[str, str]) -> str:
    """Return a condition with the names under which a module knows the words."""
    if all(word == name for word, name in words.items()):
        return text
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = words.get(node.id, node.id)
    return ast.unparse(tree)


def _applied(text: str, edits: Sequence[Edit]) -> str | None:
    """Return the text with all edits, the last first; None if two overlap."""
    end = len(text)
    for one in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        if one.end > end:
            return None
        text, end = text[: one.start] + one.new + text[one.end :], one.start
    return text


__all__ = ["Addition", "additions"]
