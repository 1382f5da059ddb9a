"""The place in a text that is being read, and what is said where the text is wrong.

After an error reading goes on at the same token, as if what is missing were
there; an error fewer than two tokens after another is not reported. So the
errors are those that Boogie reports, at the same places.
"""

from __future__ import annotations

from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tokens, walk
from probatum.ivl.syntax.tree import Name, Position

MOVERS = frozenset(["left", "right", "both", "atomic"])
IDENTIFIERS = MOVERS | {tokens.IDENTIFIER, "reveal", "hide", "push", "pop"}
"""The tokens that are names; the words among them mean more only where a name cannot stand."""

_tuple = tuple.__new__  # makes a Position in half the time: there is one for most tokens


class TooDeepError(Exception):
    """Nesting beyond the limit: nothing after it is read."""


class Cursor:
    """One text on its way to a tree, seen as tokens of which the next one is known.

    Attributes
    ----------
    index : int
        The number of the next token.
    kind : str
        Its kind: the word or symbol itself, or one of the kinds of `tokens`.
    kinds, texts : list of str
        Of all tokens.
    errors : list of StaticError
        What was reported so far.
    pragmas : list of tuple of int and StaticError
        Errors of the lines that begin with `#`, each with the token before which it is reported; they leave the list then.
    last_error : int
        The token at which something was wrong last.
    depth : int
        How many brackets, quantifiers, conditions and statement blocks are open.
    """

    __slots__ = (
        "columns", "depth", "errors", "file", "files", "index",
        "kind", "kinds", "last_error", "lines", "pragmas", "texts", "tokens",
    )  # fmt: skip

    def __init__(self, source: tokens.Tokens) -> None:
        self.tokens = source
        self.kinds, self.texts = source.kinds, source.texts
        self.lines, self.columns = source.lines, source.columns
        self.file, self.files = source.file, source.files
        self.index = 0
        self.kind = source.kinds[0]
        self.errors: list[StaticError] = []
        self.pragmas = source.errors
        self.last_error = -3
        self.depth = 0

    def advance(self) -> None:
        """Go on to the token after the next."""
        self.index = index = self.index + 1
        self.kind = self.kinds[index]

    def place(self, index: int) -> Position:
        """Return the position of a token."""
        if self.files:
            return self.tokens.position(index)
        return _tuple(Position, (self.file, self.lines[index], self.columns[index]))

    def expect(self, kind: str) -> None:
        """Go past a token that must come next."""
        if self.kind == kind:
            self.index = index = self.index + 1
            self.kind = self.kinds[index]
        else:
            self.unexpected(f'"{kind}" expected')

    def identifier(self) -> Name:
        """Read a name."""
        index = self.index
        if self.kind in IDENTIFIERS:
            self.index = index + 1
            self.kind = self.kinds[index + 1]
            return Name(self.place(index), self.texts[index])
        self.unexpected("invalid Ident")
        before = max(index - 1, 0)  # like Boogie, which goes on with the last token in its place
        return Name(self.place(before), self.texts[before])

    def identifiers(self) -> list[Name]:
        """Read `a, b, c`."""
        answer = [self.identifier()]
        while self.kind == ",":
            self.advance()
            answer.append(self.identifier())
        return answer

    def unexpected(self, message: str) -> None:
        """Report what is wrong with the next token."""
        if self.index - self.last_error >= 2:
            self.report(self.index, message, self._hint())
        self.last_error = self.index

    def semantic(self, message: str) -> None:
        """Report what is wrong with what the last token ended."""
        if self.index - self.last_error >= 2:
            self.report(self.index - 1, message)
        self.last_error = self.index

    def report(self, index: int, message: str, hint: str = "") -> None:
        """Report an error at a token, with no regard to errors nearby."""
        while self.pragmas and self.pragmas[0][0] <= self.index:
            self.errors.append(self.pragmas.pop(0)[1])
        self.errors.append(StaticError(self.place(index), message, "parse", hint=hint))

    def deeper(self) -> None:
        """Count one level more of nesting, which must not be too many."""
        self.depth += 1
        if self.depth > walk.MAXIMUM_NESTING:
            hint = "give the inner parts names: a function with a body, or a variable that is assigned before"
            self.report(self.index, f"nesting is deeper than {walk.MAXIMUM_NESTING} levels", hint)
            raise TooDeepError

    def _hint(self) -> str:
        text = self.texts[self.index]
        shown = text if len(text) <= 30 else f"{text[:30]}..."
        if self.kind == tokens.END:
            return "the text ends here"
        if self.kind == tokens.UNKNOWN:
            if text.startswith('"'):
                return "this string does not end on its line"
            return f"`{shown}` is no symbol of the language"
        if self.kind in tokens.KEYWORDS and self.kind not in IDENTIFIERS:
            return f"`{text}` is a word of the language; a name that is spelled so is written `\\{text}`"
        return f"found `{shown}`"
