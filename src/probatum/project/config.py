"""`probatum.toml`, or `[tool.probatum]` in `pyproject.toml`, as checked options.

Whatever is not understood is an error with its place: an option that silently
does nothing is how a check comes to check less than its owner believes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from probatum.errors import ConfigurationError, ProbatumError
from probatum.project.options import CHECK, Option, contradictions, options_of, tables, types
from probatum.project.system import System, read_followed
from probatum.records import dataclass
from probatum.source import Location, decode

OWN = "probatum.toml"
SHARED = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Every option with its value.

    Attributes
    ----------
    path : str
        The file it was read from, "" if there is none.
    values : mapping
        Table name to option name to value; defaults filled in.
    given : frozenset of (table, name)
        What the file says, as opposed to defaults.
    """

    path: str
    values: Mapping[str, Mapping[str, Any]]
    given: frozenset[tuple[str, str]] = frozenset()

    @property
    def check(self) -> Mapping[str, Any]:
        """The table of options that belong to no system."""
        return self.values[CHECK]

    def of(self, system: str) -> Mapping[str, Any]:
        """The options of a system; empty for one without any."""
        return self.values.get(system, {})


def has_configuration(system: System) -> bool:
    """Whether a configuration of ours is in the root of the system, well-formed or not."""
    return system.kind(OWN) in ("file", "link") or _shared(system) is not None


def read_configuration(system: System) -> Configuration:
    """Read the configuration in the root of the system; without any, the defaults.

    Raises
    ------
    ConfigurationError
        With the place and what to do, if anything in it is not understood.
    """
    own = _text(system, OWN) if system.kind(OWN) is not None else None
    shared = _shared(system)
    if own is not None and shared is not None:
        raise ConfigurationError(
            f"there are two configurations: `{OWN}`, and `[tool.probatum]` in `{SHARED}`",
            help=f"keep one of them, for example `{OWN}`",
            location=Location(SHARED, *_position(shared, ("tool", "probatum"), "")),
        )
    if own is not None:
        return _checked(OWN, own, _parse(OWN, own), ())
    if shared is not None:
        value = _parse(SHARED, shared)["tool"]["probatum"]
        if not isinstance(value, dict):
            raise ConfigurationError("`tool.probatum` must be a table", location=Location(SHARED))
        return _checked(SHARED, shared, value, ("tool", "probatum"))
    return Configuration("", {table: {o.name: o.default for o in options_of(table)} for table in tables()})


def _text(system: System, path: str) -> str:
    try:
        return decode(read_followed(system, path), path).content
    except OSError as error:
        raise ConfigurationError(
            f"`{path}` cannot be read: {error.strerror}", help="make it readable, or remove it", location=Location(path)
        ) from None
    except ProbatumError as error:
        raise ConfigurationError(error.message, help=error.help, location=error.location) from None


def _shared(system: System) -> str | None:
    """Text of a `pyproject.toml` that has a table of ours; None if there is no such file or table."""
    if system.kind(SHARED) not in ("file", "link"):
        return None
    try:
        raw = read_followed(system, SHARED)
        if b"probatum" not in raw:
            return None
        text = decode(raw, SHARED).content
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError:
        return text if "tool.probatum" in text else None  # ours to complain about only if it speaks of us
    except (OSError, ProbatumError):
        return None
    return text if isinstance(tool, dict) and "probatum" in tool else None


def _parse(path: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = re.search(r"\s*\(at line (\d+), column (\d+)\)$", message)
        where = Location(path, int(place[1]), int(place[2])) if place else Location(path)
        reason = message[: place.start()] if place else message.removesuffix(" (at end of document)")
        raise ConfigurationError(
            f"`{path}` is not valid TOML: {reason[:1].lower()}{reason[1:]}",
            help="correct the file at this place",
            location=where,
        ) from None
    except RecursionError:
        raise ConfigurationError(f"`{path}` is nested too deeply", help="simplify it", location=Location(path)) from None


def _checked(path: str, text: str, value: Mapping[str, Any], prefix: tuple[str, ...]) -> Configuration:
    values: dict[str, dict[str, Any]] = {}
    given: set[tuple[str, str]] = set()
    for name in value:
        if name not in tables():
            raise _unknown(
                path, _position(text, prefix, name), "table" if isinstance(value[name], dict) else "option", name, tables()
            )
        if not isinstance(value[name], dict):
            raise ConfigurationError(
                f"`{name}` must be a table",
                help=f"write `[{'.'.join((*prefix, name))}]`",
                location=Location(path, *_position(text, prefix, name)),
            )
    for table in tables():
        known = {option.name: option for option in options_of(table)}
        own = value.get(table, {})
        values[table] = {name: option.default for name, option in known.items()}
        for name, item in own.items():
            place = _position(text, (*prefix, table), name)
            if name not in known:
                raise _unknown(path, place, f"option of `[{table}]`", name, known)
            if fault := _fault(known[name], item):
                raise ConfigurationError(
                    f"`{name}` in `[{table}]` is wrong: {fault}",
                    help=f"for example `{name} = {known[name].example}`",
                    location=Location(path, *place),
                )
            values[table][name] = item
            given.add((table, name))
    for table, name, fault in contradictions(values):
        raise ConfigurationError(
            f"`[{table}]` contradicts itself: {fault}",
            help="decide for one of them",
            location=Location(path, *_position(text, (*prefix, table), name)),
        )
    return Configuration(path, values, frozenset(given))


def _fault(option: Option, value: Any) -> str:
    called, has_type = types[option.type]
    if not has_type(value):
        return f"it must be {called}"
    if option.choices:
        texts = value.values() if isinstance(value, dict) else (value,)
        wrong = next((text for text in texts if text not in option.choices), None)
        if wrong is not None:
            return f"`{wrong}` is not one of {', '.join(f'`{choice}`' for choice in option.choices)}"
    return option.fault(value)


def _unknown(
    path: str, place: tuple[int, int] | tuple[()], what: str, name: str, known: Mapping[str, Any] | tuple[str, ...]
) -> ConfigurationError:
    guess = suggestion(name, known)
    advice = f"did you mean `{guess}`?" if guess else f"there are {', '.join(f'`{k}`' for k in known)}"
    return ConfigurationError(f"unknown {what}: `{name}`", help=advice, location=Location(path, *place))


def suggestion(word: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """The known word that someone who wrote `word` may have meant, or ""."""
    import difflib

    plain = {k.replace("_", "-").lower(): k for k in known}
    close = difflib.get_close_matches(word.replace("_", "-").lower(), list(plain), n=1, cutoff=0.6)
    return plain[close[0]] if close else ""


_header = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_key = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_word = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def _position(text: str, table: tuple[str, ...], name: str) -> tuple[int, int] | tuple[()]:
    """Line and column of a key, or of the header of a table; () if it is written in a way that is not found.

    The parser of the standard library keeps no positions; this one only has to
    find keys that are known to be there.
    """
    wanted = (*table, name) if name else table
    inside: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _header.match(line):
            inside = _words(header[1])
            if inside[: len(wanted)] == wanted:
                return number, line.index("[") + 1
        elif key := _key.match(line):
            own = (*inside, *_words(key[1]))
            if own[: len(wanted)] == wanted:
                return number, len(line) - len(line.lstrip()) + 1
    return ()


def _words(dotted: str) -> tuple[str, ...]:
    return tuple(word.strip("\"'") for word in _word.findall(dotted))
