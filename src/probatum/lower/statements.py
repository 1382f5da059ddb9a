"""Statements other than loops and `try`."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from probatum.lower import terms
from probatum.lower.attempt import Restart
from probatum.lower.exceptions import EXCEPTION, Exceptions
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.terms import Term, apply, conjunction, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_WORD = re.compile(r"\w+")


class Statements(Exceptions):
    """What statements do."""

    result: Term | None  # where the value that is returned goes
    exit: str  # the block where the function ends by returning
    origins: dict[str, Term]  # of local variables, what they refer to, where that has a name of its own

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Write statements; what follows a jump is never reached and is left out."""
        for statement in statements:
            if self.writer.ended:
                return
            method = getattr(self, f"statement_{type(statement).__name__}", None)
            if method is None:
                raise Unsupported(f"`{type(statement).__name__}`", statement)
            try:
                method(statement)
            except Unsupported as error:
                if error.node is None or not hasattr(error.node, "lineno"):
                    error.node = statement
                raise

    def statement_Pass(self, node: ast.Pass) -> None:  # noqa: N802 - named after the node
        """`pass`."""

    def statement_Expr(self, node: ast.Expr) -> None:  # noqa: N802 - named after the node
        """An expression for its effects, and what is left of contracts in the body."""
        value = node.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            match value.func.id:
                case "__check__":
                    for argument in value.args:
                        self.prove(argument, Kind.ASSERTION)
                    return
                case "__assume__":
                    for argument in value.args:
                        self.writer.assume(self.in_body(argument))
                    self.symbols.assumptions.setdefault(f"line {node.lineno} of `{self.function.name}` is assumed", None)
                    return
                case "__refute__":
                    for argument in value.args:
                        self.probe(
                            self.in_body(argument), Obligation(Kind.REFUTABLE, self.place(argument), ast.unparse(argument))
                        )
                    return
                case "__reveal__":
                    return
        if isinstance(value, ast.Constant):
            return
        self.evaluate(value)

    def in_body(self, node: ast.expr) -> str:
        """Return whether a condition of a contract holds at this point of the body."""
        names = {**self.names, **{n: Term(self.variable(n), type_) for n, type_ in self.locals.items() if n in self.assigned}}
        narrowed = dict(self.narrowed)
        with self.contract_of(names, view="", old_view=self.old_view, module=self.module) as demands:
            self.narrowed = narrowed
            condition = self.condition_of(node)
            found = list(demands)
        for demand in found:
            self.writer.claim(demand.condition, demand.obligation)
        return condition

    def probe(self, condition: str, obligation: Obligation) -> None:
        """Ask, on a way of its own, whether a condition can be proved here: if so, something is wrong."""
        aside, onward = self.writer.fresh("probe"), self.writer.fresh("onward")
        self.writer.jump(aside, onward)
        self.writer.label(aside)
        self.writer.claim(condition, obligation)
        self.writer.line("return;")
        self.writer.ended = True
        self.writer.label(onward)

    def prove(self, node: ast.expr, kind: Kind) -> None:
        """Claim a condition of a contract at this point of the body."""
        condition = self.in_body(node)
        self.writer.claim(condition, Obligation(kind, self.place(node), ast.unparse(node)))

    def statement_Assert(self, node: ast.Assert) -> None:  # noqa: N802 - named after the node
        """`assert`."""
        parts = node.test.values if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And) else [node.test]
        if any(self.has_effects(p) for p in parts) and len(parts) > 1:
            parts = [node.test]
        for part in parts:
            condition = self.condition_of(part)
            if self.raise_builtin("AssertionError", terms.negation(condition)):
                continue
            self.writer.claim(
                condition, Obligation(Kind.ASSERTION, self.place(part), ast.unparse(part), exception="AssertionError")
            )
            self.learn(part, True)

    # --- assignment ----------------------------------------------------------------------------

    def statement_Assign(self, node: ast.Assign) -> None:  # noqa: N802 - named after the node
        """`x = e`."""
        self.used_at_once(node.value)
        expected = self._declared_parts(node.targets[0], node.value) or self.declared(node.targets[0])
        value = self.evaluate(node.value, expected)
        if isinstance(node.targets[0], ast.Name):
            self.keeps(node.targets[0].id, value, node)
        if len(node.targets) > 1 or not isinstance(node.targets[0], ast.Name):
            value = self.materialised(value, node) if not isinstance(node.targets[0], ast.Tuple | ast.List) else value
            value = self.kept(value) if not isinstance(value.type, t.Tuple) else value
        for target in node.targets:
            self.assign(target, value)

    def _declared_parts(self, target: ast.expr, value: ast.expr) -> t.Tuple | None:
        """Return what is known of the empty collections in `a, b = 0, []`: what they are to hold; None if there are none."""
        if not (
            isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts)
        ):
            return None
        known = [
            self.declared(name) if isinstance(name, ast.Name) and _is_empty(one) else None
            for name, one in zip(target.elts, value.elts, strict=True)
        ]
        parts = [one if isinstance(one, t.Collection | t.Mapping) else t.UNKNOWN for one in known]
        return t.Tuple(tuple(parts)) if any(one != t.UNKNOWN for one in parts) else None

    def declared(self, target: ast.expr) -> t.Type | None:
        """Return the type that a target is known to have."""
        if isinstance(target, ast.Name):
            return self.learnt.types.get(self.key(target.id)) or self.locals.get(target.id)
        if isinstance(target, ast.Attribute):
            return self.known_type(target)
        if isinstance(target, ast.Subscript):
            owner = self.known_type(target.value)
            own = t.without_none(owner) if owner is not None else None
            return own.value if isinstance(own, t.Mapping) else own.item if isinstance(own, t.Collection) else None
        return None

    def key(self, name: str) -> str:
        """Return under which name the type of a local variable is learnt."""
        return name

    def statement_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802 - named after the node
        """`x: T = e`."""
        if isinstance(node.target, ast.Name):
            type_ = self.annotation(node.annotation)
            if type_ is not None and type_ != t.UNKNOWN:
                self.learnt.types[self.key(node.target.id)] = self.made_as(node, type_)
        if node.value is None:
            return
        self.used_at_once(node.value)
        value = self.evaluate(node.value, self.declared(node.target))
        self.assign(node.target, value)

    @abstractmethod
    def annotation(self, node: ast.expr) -> t.Type | None:
        """Return the type that an annotation in a body names."""

    def statement_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802 - named after the node
        """`x += e`: of a list, the same list."""
        load = ast.copy_location(_loaded(node.target), node.target)
        parts = [load.value, load.slice] if isinstance(load, ast.Subscript) and self.makes_missing(load.value) else [load]
        if any(self.has_effects(part) for part in parts):
            raise Unsupported("an augmented assignment whose target calls functions with effects", node)
        if self.has_effects(node.value):
            with self._steady_target(node.target) as target:
                self._augment(node, target)
        else:
            self._augment(node, node.target)

    @contextmanager
    def _steady_target(self, target: ast.expr) -> Iterator[ast.expr]:
        """Give a target that the value which is assigned cannot move: its object and index are evaluated once, before."""
        parts = {"object'": target.value} if isinstance(target, ast.Attribute | ast.Subscript) else {}
        if isinstance(target, ast.Subscript):
            if isinstance(target.slice, ast.Slice):
                raise Unsupported("an augmented assignment to a slice, with calls that have effects", target)
            parts["index'"] = target.slice
        saved = self.names
        self.names = {**saved, **{name: self.kept(self.evaluate(part)) for name, part in parts.items()}}
        names = [ast.copy_location(ast.Name(name, ast.Load()), target) for name in parts]
        steady = target
        if isinstance(target, ast.Attribute):
            steady = ast.copy_location(ast.Attribute(names[0], target.attr, ast.Store()), target)
        elif isinstance(target, ast.Subscript):
            steady = ast.copy_location(ast.Subscript(names[0], names[1], ast.Store()), target)
        try:
            yield steady
        finally:
            self.names = saved

    def _augment(self, node: ast.AugAssign, target: ast.expr) -> None:
        load = ast.copy_location(_loaded(target), target)
        left = self.evaluate(load)
        effects = self.has_effects(node.value)
        if effects:
            left = self.kept(left)
        own = t.without_none(left.type)
        if own != left.type:
            self.demand(negation(self.is_none(left)), Kind.NONE, target, "it must not be None", "TypeError")
        if isinstance(node.op, ast.Add) and isinstance(own, t.Collection) and own.kind == "list":
            right = self.evaluate(node.value, own)
            if own.item == t.NEVER and isinstance(node.target, ast.Name):
                self.learn_type(self.key(node.target.id), t.Collection("list", self.item_type(right.type, node)))
            nothing = isinstance(right.type, t.Collection) and right.type.item == t.NEVER != own.item
            items = self.empty_content(own) if nothing else self.items_of(right, node)
            self.set_content(left, apply("Seq_concat", self.content(left), items), node)
            self._assigned_back(target, left, moved=effects)
            return
        if _changed_in_place(own, node.op):
            value = self.binary(node.op, left, self.evaluate(node.value, own), node)
            self.set_content(left, self.content(value), node)
            self._assigned_back(target, left, moved=effects)
            return
        if any(_may_be_changed_in_place(one) for one in (own.options if isinstance(own, t.Union) else (own,))):
            raise Unsupported(f"an augmented assignment to a `{own}`, which may be one that changes in place", node)
        right = self.evaluate(node.value)
        magic = self.operator_method(left, right, f"__i{_IN_PLACE.get(type(node.op), 'add')}__", "", node)
        self.assign(target, magic if magic is not None else self.binary(node.op, left, right, node))

    def _assigned_back(self, target: ast.expr, value: Term, *, moved: bool) -> None:
        """Write that an object which was changed in place is assigned to where it was found: Python does so, too."""
        if moved:
            self.assign(target, value)
        elif isinstance(target, ast.Attribute):
            own = t.without_none(self.evaluate(target.value).type)
            class_ = self.class_of(own)
            if self.field_of(own, target.attr) is None or (class_ is not None and class_.kind == "frozen"):
                raise Unsupported(f"an augmented assignment to the attribute `{target.attr}` of a `{own}`", target)
        elif isinstance(target, ast.Subscript):
            own = t.without_none(self.evaluate(target.value).type)
            if isinstance(target.slice, ast.Slice) or not (
                isinstance(own, t.Mapping) or (isinstance(own, t.Collection) and own.kind in ("list", "deque"))
            ):
                raise Unsupported(f"an augmented assignment to an item of a `{own}`", target)

    def assign(self, target: ast.expr, value: Term) -> None:
        """Assign a value to a target."""
        match target:
            case ast.Name(id=name):
                self.bind_local(name, value, target)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                self.unpack(elements, value, target)
            case ast.Attribute():
                self.assign_attribute(target, value)
            case ast.Subscript():
                self._assign_item(target, value)
            case _:
                raise Unsupported("an assignment to this", target)

    def bind_local(self, name: str, value: Term, node: ast.AST) -> None:
        """Assign a value to a local variable."""
        value = self.materialised(value, node)
        key = self.key(name)
        known = self.learnt.types.get(key) or self.locals.get(name)
        own = t.INT if isinstance(value.type, t.Ranged) else value.type
        if known is None:
            known = own
        elif not self.is_subtype(own, known) and not self._convertible(own, known):
            if self._better(own, known):
                self.learnt.types[key] = own
            else:
                self.learnt.types[key] = self.joined([known, own])
            raise Restart
        if self.learnt.types.get(key) is None:
            self.learnt.types[key] = known
        self.locals[name] = known
        variable = self.variable(name)
        self.writer.locals[variable] = self.sort(known)
        converted = self.coerce(value, known, node)
        self.writer.assign(variable, converted.text)
        if name in self.learnt.unset:
            self.writer.locals[f"set'{name}"] = "bool"
            self.writer.assign(f"set'{name}", "true")
        self.assigned.add(name)
        number = value.type != t.BOOL and self.sort(value.type) == "int" and self.never_bool(value.text)
        self.forget(name)
        if number:
            self.holds_number(variable)
        if (
            isinstance(known, t.Union)
            and isinstance(own, t.Union | t.Plain | t.Instance | t.Collection | t.Mapping)
            and own != known
        ):
            self.narrowed[name] = own
        if self.sort(known) == "Ref" and value.text.startswith(("new'", "p'")) and value.text.replace("'", "").isalnum():
            self.origins[name] = converted

    def forget(self, name: str) -> None:
        """Forget what conditions said of a name that has another value now."""
        self.narrowed = {k: v for k, v in self.narrowed.items() if name not in _WORD.findall(k)}
        self.origins.pop(name, None)
        self.lows.pop(name, None)

    def read_local(self, node: ast.Name) -> Term:
        """Return the value of a local variable, under the name that does not change where there is one."""
        term = super().read_local(node)
        return self.origins.get(node.id, term)

    def _convertible(self, own: t.Type, known: t.Type) -> bool:
        if isinstance(known, t.Ranged):
            return self._is_int(own)
        if known == t.FLOAT:
            return self._is_int(own)
        if known == t.INT and self._is_number_member(own):
            return True
        if known in (t.OBJECT, t.UNKNOWN):
            return True
        if isinstance(known, t.Collection) and isinstance(own, t.Collection):
            return own.item == t.NEVER or self.same_items(own, known)
        if isinstance(known, t.Mapping) and isinstance(own, t.Mapping):
            return own.key == t.NEVER or self.same_items(own, known)
        if isinstance(known, t.Union):
            return any(
                self.is_subtype(own, o) or self._convertible(own, o) for o in known.options if o not in (t.OBJECT, t.UNKNOWN)
            )
        if isinstance(known, t.Tuple) and isinstance(own, t.Tuple) and len(known.items) == len(own.items):
            return all(self.is_subtype(a, b) or self._convertible(a, b) for a, b in zip(own.items, known.items, strict=True))
        if isinstance(known, t.Collection) and known.kind == "tuple" and isinstance(own, t.Tuple):
            return all(self.is_subtype(i, known.item) for i in own.items)
        return isinstance(own, t.Union) and t.NONE in own.options and self.is_subtype(t.without_none(own), known)

    def _is_number_member(self, type_: t.Type) -> bool:
        """Whether values of a type are members of an `IntEnum`, which do what integers do."""
        own = self.class_of(type_) if isinstance(type_, t.Instance) else None
        return own is not None and own.kind == "intenum"

    def _better(self, own: t.Type, known: t.Type) -> bool:
        """Whether a type only says more of the items of an empty collection, or that a number is not always a member of an enumeration."""
        if own == t.INT and self._is_number_member(known):
            return True
        if isinstance(known, t.Collection) and isinstance(own, t.Collection):
            return known.kind == own.kind and known.item == t.NEVER
        return isinstance(known, t.Mapping) and isinstance(own, t.Mapping) and known.key == t.NEVER

    def assign_attribute(self, target: ast.Attribute, value: Term) -> None:
        """Assign to an attribute."""
        if self.qualified(target) is not None:
            raise Unsupported(f"an assignment to `{ast.unparse(target)}`", target)
        receiver = self.evaluate(target.value)
        own = t.without_none(receiver.type)
        if self.may_be_none(receiver.type):
            self.demand(terms.negation(self.is_none(receiver)), Kind.NONE, target, "it must not be None", "AttributeError")
            receiver = self.narrow(receiver, own)
        found = self.field_of(own, target.attr)
        setter = self.method_of(own, f"{target.attr}.setter")
        if setter is not None:
            arguments = {p.name: v for p, v in zip(setter.parameters, [receiver, value], strict=False)}
            self.call_known(setter, arguments, target, receiver=receiver)
            return
        self.one_meaning(own, target.attr)
        class_ = self.class_of(own)
        if class_ is not None and class_.kind == "frozen":
            self.demand("false", Kind.ATTRIBUTE, target, "fields of a frozen class cannot be assigned", "AttributeError")
            return
        if found is None:
            raise Unsupported(f"the attribute `{target.attr}` of a `{own}`", target)
        assert isinstance(own, t.Instance)
        type_ = self.field_type(own, *found)
        converted = self.coerce(self.materialised(self._adapted(value, type_, target), target), type_, target)
        heap = self.field_map(*found, type_)
        self.field_begins(target, heap, receiver.text)
        self.write(heap, receiver.text, self.stored(found[1], converted, target).text, target)
        self.field_assigned(target)
        self.after_assignment(receiver, target)
        text = ast.unparse(target)
        self.narrowed = {k: v for k, v in self.narrowed.items() if target.attr not in _WORD.findall(k)[1:]}
        if isinstance(type_, t.Union) and value.type != type_ and _is_path(target) and self.known_type(target) is not None:
            self.narrowed[text] = value.type

    def _assign_item(self, target: ast.Subscript, value: Term) -> None:
        (collection,) = self._usable(self.evaluate(target.value), node=target.value)
        own = collection.type
        if isinstance(target.slice, ast.Slice):
            self._assign_slice(target, collection, value)
            return
        if isinstance(own, t.Mapping):
            if own.key == t.NEVER and isinstance(target.value, ast.Name):
                key_type = self.evaluate(target.slice).type
                self.learn_type(self.key(target.value.id), t.Mapping(own.kind, key_type, value.type))
            self.hashable(own.key, target)
            key = self.narrowed_to(self.evaluate(target.slice), own.key, target)
            item = self.coerce(self.materialised(self._adapted(value, own.value, target), target), own.value, target).text
            self.set_content(collection, apply("Map_set", self.content(collection), key, item), target)
            return
        index = self.evaluate(target.slice)
        if self.method_of(own, "__setitem__") is not None:
            self.call_method(collection, "__setitem__", [index, value], target)
            return
        if own == t.BYTEARRAY:
            byte = self.coerce(value, t.INT, target).text
            self.demand(f"(0 <= {byte} && {byte} < 256)", Kind.VALUE, target, "a byte must be in range(256)", "ValueError")
            item = apply("byte_of", byte)
        elif isinstance(own, t.Collection) and own.kind in ("list", "deque"):
            item = self.coerce(self.materialised(self._adapted(value, own.item, target), target), own.item, target).text
        else:
            raise Unsupported(f"an assignment to an item of a `{own}`", target)
        content = self.content(collection)
        place = self.position(self.coerce(index, t.INT, target).text, content, target, target.slice)
        self.set_content(collection, apply("Seq_update", content, place, item), target)

    def _assign_slice(self, target: ast.Subscript, collection: Term, value: Term) -> None:
        assert isinstance(target.slice, ast.Slice)
        own = collection.type
        if target.slice.step is not None or not (isinstance(own, t.Collection) and own.kind == "list"):
            raise Unsupported("an assignment to this slice", target)
        bounds = [None if b is None else self.evaluate(b) for b in (target.slice.lower, target.slice.upper)]
        content = self.content(collection)
        begin, end = self.slice_bounds(bounds[0], bounds[1], content, target)
        end = terms.conditional(f"({begin} <= {end})", end, begin)
        nothing = isinstance(value.type, t.Collection) and value.type.item == t.NEVER != own.item
        if not nothing and self.sort(self.item_type(value.type, target)) != self.sort(own.item):
            raise Unsupported(f"items of a `{value.type}` in a slice of a `{own}`", target)
        known = self.coerce(value, own, target) if value.content and not nothing else value
        middle = self.empty_content(own) if nothing else self.items_of(known, target)
        first = apply("Seq_concat", apply("Seq_take", content, begin), middle)
        self.set_content(collection, apply("Seq_concat", first, apply("Seq_drop", content, end)), target)

    def statement_Delete(self, node: ast.Delete) -> None:  # noqa: N802 - named after the node
        """`del d[k]`, `del xs[i]` and `del x`."""
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.evaluate(ast.copy_location(_loaded(target), target))  # it must have a value
                self.assigned.discard(target.id)
                self.learnt.unset.add(target.id)
                self.writer.locals[f"set'{target.id}"] = "bool"
                self.writer.assign(f"set'{target.id}", "false")
                continue
            if isinstance(target, ast.Attribute):
                self.delete_attribute(target)
                continue
            if not isinstance(target, ast.Subscript) or isinstance(target.slice, ast.Slice):
                raise Unsupported("this `del`", node)
            collection = self.evaluate(target.value)
            own, content = collection.type, self.content(collection)
            if isinstance(own, t.Mapping):
                key = self.narrowed_to(self.evaluate(target.slice), own.key, target)
                self.demand(apply("Map_has", content, key), Kind.KEY, target, "the key must be there", "KeyError")
                self.set_content(collection, apply("Map_remove", content, key), target)
            elif isinstance(own, t.Collection) and own.kind == "list":
                index = self.coerce(self.evaluate(target.slice), t.INT, target).text
                self.set_content(collection, apply("Seq_remove", content, self.position(index, content, target)), target)
            else:
                raise Unsupported("this `del`", node)

    # --- choices ---------------------------------------------------------------------------------

    def statement_If(self, node: ast.If) -> None:  # noqa: N802 - named after the node
        """`if`."""
        condition = self.condition_of(node.test)
        yes, no, after = (self.writer.fresh(n) for n in ("then", "else", "after"))
        self.writer.choose(condition, yes, no)
        assigned, narrowed, origins = set(self.assigned), dict(self.narrowed), dict(self.origins)
        ends: list[tuple[set[str], dict[str, t.Type], dict[str, Term]]] = []
        for label, body, holds in ((yes, node.body, True), (no, node.orelse, False)):
            self.writer.label(label)
            if self.writer.ended:
                continue
            self.assigned, self.narrowed, self.origins = set(assigned), dict(narrowed), dict(origins)
            self.learn(node.test, holds)
            self.block(body)
            if not self.writer.ended:
                ends.append((self.assigned, self.narrowed, self.origins))
            self.writer.jump(after)
        self.merge(ends, assigned, narrowed, origins)
        self.writer.label(after)

    def merge(
        self,
        ends: Sequence[tuple[set[str], dict[str, t.Type], dict[str, Term]]],
        assigned: set[str],
        narrowed: dict[str, t.Type],
        origins: dict[str, Term],
    ) -> None:
        """Know behind a choice what is known on every way there."""
        if not ends:
            self.assigned, self.narrowed, self.origins = assigned, narrowed, origins
            return
        self.assigned = set.intersection(*(e[0] for e in ends))
        first = ends[0]
        self.narrowed = {k: self.joined([e[1][k] for e in ends]) for k in first[1] if all(k in e[1] for e in ends)}
        self.origins = {k: v for k, v in first[2].items() if all(e[2].get(k) == v for e in ends)}

    def statement_Match(self, node: ast.Match) -> None:  # noqa: N802 - named after the node
        """`match`."""
        subject = self.kept(self.evaluate(node.subject))
        name = ast.unparse(node.subject) if _is_path(node.subject) else ""
        after = self.writer.fresh("after")
        assigned, narrowed, origins = set(self.assigned), dict(self.narrowed), dict(self.origins)
        ends = []
        for case in node.cases:
            inside, onward = self.writer.fresh("case"), self.writer.fresh("onward")
            self.assigned, self.narrowed, self.origins = set(assigned), dict(narrowed), dict(origins)
            bindings: list[tuple[str, Term]] = []
            condition = self.pattern(case.pattern, subject, bindings, name)
            self.writer.choose(condition, inside, onward)
            self.writer.label(inside)
            if not self.writer.ended:
                for target, value in bindings:
                    self.bind_local(target, value, case.pattern)
                if case.guard is not None:
                    go = self.writer.fresh("guard")
                    self.writer.choose(self.condition_of(case.guard), go, onward)
                    self.writer.label(go)
                self.block(case.body)
                if not self.writer.ended:
                    ends.append((self.assigned, self.narrowed, self.origins))
                self.writer.jump(after)
            self.writer.label(onward)
        if not self.writer.ended:
            ends.append((assigned, narrowed, origins))
        self.writer.jump(after)
        self.merge(ends, assigned, narrowed, origins)
        self.writer.label(after)

    def pattern(self, pattern: ast.pattern, subject: Term, bindings: list[tuple[str, Term]], name: str) -> str:
        """Return whether a value matches, and collect what names are bound to."""
        match pattern:
            case ast.MatchValue(value=value):
                return self.comparison(ast.Eq(), subject, self.evaluate(value), pattern)
            case ast.MatchSingleton(value=value):
                return self.identity(subject, self.evaluate(ast.copy_location(ast.Constant(value), pattern)), pattern)
            case ast.MatchAs(pattern=None, name=None):
                return "true"
            case ast.MatchAs(pattern=inner, name=bound):
                condition = "true" if inner is None else self.pattern(inner, subject, bindings, name)
                if bound is not None:
                    bindings.append((bound, subject))
                return condition
            case ast.MatchOr(patterns=patterns):
                if any(isinstance(p, ast.MatchAs | ast.MatchStar) and p.name for p in ast.walk(pattern)):
                    raise Unsupported("a pattern with `|` that binds names", pattern)
                return terms.disjunction(*(self.pattern(p, subject, bindings, "") for p in patterns))
            case ast.MatchSequence(patterns=patterns) if isinstance(t.without_none(subject.type), t.Tuple):
                own = t.without_none(subject.type)
                assert isinstance(own, t.Tuple)
                if len(own.items) != len(patterns) or any(isinstance(p, ast.MatchStar) for p in patterns):
                    raise Unsupported("this pattern", pattern)
                return conjunction(*(self.pattern(p, self.item(subject, n), bindings, "") for n, p in enumerate(patterns)))
            case ast.MatchClass():
                return self._class_pattern(pattern, subject, bindings, name)
        raise Unsupported("this pattern", pattern)

    def _class_pattern(self, node: ast.MatchClass, subject: Term, bindings: list[tuple[str, Term]], name: str) -> str:
        positional, keyword = node.patterns, list(zip(node.kwd_attrs, node.kwd_patterns, strict=True))
        (type_,) = self.classes_of(node.cls)
        condition = self.holds_type(subject, type_)
        narrowed = self.narrow(subject, type_)
        if name:
            self.narrowed[name] = type_
        if isinstance(type_, t.Plain):
            if len(positional) == 1 and not keyword:
                with self.guarded(condition):
                    return conjunction(condition, self.pattern(positional[0], narrowed, bindings, ""))
            if not positional and not keyword:
                return condition
        own = self.class_of(type_)
        if own is None:
            raise Unsupported("this pattern", node)
        names = [f.name for f in self.matched_fields(own)] if positional else []
        if len(positional) > len(names):
            raise Unsupported("this pattern", node)
        parts = [condition]
        with self.guarded(condition):
            for field, inner in [*zip(names, positional, strict=False), *keyword]:
                parts.append(self.pattern(inner, self.attribute(narrowed, field, node), bindings, ""))
        return conjunction(*parts)

    # --- leaving -----------------------------------------------------------------------------------

    def statement_Return(self, node: ast.Return) -> None:  # noqa: N802 - named after the node
        """`return`."""
        type_ = self.returns
        if node.value is not None:
            self.used_at_once(node.value)
        value = Term("Unit()", t.NONE) if node.value is None else self.evaluate(node.value, type_)
        if type_ is None:
            known = self.learnt.types.get(self.return_key)
            own = self.joined([known, value.type]) if known is not None else value.type
            own = t.INT if isinstance(own, t.Ranged) else own
            if own != known:
                self.learnt.types[self.return_key] = own
                raise Restart
            type_ = own
        elif isinstance(node.value, ast.Name) and _lacks_items(value.type) and not _lacks_items(type_):
            self.learnt.types[self.key(node.value.id)] = t.without_none(type_)
            raise Restart
        value = self.coerce(self.materialised(self._adapted(value, type_, node), node), type_, node)
        if self.result is not None:
            self.writer.assign(self.result.text, value.text)
        self.completed(node)
        self.leave(self.cleanup_depth)
        self.writer.jump(self.exit)

    returns: t.Type | None  # None: nobody said, and it is worked out

    @property
    def return_key(self) -> str:
        """Under which name is learnt what the body under way returns: it may stand for a call."""
        return "return'" if self.function is self.root else f"{self.function.qualified} return'"

    cleanup_depth = 0  # cleanups that belong to a caller for whose call this body stands

    def statement_With(self, node: ast.With) -> None:  # noqa: N802 - named after the node
        """`with`, by the contracts of `__enter__` and `__exit__`."""
        first, *rest = node.items
        if (
            isinstance(first.context_expr, ast.Call)
            and isinstance(first.context_expr.func, ast.Name)
            and first.context_expr.func.id == "__ghost__"
        ):
            self.block(node.body)
            return
        manager = self.kept(self.evaluate(first.context_expr))
        if self.method_of(manager.type, "__enter__") is None or self.method_of(manager.type, "__exit__") is None:
            raise Unsupported(f"`with` a `{manager.type}`", node)
        entered = self.call_method(manager, "__enter__", [], node)
        if first.optional_vars is not None:
            self.assign(first.optional_vars, entered)
        none = Term("Unit()", t.NONE)
        inner: list[ast.stmt] = node.body if not rest else [ast.copy_location(ast.With(rest, node.body), node)]

        def leave() -> None:
            self.call_method(manager, "__exit__", [none, none, none], node)

        def failing() -> str:
            method = self.method_of(manager.type, "__exit__")
            assert method is not None
            given = []
            for place, parameter in enumerate(method.parameters[1:]):
                if place == 1:  # the exception itself
                    given.append(self.kept(Term(EXCEPTION, t.Instance("builtins.BaseException"))))
                    continue
                one = Term(self.writer.local("given", self.sort(parameter.type)), parameter.type)
                self.known(one)
                self.writer.assume(terms.negation(self.is_none(one)))
                given.append(one)
            answer = self.call_method(manager, "__exit__", given, node)
            return self.truth(answer, node)

        self.with_cleanup(leave, lambda: self.block(inner), inner, failing)

    # --- what is refused ------------------------------------------------------------------------------

    def statement_Global(self, node: ast.Global) -> None:  # noqa: N802 - named after the node
        """`global`."""
        raise Unsupported("`global`", node)

    def statement_Import(self, node: ast.Import) -> None:  # noqa: N802 - named after the node
        """An import inside of a function."""
        raise Unsupported("an import inside of a function", node)


