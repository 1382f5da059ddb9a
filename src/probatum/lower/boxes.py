"""Objects of any type: when they are equal, whether they count as true, and `type(x)`.

What a number, a text or None is, its constructor in `Any` says. Other objects may
have rules of their own, of which nothing is known where any object is expected.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from probatum.lower import families
from probatum.lower.booleans import Booleans
from probatum.lower.terms import FALSE, TRUE, Term, apply, conditional, conjunction, equal, negation
from probatum.lower.unsupported import Unsupported
from probatum.lower.values import equal_floats
from probatum.python import types as t

_ELLIPSIS = "types.EllipsisType"
_CLASSES = ("object", "int", "bool", "str", "bytes", "float", "list", "dict", "set", "tuple", "frozenset", "bytearray")


class Boxes(Booleans):
    """Objects of any type."""

    # --- equality --------------------------------------------------------------------------

    def equality(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are equal; a text or a number is equal to no object whose class has no rule for that."""
        for one, other in ((left, right), (right, left)):
            if self.sort(one.type) == "Any" and isinstance(one.type, t.Union) and not self._may_have_rules(one.type):
                if other.type in (t.STR, t.BYTES):
                    return f"({one.text} == {self.boxed(other, t.OBJECT, node).text})"
                if self._is_int(other.type):
                    number = f"({one.text} is Any_int || {one.text} is Any_bool)"
                    if t.FLOAT not in one.type.options:
                        same = equal(apply("Any_number", one.text), self.coerce(other, t.INT, node).text)
                        return conjunction(number, same)
        return super().equality(left, right, node)

    def membership(self, item: Term, collection: Term, node: ast.AST) -> str:
        """Return whether `in` holds; of a number or a text among instances nothing is known: a class may have a rule for it."""
        own = t.without_none(collection.type)
        held = own.key if isinstance(own, t.Mapping) else own.item if isinstance(own, t.Collection) else t.NEVER
        plain = isinstance(item.type, t.Plain | t.Ranged) and item.type not in (t.NONE, t.OBJECT, t.UNKNOWN, t.BYTEARRAY)
        if plain and isinstance(held, t.Instance) and self.sort(held) == "Ref" and not self.may_be_none(collection.type):
            self.content(collection)  # which takes a permission to look
            return self.unknown(node)
        return super().membership(item, collection, node)

    def _may_have_rules(self, type_: t.Union) -> bool:
        """Whether an object of one of several types may say itself to what it is equal."""
        for option in type_.options:
            if isinstance(option, t.Plain) and option not in (t.OBJECT, t.UNKNOWN, t.BYTEARRAY):
                continue
            if isinstance(option, t.Collection | t.Mapping | t.Tuple):
                continue
            own = self.class_of(option)
            if own is None:
                return True
            family = [*families.classes(self.program, own.qualified), *families.below(self.program, own.qualified)]
            if own.kind == "intenum" or families.foreign(self.program, own.qualified):
                return True
            if any({"__eq__", "__ne__"} & set(c.methods) for c in family) or families.built_in(self.program, own.qualified):
                return True
        return False

    def _others(self) -> None:
        self.symbols.declarations.setdefault("Other_class", "type Other; function Other_class(o: Other): Class;")

    # --- classes ---------------------------------------------------------------------------

    def holds_type(self, term: Term, type_: t.Type) -> str:
        """Return whether a value is of a type, at run time: `isinstance`."""
        mathematical = _MATHEMATICAL.get(getattr(type_, "name", ""))
        if mathematical is not None and isinstance(t.without_none(term.type), t.Collection):
            own = t.without_none(term.type)
            right = isinstance(own, t.Collection) and own.kind == mathematical
            return conjunction(negation(self.is_none(term)), "true" if right else "false")
        return super().holds_type(term, type_)

    def is_collection(self, term: Term, kind: str) -> str:
        """Return whether an object of any type is a tuple or a frozenset; what boxes there are is known at the end."""
        class_ = self.symbols.class_name(f"builtins.{kind}")
        function = f"Any_{kind}"
        self.symbols.declarations[function] = (
            f"function {function}(a: Any): bool;\n"
            f"axiom (forall a: Any :: {{{function}(a)}} Any_plain(a) ==> !{function}(a));\n"
            f"axiom (forall a: Any :: {{{function}(a)}} a is Any_ref ==> ({function}(a) <==> Sub(class_of(a->any_ref), {class_})));"
        )
        return apply(function, term.text)

    def special_type(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`type(x)`: the class of an object."""
        del expected
        if len(node.args) != 1 or node.keywords:
            raise Unsupported("`type` with these arguments", node)
        value = self.evaluate(node.args[0])
        own = t.without_none(value.type)
        if self.sort(value.type) == "Any":
            self._others()
            ref, other = apply("class_of", f"{value.text}->any_ref"), self._other_class(node)
            return Term(conditional(f"({value.text} is Any_ref)", ref, other), t.ClassObject(t.OBJECT))
        if own == t.BOOL and own == value.type:
            return Term(self.symbols.class_name("builtins.bool"), t.ClassObject(t.BOOL))
        if self.sort(value.type) == "Ref" and not value.content:
            class_ = apply("class_of", value.text)
            if self.may_be_none(value.type):
                class_ = conditional(self.is_none(value), self.symbols.class_name("types.NoneType"), class_)
            return Term(class_, t.ClassObject(own))
        if isinstance(own, t.Instance) and own == value.type and self.sorts.value_class(own) is not None:
            return Term(self.symbols.class_name(own.name), t.ClassObject(own))
        raise Unsupported(f"`type` of a `{value.type}`, which may be of a derived class", node)

    def _other_class(self, node: ast.AST) -> str:
        """Return a class of which only is known that its instances are no references."""
        if self.at_head_of or self.view == "h'":
            raise Unsupported("`type` of an object of any type here", node)
        self._others()
        name = self.writer.fresh("other")
        self.symbols.declarations[name] = f"function {name}({', '.join(b for b, _ in self.binders)}): Other;"
        return f"Other_class({apply(name, *(b.partition(':')[0] for b, _ in self.binders))})"

    def expression_Name(self, node: ast.Name, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A name; that of a class stands for an object, too."""
        qualified = self.qualified(node)
        if qualified is not None:
            own = self.program.class_(qualified)
            if own is not None and own.kind not in ("enum", "intenum"):
                return Term(self.symbols.class_name(own.qualified), t.ClassObject(t.Instance(own.qualified)))
            if qualified.startswith("builtins.") and node.id in _CLASSES:
                return Term(self.symbols.class_name(qualified), t.ClassObject(t.Instance(qualified)))
            if qualified in ("builtins.Ellipsis", _ELLIPSIS):
                return self._ellipsis() if qualified != _ELLIPSIS else self._class_object(_ELLIPSIS)
        return super().expression_Name(node, expected)

    def _class_object(self, qualified: str) -> Term:
        return Term(self.symbols.class_name(qualified), t.ClassObject(t.Instance(qualified)))

    def learn(self, node: ast.expr, holds: bool) -> None:
        """Remember what the outcome of a condition says of the types of names."""
        match node:
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="type"), args=[subject]), ops=[operator], comparators=[ast.Name() as class_]
            ) if isinstance(operator, ast.Is | ast.Eq if holds else ast.IsNot | ast.NotEq):
                qualified = self.qualified(class_)
                if qualified is not None and self.program.class_(qualified) is not None:
                    self._learn_class(subject, class_, True)
            case _:
                super().learn(node, holds)

    # --- `...` and `object()` --------------------------------------------------------------

    def expression_Constant(self, node: ast.Constant, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A literal."""
        return self._ellipsis() if node.value is ... else super().expression_Constant(node, expected)

    def _ellipsis(self) -> Term:
        """Return the only instance of its class."""
        class_ = self.symbols.class_name(_ELLIPSIS)
        self.symbols.declarations["ellipsis'"] = (
            f"const ellipsis': Ref;\naxiom ellipsis' != null && class_of(ellipsis') == {class_};"
        )
        self.symbols.declarations["axiom ellipsis'"] = (
            f"axiom (forall r: Ref :: {{Sub(class_of(r), {class_})}} Sub(class_of(r), {class_}) && r != null ==> r == ellipsis');"
        )
        return Term("ellipsis'", t.Instance(_ELLIPSIS))

    def instance_test(self, text: str, type_: t.Type) -> str:
        """Return whether a reference is to an instance of a class."""
        if type_ == t.Instance(_ELLIPSIS):
            self._ellipsis()
        return super().instance_test(text, type_)

    def special_object(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`object()`: a new object."""
        del expected
        if node.args or node.keywords:
            raise Unsupported("`object` with arguments", node)
        return Term(apply("Any_ref", self.allocate("builtins.object")), t.OBJECT)

    # --- truth -----------------------------------------------------------------------------

    def truth(self, term: Term, node: ast.AST) -> str:
        """Return whether a value counts as true."""
        if isinstance(term.type, t.Instance) and term.type.name == _ELLIPSIS:
            return "true"
        if isinstance(term.type, t.ClassObject):
            return super().truth(term, node) if self.class_of(term.type.of) is not None else TRUE.text
        if self.sort(term.type) != "Any" or isinstance(term.type, t.Variable):
            return super().truth(term, node)
        return self._truth_of_any(term, node)

    def _truth_of_any(self, term: Term, node: ast.AST) -> str:
        text, own = term.text, term.type
        options = own.options if isinstance(own, t.Union) else ()
        numbers = not options or any(self._is_int(o) for o in options)
        cases: list[tuple[str, str]] = []
        if not options or t.NONE in options:
            cases.append((f"({text} is Any_none)", FALSE.text))
        if numbers:
            cases.append((f"({text} is Any_int || {text} is Any_bool)", f"({apply('Any_number', text)} != 0)"))
        for type_, box in ((t.STR, "Any_str"), (t.BYTES, "Any_bytes")):
            if not options or type_ in options:
                cases.append((f"({text} is {box})", f"({apply('Seq_len', f'{text}->{box.lower()}')} != 0)"))
        if not options or t.FLOAT in options:
            number = Term(f"{text}->any_float", t.FLOAT)
            cases.append((f"({text} is Any_float)", negation(equal_floats(number, self.float_literal(0.0)))))
        references = [o for o in options if self.sort(o) == "Ref"]
        if len(references) == 1:
            present = f"({text} is Any_ref)"
            with self.guarded(present):
                cases.append((present, self.truth(Term(f"{text}->any_ref", references[0]), node)))
        others = [o for o in options if o != t.NONE and not self._is_int(o) and o not in (t.STR, t.BYTES, t.FLOAT)]
        result = self.unknown(node) if not options or len(others) > len(references) or len(references) > 1 else FALSE.text
        if not options:
            plain = f"({text} is Any_ref && class_of({text}->any_ref) == {self.symbols.class_name('builtins.object')})"
            cases.append((plain, TRUE.text))
        for condition, value in reversed(cases):
            result = conditional(condition, value, result)
        return result


def of_collections(function: str, boxes: Mapping[str, str], named: Collection[str]) -> list[str]:
    """Return axioms that say of a function of `is_collection` which boxes hold such values.

    Parameters
    ----------
    boxes : mapping of str to str
        Constructors by the sort of what they hold.
    named : collection of str
        Sorts of named tuples.
    """
    kind = function.removeprefix("Any_")
    axioms = []
    for sort, box in boxes.items():
        held = "frozenset" if sort.startswith("(Set") else "tuple" if sort.startswith(("(Seq", "(Tuple", "Tuple")) else ""
        holds = held == kind or (kind == "tuple" and sort in named)
        axioms.append(f"axiom (forall a: Any :: {{{function}(a)}} a is {box} ==> {'' if holds else '!'}{function}(a));")
    return axioms


_MATHEMATICAL = {
    f"nagini_contracts.contracts.{name}": kind for name, kind in (("PSeq", "pseq"), ("PSet", "pset"), ("PMultiset", "pmultiset"))
}
