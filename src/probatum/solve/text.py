r"""SMT-LIB text: what may be asked, and how values are written.

Solvers read text, and text may come from a stored proof or contain names that
somebody else chose. A solver's own reader would execute commands hidden in it
(`(exit)`, `(set-option ...)`, a second `(check-sat)`). So a question is first
read here, by the rules of the standard and no others; only declarations,
definitions, assertions, `set-logic` and `set-info` pass; and what a solver gets
is written anew from what was read. Anything that two readers could understand
differently (a backslash inside `|...|`, a control character) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from probatum.records import dataclass
from probatum.solve.answers import Term, Value

Expression = str | list["Expression"]  # an atom as its text, or a list

_allowed = frozenset(
    {
        "assert",
        "declare-const",
        "declare-datatype",
        "declare-datatypes",
        "declare-fun",
        "declare-sort",
        "define-const",
        "define-fun",
        "define-fun-rec",
        "define-funs-rec",
        "define-sort",
        "set-info",
        "set-logic",
    }
)

# Deeper than any question we make, and shallow enough for readers that recurse.
DEEPEST = 5_000

_token = re.compile(
    r"""
      [ \t\r\n]+ | ;[^\n]*
    | (?P<open>\() | (?P<close>\))
    | (?P<string>"(?:[^"]|"")*")
    | (?P<atom>
          \|[^|\\]*\|                                  # quoted symbol
        | [#]b[01]+ | [#]x[0-9A-Fa-f]+
        | :?[A-Za-z0-9~!@$%^&*_+=<>.?/-]+              # symbol, keyword, numeral, decimal
      )
    """,
    re.VERBOSE,
)

_escape = re.compile(r"\\u(?:\{([0-9A-Fa-f]{1,5})\}|([0-9A-Fa-f]{4}))")


class MalformedQuestion(ValueError):
    """A text is not a question: it cannot be read, or contains something other than declarations and assertions."""


@dataclass(frozen=True, slots=True)
class Script:
    """A question as it was read.

    Attributes
    ----------
    commands : tuple of str
        Each command in canonical text.
    logic : str
        As set by the question; empty if it sets none.
    names : tuple of str or None
        One for each assertion: its `:named` name, without bars.
    constants : tuple of str
        Declared constants, as written in the canonical text.
    """

    commands: tuple[str, ...]
    logic: str
    names: tuple[str | None, ...]
    constants: tuple[str, ...]

    @property
    def text(self) -> str:
        """All commands, one a line."""
        return "".join(f"{c}\n" for c in self.commands)


def read(smtlib: str) -> Script:
    """Read a question.

    Raises
    ------
    MalformedQuestion
        If the text is not SMT-LIB, or a command is not one that a question may contain.
    """
    commands: list[str] = []
    names: list[str | None] = []
    constants: list[str] = []
    logic = ""
    for expression in expressions(smtlib):
        match expression:
            case ["set-logic", str(name)] if not logic and not commands and re.fullmatch(r"[A-Z_]+[A-Z0-9_]*", name):
                logic = name
                continue  # said by us, once, in front
            case ["assert", body]:
                names.append(_name_of(body))
            case ["declare-const", str(name), _]:
                constants.append(name)
            case ["declare-fun", str(name), [], _]:
                constants.append(name)
            case [str(command), *_] if command in _allowed and command not in ("assert", "set-logic"):
                pass
            case _:
                raise MalformedQuestion(f"a question cannot contain `{_shorten(write(expression))}`")
        if expression[0] != "set-info":
            commands.append(write(expression))
    given = [name for name in names if name is not None]
    if len(set(given)) != len(given):
        raise MalformedQuestion("two assertions have the same name")
    return Script(tuple(commands), logic, tuple(names), tuple(constants))


def read_term(text: str) -> str:
    """Read one term and return it in canonical text."""
    found = list(expressions(text))
    if len(found) != 1:
        raise MalformedQuestion(f"`{_shorten(text)}` is not one term")
    return write(found[0])


def expressions(text: str) -> Iterator[Expression]:
    """Read a sequence of expressions; strings keep their quotes, and only printable ASCII remains in them."""
    stack: list[list[Expression]] = []
    at = 0
    while at < len(text):
        found = _token.match(text, at)
        if found is None:
            raise MalformedQuestion(f"not SMT-LIB at character {at}: `{_shorten(text[at : at + 40])}`")
        at = found.end()
        item: Expression
        if found["open"]:
            stack.append([])
            if len(stack) > DEEPEST:
                raise MalformedQuestion(f"nested more than {DEEPEST} deep")
            continue
        if found["close"]:
            if not stack:
                raise MalformedQuestion(f"`)` without `(` at character {at - 1}")
            item = stack.pop()
        elif found["string"]:
            item = f'"{_ascii(found["string"][1:-1])}"'
        elif found["atom"]:
            item = _symbol(found["atom"])
        else:
            continue  # space or comment
        if stack:
            stack[-1].append(item)
        else:
            yield item
    if stack:
        raise MalformedQuestion(f"{len(stack)} `(` without `)`")


def write(expression: Expression) -> str:
    """Canonical text: one space between items, and none elsewhere."""
    out: list[str] = []
    todo: list[Expression | None] = [expression]  # None closes a list; a stack, because terms may be deep
    while todo:
        item = todo.pop()
        if item is None:
            out.append(")")
        elif isinstance(item, str):
            out.append(item)
        else:
            out.append("(")
            todo.append(None)
            todo.extend(reversed(item))
    parts: list[str] = []
    for before, item in zip(["(", *out], out, strict=False):
        if item != ")" and before != "(":
            parts.append(" ")
        parts.append(item)
    return "".join(parts)


def string_literal(value: str) -> str:
    """Return the SMT-LIB literal of a Python string.

    Raises
    ------
    MalformedQuestion
        If it contains a character above U+2FFFF, which the theory of strings does not have.
    """
    return '"' + "".join(_character(c) for c in value) + '"'


def string_value(literal: str) -> str:
    """Return the Python string that a literal (with its quotes) stands for."""
    inner = literal[1:-1].replace('""', '"')
    return _escape.sub(lambda m: chr(int(m[1] or m[2], 16)), inner)


def value_of(text: str) -> Value:
    """Return the Python value of a value as solvers print it; `Term` if there is no type for it."""
    [expression] = expressions(text)
    number = _number(expression)
    if number is not None:
        return number
    match expression:
        case "true" | "false":
            return expression == "true"
        case str() if expression.startswith('"'):
            return string_value(expression)
        case str() if expression.startswith("#b"):
            return int(expression.removeprefix("#b"), 2)
        case str() if expression.startswith("#x"):
            return int(expression.removeprefix("#x"), 16)
        case ["_", str(vector), str()] if re.fullmatch(r"bv[0-9]+", vector):
            return int(vector[2:])
    return Term(write(expression))


def _number(expression: Expression) -> int | Fraction | None:
    """Read `3`, `(- 3)`, `1.5`, `(/ 1 3)`, `(- (/ 1.0 3.0))`; None for anything else."""
    match expression:
        case str() if re.fullmatch(r"[0-9]+", expression):
            return int(expression)
        case str() if re.fullmatch(r"[0-9]+\.[0-9]+", expression):
            return Fraction(expression)
        case ["-", inner]:
            value = _number(inner)
            return None if value is None else -value
        case ["/", above, below]:
            top, bottom = _number(above), _number(below)
            return None if top is None or not bottom else Fraction(top) / bottom
    return None


def _name_of(body: Expression) -> str | None:
    match body:
        case ["!", _, *attributes]:
            for key, value in pairwise(attributes):
                if key == ":named" and isinstance(value, str):
                    return value.strip("|")
    return None


def _symbol(atom: str) -> str:
    """Refuse what readers disagree about: control characters and non-ASCII in names."""
    if atom.startswith("|") and not (atom.isascii() and all(c.isprintable() for c in atom)):
        raise MalformedQuestion(f"a name contains a character that solvers read differently: `{_shorten(ascii(atom))}`")
    return atom


def _ascii(inner: str) -> str:
    """Escape what is not printable ASCII in the inside of a literal, and a backslash that starts no escape."""
    plain = inner.replace('""', "\x00")  # a quote; NUL cannot be confused, see below
    if "\x00" in inner:
        raise MalformedQuestion("a string contains a NUL character that is not escaped")
    out: list[str] = []
    at = 0
    while at < len(plain):
        escape = _escape.match(plain, at)
        if escape is not None:
            out.append(_character(chr(int(escape[1] or escape[2], 16))))
            at = escape.end()
        else:
            out.append('""' if plain[at] == "\x00" else _character(plain[at]))
            at += 1
    return "".join(out)


def _character(char: str) -> str:
    code = ord(char)
    if code > 0x2FFFF:
        raise MalformedQuestion(f"a string contains U+{code:X}, and SMT-LIB strings end at U+2FFFF")
    if char == '"':
        return '""'
    # A backslash is always escaped: then no reader can see an escape where none was meant.
    return char if 0x20 <= code < 0x7F and char != "\\" else f"\\u{{{code:x}}}"


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
