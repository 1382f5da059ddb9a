"""Classes whose instances are values: the members of enumerations, and frozen instances."""

from __future__ import annotations

import ast

from probatum.lower import terms
from probatum.lower.calls import Calls
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, conditional
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class


class Enumerations(Calls):
    """Values of classes."""

    def selector(self, class_: Class, name: str) -> str:
        """Return the function that takes a field out of a value."""
        return f"P'{mangled(class_.qualified)}'{name}"

    def names_member(self, node: ast.expr) -> bool:
        """Whether a dotted name stands for a member of an enumeration."""
        qualified = self.qualified(node) or ""
        class_, _, name = qualified.rpartition(".")
        own = self.program.class_(class_) if class_ else None
        return own is not None and own.kind in ("enum", "intenum") and name in own.constants

    def enum_values(self, class_: Class) -> dict[str, object]:
        """Return the values of the members of an enumeration by their names; names for the same member are not there.

        Raises
        ------
        Unsupported
            If one is not written out, so that it is not known which names are the same member.
        """
        values: dict[str, object] = {}
        given: list[object] = []
        for name, node in class_.constants.items():
            if name.startswith("_"):
                raise Unsupported(f"`{name}` in the enumeration `{class_.name}`", node)
            value = self._enum_value(class_, name, node, given)
            given.append(value)
            if not any(value == other for other in values.values()):
                values[name] = value
        return values

    def _enum_value(self, class_: Class, name: str, node: ast.expr, before: list[object]) -> object:
        module = self.program.modules[class_.module]
        with self.contract_of({}, view=self.view, old_view=self.view, module=module):
            automatic = isinstance(node, ast.Call) and self.qualified(node.func) == "enum.auto" and not node.args
        if automatic:
            if "_generate_next_value_" in class_.methods:
                raise Unsupported(f"`auto` in the enumeration `{class_.name}`", node)
            if "enum.StrEnum" in self.ancestors(class_.qualified):
                return name.lower()
            numbers = [v for v in before if isinstance(v, int) and not isinstance(v, bool)]
            if len(numbers) != len(before) or (numbers and numbers[-1] != max(numbers)):
                raise Unsupported(f"`auto` in the enumeration `{class_.name}`, behind what is no rising number", node)
            return numbers[-1] + 1 if numbers else 1
        try:
            value: object = ast.literal_eval(node)
            hash(value)
        except (ValueError, TypeError, MemoryError, RecursionError):
            raise Unsupported(f"the value of `{name}` in the enumeration `{class_.name}`", node) from None
        return value

    def members(self, class_: Class) -> list[str]:
        """Return the names of the members of an enumeration, each once, in their order."""
        return list(self.enum_values(class_))

    def enum_attribute(self, class_: Class, receiver: Term, name: str, node: ast.AST) -> Term:
        """Return `value` or `name` of a member, or a property."""
        if name == "value" and class_.kind == "intenum":
            return receiver.typed(t.INT)
        if name in ("value", "name"):
            values = self.enum_values(class_)
            terms_ = [
                self.evaluate(ast.copy_location(ast.parse(repr(m if name == "name" else v), mode="eval").body, node))
                for m, v in values.items()
            ]
            if terms_ and len({self.sort(x.type) for x in terms_}) == 1:
                result = terms_[-1].text
                for member, value in list(zip(values, terms_, strict=True))[-2::-1]:
                    is_it = (
                        f"({receiver.text} == {terms.number(int(str(values[member]))).text})"
                        if class_.kind == "intenum"
                        else f"({receiver.text} is {self.member(class_, member)})"
                    )
                    result = conditional(is_it, value.text, result)
                return Term(result, terms_[0].type)
        method = self.method_of(receiver.type, name)
        if method is not None and method.kind == "property":
            return self.call_known(method, {method.parameters[0].name: receiver}, node, receiver=receiver)
        raise Unsupported(f"`{name}` of a member of the enumeration `{class_.name}`", node)

    def enum_members(self, class_: Class) -> Term:
        """Return what iteration over an enumeration yields."""
        type_ = t.Instance(class_.qualified)
        if class_.kind == "intenum":
            texts = [terms.number(v).text for v in self.enum_values(class_).values() if isinstance(v, int)]
        else:
            self.declare_value(class_)
            texts = [f"{self.member(class_, m)}()" for m in self.members(class_)]
        return Term(self.sequence_of(texts, self.sort(type_)), t.Collection("tuple", type_))

    def member(self, class_: Class, name: str) -> str:
        """Return the constructor of a member of an enumeration."""
        return f"M'{mangled(class_.qualified)}'{name}"

    def declare_value(self, class_: Class) -> None:
        """Declare the datatype of a class whose instances are values."""
        name = f"V'{mangled(class_.qualified)}"
        self.sorts.values[class_.qualified] = class_
        if name in self.symbols.declarations:
            return
        if class_.kind == "enum":
            members = ", ".join(f"{self.member(class_, m)}()" for m in self.members(class_))
            self.symbols.declarations[name] = f"datatype {name} {{ {members} }}"
            return
        self.symbols.declarations[name] = ""  # a class may have fields of its own type
        fields = ", ".join(
            f"{self.selector(class_, f.name)}: {self.sort(f.type)}" for f in class_.fields.values() if not f.shared
        )
        self.symbols.declarations[name] = f"datatype {name} {{ New'{mangled(class_.qualified)}({fields}) }}"

    def enum_lookup(self, class_: Class, node: ast.Call) -> Term:
        """Return the member of an enumeration with a value."""
        if len(node.args) != 1 or node.keywords or "_missing_" in class_.methods or "__new__" in class_.methods:
            raise Unsupported(f"this call of the enumeration `{class_.name}`", node)
        values = self.enum_values(class_)
        if not values or not all(type(v) in (int, str) for v in values.values()):
            raise Unsupported(f"a member of `{class_.name}` by its value", node)
        value = self.evaluate(node.args[0])
        tests = [self._names_member(value, v, class_, node) for v in values.values()]
        self.demand(terms.disjunction(*tests), Kind.VALUE, node, f"it must be a value of `{class_.name}`", "ValueError")
        if class_.kind == "intenum" and self._is_int(value.type):
            return Term(self.coerce(value, t.INT, node).text, t.Instance(class_.qualified))
        if class_.kind == "intenum":
            members = [terms.number(v).text for v in values.values() if isinstance(v, int)]
        else:
            self.declare_value(class_)
            members = [f"{self.member(class_, m)}()" for m in values]
        result = members[-1]
        for text, test in list(zip(members, tests, strict=True))[-2::-1]:
            result = conditional(test, text, result)
        return Term(result, t.Instance(class_.qualified))

    def _names_member(self, value: Term, known: object, class_: Class, node: ast.AST) -> str:
        """Return whether a value is equal to that of a member, which is an integer or a string."""
        number = terms.number(known) if isinstance(known, int) else None
        if number is not None and self._is_int(value.type):
            return f"({self.coerce(value, t.INT, node).text} == {number.text})"
        if number is not None and value.type == t.FLOAT:
            return self.float_beside_int("==", value, number, node)
        if isinstance(known, str) and value.type == t.STR:
            return self.equality(value, self.text_literal(known), node)
        if value.type in (t.FLOAT, t.STR) or self._is_int(value.type):
            return "false"
        raise Unsupported(f"a member of `{class_.name}` by a `{value.type}`", node)

    def enum_constant(self, class_: Class, name: str) -> object:
        """Return the value that a name of an enumeration is given."""
        values: list[object] = []
        for other, node in class_.constants.items():
            value = self._enum_value(class_, other, node, values)
            if other == name:
                return value
            values.append(value)
        raise KeyError(name)
