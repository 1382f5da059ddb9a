"""Reading a mapping: which columns of a log hold what, and how what they hold is written."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.dialogue.artefacts.importers.mapped import FIELDS
from probatum.dialogue.artefacts.importers.notation import ASSISTANT, ROLES, UNITS, USER, Notation, format_problem, role_word
from probatum.project.document import Node, parse, suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Text

_WRITTEN = ("roles", "time_format", "time_unit")  # beside the fields of a turn
_TIMES = ("asked_at", "answered_at")


def read_mapping(text: Text) -> tuple[Mapping[str, str], Notation]:
    """Read a file that is a mapping alone, as it would stand in a policy.

    Returns
    -------
    mapping of str to str
        Field of a turn -> column, or path of keys joined by dots.
    Notation

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead.
    """
    return mapping_of(parse(text, extra="dialogue"))


def mapping_of(node: Node) -> tuple[Mapping[str, str], Notation]:
    """Read a mapping that stands at a place of a document; see `read_mapping`."""
    if not isinstance(node.value, dict):
        raise fault(node.location, "`mapping` is not a mapping", "write `field of a turn: column`, as in `text: utterance`")
    found: dict[str, str] = {}
    for name, value in node.value.items():
        if name in _WRITTEN:
            continue
        if name not in FIELDS and not name.startswith("context."):
            raise fault(node.keys[name], f"`{name}` is no field of a turn", suggestion(name, [*FIELDS, *_WRITTEN]))
        if not isinstance(value.value, str) or not value.value:
            raise fault(value.location, f"`{name}` is not the name of a column", "write a text")
        found[name] = value.value
    if "text" not in found:
        raise fault(node.location, "`mapping` does not say where the text is", "add `text: ...`")
    return found, _notation(Fields(node, "`mapping`"), found)


def _notation(own: Fields, columns: Mapping[str, str]) -> Notation:
    roles = own.get("roles")
    pattern, unit = own.text("time_format", ""), own.text("time_unit", "", choices=list(UNITS))
    if roles is not None and "role" not in columns:
        raise fault(own.node.keys["roles"], "`roles` is about a column that is not mapped", "add `role: ...`, the column")
    for name in ("time_format", "time_unit"):
        if name in own and not columns.keys() & {*_TIMES}:
            raise fault(own.node.keys[name], f"`{name}` is about columns that are not mapped", "add `asked_at: ...`, the column")
    if pattern and unit:
        raise fault(own.node.keys["time_unit"], "times have a `time_format` and a `time_unit`", "leave out one of them")
    if problem := format_problem(pattern) if pattern else "":
        raise fault(
            own.at("time_format"),
            f"`{pattern}` is no format of times: {problem}",
            "write it as `%d.%m.%Y %H:%M:%S`, with `%z` where a zone stands; for numbers since 1970 say `time_unit`, as `ms`",
        )
    return Notation({} if roles is None else _roles(roles), pattern, unit)


def _roles(node: Node) -> dict[str, str]:
    own = Fields(node, "`roles`")
    found: dict[str, str] = {}
    for role in ROLES:
        values = own.get(role)
        if values is None:
            if role in (USER, ASSISTANT):
                raise fault(node.location, f"`roles` does not say which values are the {role}", f"add `{role}: [...]`")
            continue
        items = values.value if isinstance(values.value, tuple) else (values,)
        for item in items:
            word = role_word(item.value) if isinstance(item.value, str | int | float) else ""
            if not word:
                raise fault(
                    item.location, f"`{role}` of `roles` has what is no value of a column", "write a list of texts or numbers"
                )
            if found.setdefault(word, role) != role:
                raise fault(item.location, f"`{word}` is the {found[word]} and {_whose(role)}", "name it once")
        if not items:
            raise fault(values.location, f"`{role}` of `roles` is empty", "write a list of what stands in the column")
    own.close()
    return found


def _whose(role: str) -> str:
    return f"the {role}" if role in (USER, ASSISTANT) else role
