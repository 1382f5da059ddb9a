"""The words of a Boogie text.

The kind of a token is its text for words and symbols of the language, and one
of the names below for the rest, so that the parser compares with what stands
in a grammar. Symbols that are not ASCII have the kind of their ASCII form.

Before it is split, a text goes through what may stand on a line that starts
with `#`: the alternatives of `#if NAME`, `#elsif`, `#else` and `#endif`, then
`#line NUMBER FILE`. Such a line is one wherever it stands, even in a comment.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from dataclasses import field
from sys import intern

from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax.tree import Position
from probatum.records import dataclass

IDENTIFIER = "ident"
DIGITS = "digits"
BITS = "bvlit"
STRING = "string"
DECIMAL = "decimal"  # 1e3
FRACTION = "dec_float"  # 1.5, 1.5e-3
FLOAT = "float"  # 0x1.0e0f24e8
END = "EOF"
UNKNOWN = "???"

KEYWORDS = frozenset(
    [
        "yield", "var", "where", "int", "real", "bool", "const", "unique", "uses", "revealed", "function", "returns",
        "hideable", "axiom", "type", "datatype", "invariant", "preserves", "pure", "action", "refines", "left",
        "right", "both", "atomic", "procedure", "asserts", "requires", "ensures", "measure", "implementation", "free",
        "modifies", "goto", "return", "if", "else", "while", "break", "reveal", "hide", "pop", "push", "assert",
        "assume", "havoc", "async", "call", "div", "mod", "is", "false", "true", "roundNearestTiesToEven", "RNE",
        "roundNearestTiesToAway", "RNA", "roundTowardPositive", "RTP", "roundTowardNegative", "RTN",
        "roundTowardZero", "RTZ", "old", "then", "forall", "exists", "lambda",
    ]
)  # fmt: skip
ASCII = {
    "⇔": "<==>", "⇒": "==>", "⇐": "<==", "∧": "&&", "∨": "||", "≠": "!=", "≤": "<=", "≥": ">=",
    "¬": "!", "∀": "forall", "∃": "exists", "λ": "lambda", "•": "::",
}  # fmt: skip

# The groups of the pattern, by their numbers. Longer alternatives come before their prefixes.
_WORD, _SYMBOL, _NEWLINE, _NUMBER, _STRING, _FLOAT, _OPENING, _OTHER = range(1, 9)
_TOKEN = re.compile(
    r"""[ \t]*+(?://[^\n]*+)?+(?:
      (\\?[A-Za-z'~\#$^_.?`][A-Za-z0-9'~\#$^_.?`]*+)
    | (<==>|<==|<=|<|==>|==|=|::|:=|:|\|\||\|\{|\||\}\||\}|&&|!=|!|\+\+|\+|->|-(?!0x)|\*\*|\*|>=|>|/(?!\*)|[;(),\[\]{⇔⇒⇐∧∨≠≤≥¬∀∃λ•])
    | (\n)
    | ([0-9]++(?![beNnx.+\-]))
    | ("(?:\\"|[^"\n])*")
    | (-?0x[0-9a-fA-F]+\.[0-9a-fA-F]+e-?[0-9]++f[0-9]++e[0-9]++|0(?:NaN|nan|\+oo|-oo)[0-9]++e[0-9]++
       |[0-9]++(?:bv[0-9]++|\.[0-9]++(?:e-?[0-9]++)?|e-?[0-9]++)?+|-)
    | (/\*)
    | ("[^\n]*+|[^ \t])
    )""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"/\*|\*/")
_ALTERNATIVE = re.compile(r"^\s*#(?:if|elsif|else|endif)", re.MULTILINE)
_PRAGMA = re.compile(r"^#([^\n]*)$", re.MULTILINE)
_NUMBERED = re.compile(r"\s*([+-]?[0-9]{1,9})\s*")


@dataclass(slots=True)
class Tokens:
    """The tokens of a text, in parallel lists; the last is the end, and no token is long.

    `errors` belong to lines that start with `#`; each has the index of the
    token that follows it.
    """

    file: str
    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("q"))
    columns: array[int] = field(default_factory=lambda: array("q"))
    errors: list[tuple[int, StaticError]] = field(default_factory=list)
    files: list[tuple[int, str]] = field(default_factory=list)  # from this token on the file is another

    def position(self, index: int) -> Position:
        """Return the place of a token."""
        file = self.file
        if self.files:
            number = bisect_right(self.files, index, key=lambda one: one[0])
            if number:
                file = self.files[number - 1][1]
        return Position(file, self.lines[index], self.columns[index])


def tokenise(text: str, file: str, *, defines: frozenset[str] = frozenset()) -> Tokens:
    """Split a text into tokens; it never fails: what is no token has the kind `UNKNOWN`.

    Parameters
    ----------
    text : str
    file : str
        The name that positions carry until a `#line` gives another.
    defines : frozenset of str
        The names that `#if` asks for.
    """
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    if "#" in text:
        if _ALTERNATIVE.search(text):
            text = _chosen(text, defines)
        if text.startswith("#") or "\n#" in text:
            return _with_pragmas(text, file)
    return _split(text, file)


def _split(text: str, file: str) -> Tokens:
    tokens = Tokens(file)
    kinds, texts, lines, columns = tokens.kinds, tokens.texts, tokens.lines, tokens.columns
    line, start = 1, -1  # `start` is where the last line ended: columns count from one after it
    known = dict.fromkeys(KEYWORDS, "") | ASCII
    for word in KEYWORDS:
        known[word] = intern(word)
    position, end = 0, len(text)
    while position < end:
        for match in _TOKEN.finditer(text, position):
            group = match.lastindex
            if group == _NEWLINE:
                line += 1
                start = match.end() - 1
                continue
            if group is None:
                continue
            if group == _OPENING:
                position, closed = _comment_end(text, match.end())
                if not closed:
                    where = Position(file, line, match.start(_OPENING) - start)
                    hint = "write `*/` where the comment ends; comments nest, so each `/*` needs its own"
                    error = StaticError(where, "comment is not closed", "parse", hint=hint)
                    tokens.errors.append((len(kinds), error))
                newlines = text.count("\n", match.end(), position)
                if newlines:
                    line += newlines
                    start = text.rindex("\n", 0, position)
                break
            word = match[group]
            if group == _WORD:
                kind = known.get(word, IDENTIFIER)
                if word[0] == "\\":
                    word, kind = word[1:], IDENTIFIER
                texts.append(intern(word))
            elif group == _SYMBOL:
                kind = intern(known.get(word, word))
                texts.append(kind)
            elif group == _NUMBER:
                kind = DIGITS
                texts.append(intern(word) if len(word) < 20 else word)
            elif group == _STRING:
                kind = STRING
                texts.append(word)
            elif group == _FLOAT:
                kind = _number_kind(word)
                texts.append(word)
            else:
                kind = UNKNOWN
                texts.append(word)
            kinds.append(kind)
            lines.append(line)
            columns.append(match.start(group) - start)
        else:
            position = end
    kinds.append(END)
    texts.append("")
    lines.append(line)
    columns.append(end - start)
    return tokens


def _number_kind(word: str) -> str:
    if word == "-":
        return "-"
    if "x" in word or "N" in word or "n" in word or "o" in word:
        return FLOAT
    if "b" in word:
        return BITS
    if "." in word:
        return FRACTION
    return DECIMAL if "e" in word else DIGITS


def _comment_end(text: str, position: int) -> tuple[int, bool]:
    """Return where the comment ends whose opening is before this place, and whether it ends at all."""
    level = 1
    for match in _COMMENT.finditer(text, position):
        level += 1 if match[0] == "/*" else -1
        if level == 0:
            return match.end(), True
    return len(text), False


def _with_pragmas(text: str, file: str) -> Tokens:
    """Take out lines that start with `#`, split the rest, and give each token the line and file that they say."""
    marks: list[tuple[int, int, str]] = []  # from this line on: what to add to it, and the file
    errors: list[tuple[int, StaticError]] = []
    shift, name = 0, file
    line, last = 1, 0
    for match in _PRAGMA.finditer(text):
        line += text.count("\n", last, match.start())
        last = match.start()
        written = match[1].rstrip()
        if written.startswith("line ") or written == "line":
            number, _, rest = written[4:].lstrip().partition(" ")
            if counted := _NUMBERED.fullmatch(number):
                shift = int(counted[1]) - (line + 1)
                name = rest.strip() or name
                marks.append((line + 1, shift, name))
                continue
            message = f"Malformed (#line num [filename]) pragma: #{written}"
        else:
            message = f"Unrecognized pragma: #{written}"
        errors.append((line, StaticError(Position(name, line + shift, 0), message, "parse")))
    tokens = _split(_PRAGMA.sub("", text), file)
    raw = tokens.lines
    tokens.errors.extend((_first_at(raw, at), error) for at, error in errors)
    tokens.errors.sort(key=lambda one: one[0])
    bounds = [(_first_at(raw, at), shift, name) for at, shift, name in marks]
    tokens.files = [(index, name) for index, _, name in bounds]
    for number, (index, shift, _) in enumerate(bounds):
        until = bounds[number + 1][0] if number + 1 < len(bounds) else len(raw)
        for at in range(index, until):
            raw[at] += shift
    return tokens


def _first_at(lines: array[int], line: int) -> int:
    """Return the index of the first token on this line or after it."""
    return min(bisect_right(lines, line - 1), len(lines) - 1)


def _chosen(text: str, defines: frozenset[str]) -> str:
    """Empty the lines that `#if` and its alternatives leave out, and those lines themselves."""
    answer: list[str] = []
    # Per open `#if`: whether `#else` was seen, and whether another alternative may still be taken.
    levels: list[list[bool]] = []
    skipping = -1  # the level whose alternative is left out, or -1
    for line in text.split("\n")[:-1]:
        word = line.strip()
        if word.startswith("#if"):
            take = skipping != -1 or _asked(word[3:], defines)
            levels.append([False, not take])
            if not take:
                skipping = len(levels) - 1
        elif word.startswith("#elsif") or word == "#else":
            if not levels or levels[-1][0]:
                answer.append("#MalformedInput: misplaced " + ("#else" if word == "#else" else "#elsif"))
                levels.clear()
                break
            levels[-1][0] = word == "#else"
            if skipping == -1:
                skipping = len(levels) - 1
            elif levels[-1][1] and (word == "#else" or _asked(word[6:], defines)):
                skipping = -1
                levels[-1][1] = False
        elif word == "#endif":
            if not levels:
                answer.append("#MalformedInput: misplaced #endif")
                break
            levels.pop()
            if skipping == len(levels):
                skipping = -1
        else:
            answer.append(line if skipping == -1 else "")
            continue
        answer.append("")
    if levels:
        answer.append("#MalformedInput: missing #endif")
    answer.append("")
    return "\n".join(answer)


def _asked(condition: str, defines: frozenset[str]) -> bool:
    condition = condition.lstrip()
    wanted = True
    while condition.startswith("!"):
        wanted = not wanted
        condition = condition[1:].lstrip()
    return (condition in defines) == wanted