def _is_path(node: ast.expr) -> bool:
    """Whether an expression is a name, or attributes of one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _lacks_items(type_: t.Type) -> bool:
    own = t.without_none(type_)
    return (isinstance(own, t.Collection) and own.item == t.NEVER) or (isinstance(own, t.Mapping) and own.key == t.NEVER)


def _is_empty(node: ast.expr) -> bool:
    """Whether an expression is written as a collection of nothing."""
    match node:
        case ast.List(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(func=ast.Name(id="list" | "dict" | "set"), args=[], keywords=[]):
            return True
    return False


def _loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.Name(name, ast.Load())
        case ast.Attribute(value=value, attr=attribute):
            return ast.Attribute(value, attribute, ast.Load())
        case ast.Subscript(value=value, slice=index):
            return ast.Subscript(value, index, ast.Load())
    raise Unsupported("an assignment to this", target)


def _changed_in_place(type_: t.Type, operator: ast.operator) -> bool:
    """Whether an augmented assignment changes an object of a type, and makes no new one; `+=` of a list is another matter."""
    if isinstance(type_, t.Collection) and type_.kind == "list":
        return isinstance(operator, ast.Mult)
    return (isinstance(type_, t.Collection) and type_.kind in ("set", "deque")) or type_ == t.BYTEARRAY


def _may_be_changed_in_place(type_: t.Type) -> bool:
    """Whether a type has objects that augmented assignments change, and perhaps others."""
    if type_ in (t.OBJECT, t.UNKNOWN, t.BYTEARRAY) or isinstance(type_, t.Mapping):
        return True
    return isinstance(type_, t.Collection) and type_.kind in ("list", "set", "deque", "sequence", "iterable", "iterator")


_IN_PLACE = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
}
