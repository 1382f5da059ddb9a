"""Fields of datatypes: which there are, and the types that they have in a value."""

from __future__ import annotations

from typing import Any

from probatum.ivl.checking.inference import follow, text
from probatum.ivl.checking.limits import is_bounded
from probatum.ivl.checking.names import Report
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import Position
from probatum.ivl.types import Constructed, Type, substitute


class Fields:
    """The datatypes of a program, by name, and the constructors that have each field."""

    def __init__(self, report: Report, datatypes: dict[str, tree.Datatype]) -> None:
        self._report = report
        self._datatypes = datatypes
        self._fields: dict[str, dict[str, list[tuple[tree.Constructor, tree.Variable]]]] = {}

    def accessors(self, datatype: tree.Datatype) -> dict[str, list[tuple[tree.Constructor, tree.Variable]]]:
        """Return for each field of a datatype the constructors that have it."""
        fields = self._fields.get(datatype.name)
        if fields is None:
            fields = self._fields[datatype.name] = {}
            for constructor in datatype.constructors:
                for one in constructor.fields:
                    fields.setdefault(one.name, []).append((constructor, one))
        return fields

    def access(self, node: Any, type_: Type, position: Position) -> Type | None:
        """Return the type of a field, or None if there is none; `node` has a name and gets its constructors."""
        actual = self.datatype(type_, position, "field-access")
        if actual is None:
            return None
        constructed, datatype = actual
        found = self.accessors(datatype).get(node.name)
        if found is None:
            message = f"datatype {text(constructed)} does not have a field with name {node.name}"
            self._report.error(position, message)
            return None
        node.constructors = tuple(constructor for constructor, _ in found)
        field_type = found[0][1].type
        assert field_type is not None
        if not datatype.type_variables:
            return field_type
        answer = substitute(field_type, dict(zip(datatype.type_variables, constructed.arguments, strict=True)))
        return answer if is_bounded(self._report, position, answer) else None

    def datatype(self, type_: Type, position: Position, what: str) -> tuple[Constructed, tree.Datatype] | None:
        """Return the datatype that a type is an instance of; `what` is applied to it, for the message if it is none."""
        actual = follow(type_)
        if isinstance(actual, Constructed):
            datatype = self._datatypes.get(actual.name)
            if datatype is not None:
                return actual, datatype
        self._report.error(position, f"{what} must be applied to a datatype, {text(actual)} is not a datatype")
        return None
