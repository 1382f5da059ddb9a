"""What a call may change: the entries of the heap that `modifies` names, or that a body shows."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Mapping

from probatum.lower import calling, families
from probatum.lower.builtins import Builtins
from probatum.lower.heap import Part
from probatum.lower.terms import Term
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Clause, Function, Module


class Changes(Builtins):
    """What callees change."""

    def change(self, function: Function, arguments: Mapping[str, Term], before: str, module: Module, node: ast.AST) -> None:
        """Write that what a callee may change has changed."""
        parts = self.parts_of(function, arguments, module, before)
        alloc = self.heap("alloc", "[Ref]bool")
        self.writer.line(f"havoc {alloc};")
        self.writer.assume(f"(forall r': Ref :: {{{alloc}[r']}} {before}{alloc}[r'] ==> {alloc}[r'])")
        if parts is None:
            for name in sorted(self.heaps):
                if name != alloc:
                    self.writer.line(f"havoc {name};")
            self.everything_changed(node)
            return
        for part in parts:
            if part.heap is None:
                for name in sorted(self.heaps):
                    if name != alloc and part.reference is not None:
                        self._change_entry(name, part.reference, node)
            elif part.reference is not None:
                self._change_entry(part.heap, part.reference, node)

    def _change_entry(self, heap: str, reference: str, node: ast.AST) -> None:
        self.may_write(heap, reference, node)
        sort = self.heaps[heap].removeprefix("[Ref]")
        value = self.writer.local("changed", sort)
        self.writer.line(f"havoc {value};")
        self.writer.assign(heap, f"{heap}[{reference} := {value}]")

    def everything_changed(self, node: ast.AST) -> None:
        """Write that every map of the heap may have changed, also those that are mentioned only later."""
        raise Unsupported("a call of a function of which it is not known what it changes", node)

    def parts_of(self, function: Function, arguments: Mapping[str, Term], module: Module, view: str) -> list[Part] | None:
        """Return what a callee may change, named as in a state; None if that is not known."""
        modifies = function.contract.modifies
        if modifies is None:
            constructs = bool(function.owner) and families.short(function) == "__init__"
            inferred = calling.modified_by_constructor(self.program, function) if constructs else None
            modifies = inferred if inferred is not None else self.inferred_modifies(function)
            if modifies is None:
                return None
        parts: list[Part] = []
        with self.contract_of(arguments, view=view, old_view=view, module=module):
            for clause in modifies:
                parts.extend(self.parts(clause.expression))
            if function.owner and families.short(function) == "__init__":
                parts.extend(self.parts(ast.Name(function.parameters[0].name, ast.Load())))
        return parts

    @abstractmethod
    def inferred_modifies(self, function: Function) -> tuple[Clause, ...] | None:
        """Return what a function changes, worked out from its body."""

    def parts(self, node: ast.expr) -> list[Part]:
        """Return the entries of the heap that an expression in `modifies` names: an object, or a field of one.

        A field that holds a collection is named with what the collection holds.
        """
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__reach__":
            return self._led_to(node.args[0], ())
        if isinstance(node, ast.Attribute):
            owner = self.evaluate(node.value)
            inner = t.without_none(owner.type)
            found = self.field_of(inner, node.attr)
            if found is not None and found[0].kind == "frozen":
                return self._content_part(self.evaluate(node))
            if found is not None:
                assert isinstance(inner, t.Instance)
                type_ = self.field_type(inner, *found)
                with self.in_state(""):
                    own = self.field_map(*found, type_)
                if self.strict_frames:
                    return [Part(own, owner.text)]
                return [Part(own, owner.text), *self._content_part(self.evaluate(node))]
        value = self.evaluate(node)
        inner = t.without_none(value.type)
        if self.sorts.shared(inner):
            return self._content_part(value)
        if isinstance(inner, t.Instance) and self.sort(inner) == "Ref":
            with self.in_state(""):
                return self._fields_of(inner, value.text)
        raise Unsupported(f"`{ast.unparse(node)}` in a `modifies`", node)

    def _led_to(self, node: ast.expr, through: tuple[t.Type, ...]) -> list[Part]:
        """Return what a value may change in, and in whatever it leads to, where that is a number of places that can be named."""
        value = self.evaluate(node)
        type_ = value.type
        if not self._may_change(type_):
            return []
        if self.sorts.shared(type_) and not self.holds_what_changes(type_):
            return self._content_part(value)
        known = self.class_of(type_) if isinstance(type_, t.Instance) and self.sort(type_) == "Ref" else None
        if known is None or type_ in through:
            raise Unsupported(f"that whatever a `{type_}` leads to may change", node)
        assert isinstance(type_, t.Instance)
        with self.in_state(""):
            parts = self._fields_of(type_, value.text)
        own = {name for one in families.classes(self.program, known.qualified) for name, f in one.fields.items() if not f.shared}
        for name in sorted({*own, *(n for one in families.below(self.program, known.qualified) for n in one.fields)}):
            if name not in own or type_.arguments:
                raise Unsupported(f"that whatever a `{type_}` leads to may change", node)
            parts += self._led_to(ast.copy_location(ast.Attribute(node, name, ast.Load()), node), (*through, type_))
        return list(dict.fromkeys(parts))

    def holds_what_changes(self, type_: t.Type) -> bool:
        """Whether something that a collection holds can change."""
        return any(map(self._may_change, _held_in(type_)))

    def _may_change(self, type_: t.Type) -> bool:
        """Whether something that a value leads to can change; what is not known can."""
        match type_:
            case t.Plain(name=name):
                return name not in ("int", "bool", "float", "str", "bytes", "None", "never")
            case t.Ranged():
                return False
            case t.Instance():
                known = self.class_of(type_)
                return known is None or known.kind not in ("enum", "intenum")
        parts = _held_in(type_)
        return self.sorts.shared(type_) or not parts or any(map(self._may_change, parts))

    def _content_part(self, value: Term) -> list[Part]:
        """Return the entry that says what a collection holds."""
        inner = t.without_none(value.type)
        if not self.sorts.shared(inner):
            return []
        with self.in_state(""):
            self.content(value)
        return [Part(self.sorts.heap(inner), value.text)]

    def _fields_of(self, type_: t.Instance, reference: str) -> list[Part]:
        """Return all fields that an object may have, also those of classes derived from its static one."""
        parts: dict[Part, None] = {}
        for class_ in families.classes(self.program, type_.name):
            for name in class_.fields:
                field = self.field_of(type_, name)
                if field is not None and field[0].kind != "frozen":
                    parts[Part(self.field_map(*field, self.field_type(type_, *field)), reference)] = None
        for class_ in families.below(self.program, type_.name):
            variables = families.base_arguments(self.program, class_.qualified).get(class_.qualified, {})
            derived = t.Instance(class_.qualified, tuple(variables.values()))
            for name in class_.fields:
                field = self.field_of(derived, name)
                if field is not None and field[0].qualified not in self.ancestors(type_.name) and field[0].kind != "frozen":
                    parts[Part(self.field_map(*field, self.field_type(derived, *field)), reference)] = None
                    if field[0].type_variables:
                        raise Unsupported(f"a change of all of a `{type_}`, which may be a `{class_.name}` of any type")
        return list(parts)


def _held_in(type_: t.Type) -> tuple[t.Type, ...]:
    """Return the types of what a collection or tuple holds, or of the options of a union; nothing of other types."""
    match type_:
        case t.Tuple(items=items) | t.Union(options=items):
            return items
        case t.Collection(item=item):
            return (item,)
        case t.Mapping(key=key, value=value):
            return (key, value)
    return ()
