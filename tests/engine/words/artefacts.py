"""A text is its words, each with its place."""

from dataclasses import dataclass

from probatum.errors import UnsupportedConstruct
from probatum.source import Location


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    location: Location
    words: tuple[tuple[str, Location], ...]
    content: str
    digest: str


def read(source, options):
    text = source.text()
    words = []
    for number, line in enumerate(text.content.split("\n"), 1):
        at = 0
        for word in line.split():
            at = line.index(word, at)
            words.append((word, Location(source.path, number, at + 1)))
            at += len(word)
    if any(word == "%unsupported" for word, _ in words):
        raise UnsupportedConstruct("`%unsupported` has no meaning", help="remove it", location=Location(source.path, 1, 1))
    return (Text(source.path.rsplit("/", 1)[-1], Location(source.path), tuple(words), text.content, text.digest),)


def inputs(path, options):
    if path.endswith(".ref.txt"):
        return ("reference/allowed.lst",)
    if path.endswith(".git.txt"):
        return (f"git:HEAD:{path}",)
    return ()


def imports(path, options, read, exists):
    """`@NAME.txt` in a text is another text that it needs."""
    words = (read(path) or b"").decode("utf-8", "replace").split()
    return tuple(w[1:] for w in words if w.startswith("@") and exists(w[1:])), ()
