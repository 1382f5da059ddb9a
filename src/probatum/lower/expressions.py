"""Expressions: names, attributes, displays, conditions, comprehensions and quantifiers, evaluated as Python orders them."""

from __future__ import annotations

import ast
import builtins
import re
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

from probatum.lower import terms
from probatum.lower.attempt import Demand, Restart
from probatum.lower.lacking import Lacking
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conditional, conjunction, disjunction, implication, negation, split_arguments
from probatum.lower.text_formats import fits
from probatum.lower.triggers import triggers
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class, Function, Problem
from probatum.python.scopes import walk

_SPECIAL = re.compile(r"__\w+__")
_PARAMETER = re.compile(r"p'\w+")  # nothing assigns it
_NO_OPERATORS = frozenset(["__init__", "__post_init__", "__new__", "__enter__", "__exit__", "__del__", "__init_subclass__"])
_QUIET = frozenset(
    [
        "len",
        "abs",
        "min",
        "max",
        "sum",
        "all",
        "any",
        "sorted",
        "range",
        "int",
        "bool",
        "str",
        "float",
        "ord",
        "chr",
        "isinstance",
        "bytes",
        "tuple",
        "list",
        "set",
        "dict",
        "reversed",
        "divmod",
        "enumerate",
        "zip",
        "map",
        "filter",
        "round",
        "pow",
        "frozenset",
        "repr",
        "__old__",
        "__forall__",
        "__exists__",
        "__implies__",
        "__multiset__",
        "__let__",
    ]
)


_MADE = re.compile(r"\(lambda ([\w'#]+): int :: (.*)\)", re.DOTALL)


def _made_at(content: str, place: str) -> str | None:
    """Return the item at a place of a sequence that is made by a rule, so that what the rule mentions is found."""
    if not content.startswith("Seq_make("):
        return None
    parts = split_arguments(content[len("Seq_make(") : -1])
    rule = _MADE.fullmatch(parts[1]) if len(parts) == 2 else None
    if rule is None:
        return None
    return re.sub(rf"(?<![\w'#]){re.escape(rule[1])}(?![\w'#])", lambda _: place, rule[2])


def is_new(term: Term) -> bool:
    """Whether a value is the object that was created under this name, which nothing else is assigned to."""
    return term.text.startswith("new'") and term.text.replace("'", "").isalnum()


class Expressions(Lacking):
    """The values of expressions."""

    def evaluate(self, node: ast.expr, expected: t.Type | None = None) -> Term:
        """Return the value of an expression, writing what its evaluation does."""
        method = getattr(self, f"expression_{type(node).__name__}", None)
        if method is None:
            raise Unsupported(f"`{type(node).__name__}`", node)
        try:
            return method(node, expected)  # type: ignore[no-any-return]  # methods of this class, found by name
        except Unsupported as error:
            if error.node is None or not hasattr(error.node, "lineno"):
                error.node = node
            raise

    # --- constants and names --------------------------------------------------------------

    def expression_Constant(self, node: ast.Constant, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A literal."""
        del expected
        match node.value:
            case bool(value):
                return terms.TRUE if value else terms.FALSE
            case int(value):
                return terms.number(value)
            case float(value):
                return self.float_literal(value)
            case str(value):
                return self.text_literal(value) if value else Term("(Seq_empty() : Seq char)", t.STR)
            case bytes(value):
                return self.bytes_literal(value) if value else Term("(Seq_empty() : Seq byte)", t.BYTES)
            case None:
                return Term("Unit()", t.NONE)
        raise Unsupported(f"the constant `{node.value!r}`", node)

    def expression_Name(self, node: ast.Name, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A name."""
        self.given_away(node)
        if node.id in self.names:
            return self._narrowed(self.names[node.id], node)
        if node.id in self.locals:
            return self._narrowed(self.read_local(node), node)
        if node.id in self.bound:
            raise Unsupported(f"the local variable `{node.id}` before anything is assigned to it", node)
        if node.id in self.module.constants:
            return self.module_constant(node.id, self.module, node, expected)
        if node.id in self.module.variables:
            raise Unsupported(f"the global variable `{node.id}`", node)
        qualified = self.qualified(node) or node.id
        found = self.imported_constant(qualified, node, expected)
        if found is None:
            found = self._members_of(qualified)
        if found is None:
            found = self._class_itself(qualified)
        if found is not None:
            return found
        raise Unsupported(f"the name `{node.id}`", node)

    def _class_itself(self, qualified: str) -> Term | None:
        """Return a class that is used as a value."""
        class_ = self.program.class_(qualified)
        if class_ is None:
            return None
        return Term(self.symbols.class_name(class_.qualified), t.ClassObject(t.Instance(class_.qualified)))

    def _members_of(self, qualified: str) -> Term | None:
        """Return the members of an enumeration, as which its class is used where it is a value."""
        class_ = self.program.class_(qualified)
        return self.enum_members(class_) if class_ is not None and class_.kind in ("enum", "intenum") else None

    def read_local(self, node: ast.Name) -> Term:
        """Return the value of a local variable, demanding that it has one."""
        if node.id not in self.assigned:
            self.learnt.unset.add(node.id)
            self.demand(f"set'{node.id}", Kind.ATTRIBUTE, node, f"`{node.id}` must have a value", "UnboundLocalError")
        return Term(self.variable(node.id), self.locals[node.id])

    def variable(self, name: str) -> str:
        """Return the variable that holds a local variable of Python's."""
        return f"v'{mangled(name)}"

    def _narrowed(self, term: Term, node: ast.expr) -> Term:
        known = self.narrowed.get(ast.unparse(node))
        return term if known is None or known == term.type else self.narrow(term, known)

    def _usable(self, *operands: Term, node: ast.AST | None = None) -> tuple[Term, ...]:
        """Return operands without None, demanding that they are not."""
        usable = []
        for operand in operands:
            term = self.as_number(self.bounded(operand))
            if isinstance(term.type, t.Union) and t.NONE in term.type.options and node is not None:
                self.demand(negation(self.is_none(term)), Kind.NONE, node, "it must not be None", "TypeError")
                usable.append(self.as_number(self.narrow(term, t.without_none(term.type))))
            else:
                usable.append(term)
        return tuple(usable)

    # --- attributes --------------------------------------------------------------------------

    def expression_Attribute(self, node: ast.Attribute, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`x.name`."""
        qualified = self.qualified(node)
        if qualified is not None:
            found = self.imported_constant(qualified, node, expected)
            if found is not None:
                return found
            if self.names_member(node.value):
                return self.attribute(self.evaluate(node.value), node.attr, node)
            members = self._members_of(qualified)
            if members is not None:
                return members
            raise Unsupported(f"`{ast.unparse(node)}`", node)
        receiver = self.evaluate(node.value)
        return self._narrowed(self.attribute(receiver, node.attr, node), node)

    # --- displays --------------------------------------------------------------------------------

    def _elements(self, elements: Sequence[ast.expr], wanted: t.Type | None) -> tuple[list[str], t.Type]:
        values = []
        for number, element in enumerate(elements):
            self.used_at_once(element)
            value = self.materialised(self.evaluate(element, wanted), element)
            if not self.in_contract and any(self.has_effects(later) for later in elements[number + 1 :]):
                value = self.kept(value)
            values.append(value)
        type_ = wanted
        if type_ is None or type_ in (t.NEVER, t.UNKNOWN):
            type_ = self.joined([v.type for v in values])
        return [self.coerce(v, type_, e).text for v, e in zip(values, elements, strict=True)], type_

    def joined(self, types: Sequence[t.Type]) -> t.Type:
        """Return the least type that values of several types have."""
        plain = [t.INT if isinstance(one, t.Ranged) else one for one in types]
        result = t.union(*plain)
        if isinstance(result, t.Union):
            options = [o for o in result.options if not any(o != p and self.is_subtype(o, p) for p in result.options)]
            result = t.union(*options)
        return result

    def expression_List(self, node: ast.List, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`[a, b]`."""
        wanted = t.without_none(expected) if expected is not None else None
        item = wanted.item if isinstance(wanted, t.Collection) else None
        if any(isinstance(e, ast.Starred) for e in node.elts):
            return self._starred(node.elts, item, node)
        if not node.elts:
            type_ = t.Collection("list", t.NEVER if item is None or item == t.UNKNOWN else item)
            return Term(self._nothing("Seq", type_.item), type_, content=True)
        texts, type_of_items = self._elements(node.elts, item)
        return Term(self.sequence_of(texts, self.sort(type_of_items)), t.Collection("list", type_of_items), content=True)

    def _nothing(self, kind: str, *items: t.Type) -> str:
        if t.NEVER in items:
            return f"({kind}_empty() : {kind} {' '.join('Unit' for _ in items)})"
        return f"({kind}_empty() : {kind} {' '.join(map(self.sort, items))})"

    def _starred(self, elements: Sequence[ast.expr], item: t.Type | None, node: ast.AST) -> Term:
        result: Term | None = None
        for element in elements:
            if isinstance(element, ast.Starred):
                value = self.evaluate(element.value)
                part = Term(self.items_of(value, node), t.Collection("list", self.item_type(value.type, node)), content=True)
            else:
                texts, type_ = self._elements([element], item)
                part = Term(apply("Seq_one", texts[0]), t.Collection("list", type_), content=True)
            result = part if result is None else self.binary(ast.Add(), result, part, node)
        assert result is not None
        return result

    def expression_Tuple(self, node: ast.Tuple, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`(a, b)`."""
        if any(isinstance(e, ast.Starred) for e in node.elts):
            own = self._starred(node.elts, None, node)
            assert isinstance(own.type, t.Collection)
            return Term(own.text, t.Collection("tuple", own.type.item))
        wanted = t.without_none(expected) if expected is not None else None
        types: list[t.Type | None] = [None] * len(node.elts)
        if isinstance(wanted, t.Tuple) and len(wanted.items) == len(node.elts):
            types = [None if one == t.UNKNOWN else one for one in wanted.items]
        elif isinstance(wanted, t.Collection) and wanted.kind == "tuple":
            texts, item = self._elements(node.elts, wanted.item)
            return Term(self.sequence_of(texts, self.sort(item)), t.Collection("tuple", item))
        items = []
        for number, (element, type_) in enumerate(zip(node.elts, types, strict=True)):
            value = self.materialised(self.evaluate(element, type_), element)
            if not self.in_contract and any(self.has_effects(later) for later in node.elts[number + 1 :]):
                value = self.kept(value)
            items.append(value if type_ is None else self.coerce(value, type_, element))
        return self.tuple_of(items)

    def expression_Set(self, node: ast.Set, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`{a, b}`."""
        wanted = t.without_none(expected) if expected is not None else None
        texts, item = self._elements(node.elts, wanted.item if isinstance(wanted, t.Collection) else None)
        self.hashable(item, node)
        text = f"(Set_empty() : Set {self.sort(item)})"
        for one in texts:
            text = apply("Set_add", text, one)
        return Term(text, t.Collection("set", item), content=True)

    def expression_Dict(self, node: ast.Dict, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`{k: v}`."""
        wanted = t.without_none(expected) if expected is not None else None
        key, value = (wanted.key, wanted.value) if isinstance(wanted, t.Mapping) else (None, None)
        key, value = (None if one == t.UNKNOWN else one for one in (key, value))
        if any(k is None for k in node.keys):
            return self._display_of_dicts(node, wanted)
        if not node.keys:
            type_ = t.Mapping("dict", t.NEVER if key is None else key, t.NEVER if value is None else value)
            return Term(self._nothing("Map", type_.key, type_.value), type_, content=True)
        parts = [*node.values, *(k for k in node.keys if k is not None)]
        fixed = self.in_contract or all(isinstance(k, ast.Constant) for k in node.keys)
        if not fixed and any(self.has_effects(part) for part in parts):
            raise Unsupported("a dict display with calls that have effects", node)  # each value comes before the next key
        keys, key = self._elements([k for k in node.keys if k is not None], key)
        values, value = self._elements(node.values, value)
        self.hashable(key, node)
        text = f"(Map_empty() : Map {self.sort(key)} {self.sort(value)})"
        for one, other in zip(keys, values, strict=True):
            text = apply("Map_set", text, one, other)
        return Term(text, t.Mapping("dict", key, value), content=True)

    def _display_of_dicts(self, node: ast.Dict, wanted: t.Type | None) -> Term:
        """`{**a, k: v, **b}`."""
        if not self.in_contract and any(self.has_effects(e) for e in (*node.keys, *node.values) if e is not None):
            raise Unsupported("a dict display with `**` and calls that have effects", node)
        parts: list[Term] = []
        for key, value in zip(node.keys, node.values, strict=True):
            one = value if key is None else ast.copy_location(ast.Dict([key], [value]), node)
            parts.append(*self._usable(self.evaluate(one, wanted), node=value))
        own = self.merged(parts, node)
        assert isinstance(own.type, t.Mapping)
        return Term(own.text, t.Mapping("dict", own.type.key, own.type.value), content=True)

    # --- operators ------------------------------------------------------------------------------------

    def expression_BinOp(self, node: ast.BinOp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`a + b`."""
        left = self.evaluate(node.left, expected if isinstance(node.op, ast.Add | ast.Mult) else None)
        if self.has_effects(node.right):
            left = self.kept(left)
        return self.binary(node.op, left, self.evaluate(node.right, expected if isinstance(node.op, ast.Add) else None), node)

    def kept(self, term: Term) -> Term:
        """Return a value that what follows cannot change."""
        if self.in_contract or term.text.isdigit() or is_new(term) or (not term.content and _PARAMETER.fullmatch(term.text)):
            return term
        if term.content and self.sorts.shared(t.without_none(term.type)):
            variable = self.writer.local("was", self.sorts.content(t.without_none(term.type)))
        else:
            variable = self.writer.local("was", self.sort(term.type))
        self.writer.assign(variable, term.text)
        return Term(variable, term.type, term.content)

    def expression_UnaryOp(self, node: ast.UnaryOp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`-a`."""
        del expected
        return self.unary(node.op, self.evaluate(node.operand), node)

    def expression_Compare(self, node: ast.Compare, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`a < b < c`: each operand once, later ones only if the earlier comparisons hold."""
        del expected
        left = self.evaluate(node.left)
        parts: list[str] = []
        if len(node.ops) > 1 and not self.in_contract and any(self.has_effects(c) for c in node.comparators[1:]):
            raise Unsupported("a chained comparison with calls that have effects", node)
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            with self.guarded(conjunction(*parts)):
                if self.has_effects(comparator):
                    left = self.kept(left)
                hint = left.type if isinstance(operator, ast.Eq | ast.NotEq) else None
                right = self.evaluate(comparator, hint)
                parts.append(self.comparison(operator, left, right, node))
            left = right
        return Term(conjunction(*parts), t.BOOL)

    def expression_BoolOp(self, node: ast.BoolOp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`a and b`: the value of the operand that decides."""
        both = isinstance(node.op, ast.And)
        if not self.in_contract and any(self.has_effects(v) for v in node.values[1:]):
            return self.branching(node, both, expected)
        saved = dict(self.narrowed)
        values, truths, pushed = [], [], 0
        try:
            for place, operand in enumerate(node.values):
                value = self.evaluate(operand, expected)
                if not place:
                    saved = dict(self.narrowed)  # what the first operand does is done
                values.append(value)
                truth = self.truth(value, operand) if place < len(node.values) - 1 or value.type == t.BOOL else ""
                truths.append(truth)
                if place < len(node.values) - 1:
                    self.guards.append(truth if both else negation(truth))
                    pushed += 1
                    self.learn(operand, both)
        finally:
            self.narrowed = saved
            for _ in range(pushed):
                self.guards.pop()
        if all(v.type == t.BOOL for v in values):
            return Term((conjunction if both else disjunction)(*truths), t.BOOL)
        return self._deciding(values, truths, both, node)

    def _deciding(self, values: list[Term], truths: list[str], both: bool, node: ast.AST) -> Term:
        # `a or b` is `a` without its None where it counts as true.
        narrowed = [v if both else self._when_true(v) for v in values[:-1]] + [values[-1]]
        if any(v.content and self.sorts.shared(v.type) for v in narrowed):
            return self._deciding_new(narrowed, truths, both, node)
        type_ = self.joined([v.type for v in narrowed])
        result = self.coerce(values[-1], type_, node).text
        for value, truth in zip(reversed(narrowed[:-1]), reversed(truths[:-1]), strict=True):
            with self.guarded(negation(truth) if both else truth):
                own = self.coerce(value, type_, node).text
            result = conditional(truth, result, own) if both else conditional(truth, own, result)
        return Term(result, type_)

    def _deciding_new(self, values: list[Term], truths: list[str], both: bool, node: ast.AST) -> Term:
        """Return the value that decides where some are new collections: an object, or in a contract what it holds."""
        shapes = [v.type for v in values if self.sorts.shared(v.type)]
        known = [s for s in shapes if getattr(s, "item", None) != t.NEVER and getattr(s, "key", None) != t.NEVER]
        type_ = self.joined(known or shapes)
        if len(shapes) < len(values) or not self.sorts.shared(type_) or self.binders:
            raise Unsupported("`and` or `or` of a new collection and something else", node)
        result = ""
        for place, (value, truth) in reversed(list(enumerate(zip(values, truths, strict=True)))):
            with self.guarded(negation(truths[place]) if both and result else truth if result else "true"):
                text = self._as_new(value, type_, node)
            result = text if not result else conditional(truth, *((result, text) if both else (text, result)))
        return Term(result, type_, content=self.in_contract)

    def _as_new(self, value: Term, type_: t.Type, node: ast.AST) -> str:
        own = self.coerce(value, type_, node)
        return self.content(own) if self.in_contract else self.materialised(own, node).text

    def _when_true(self, value: Term) -> Term:
        if isinstance(value.type, t.Union) and t.NONE in value.type.options:
            return self.narrow(value, t.without_none(value.type))
        return value

    @abstractmethod
    def branching(self, node: ast.BoolOp, both: bool, expected: t.Type | None) -> Term:
        """Return the value of `and` or `or` between operands that do more than compute a value."""

    def expression_IfExp(self, node: ast.IfExp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`a if c else b`."""
        condition = self.truth(self.evaluate(node.test), node.test)
        if not self.in_contract and (self.has_effects(node.body) or self.has_effects(node.orelse)):
            return self._branching_choice(node, condition, expected)
        saved = dict(self.narrowed)
        with self.guarded(condition):
            self.learn(node.test, True)
            then = self.evaluate(node.body, expected)
        self.narrowed = dict(saved)
        with self.guarded(negation(condition)):
            self.learn(node.test, False)
            other = self.evaluate(node.orelse, expected)
        self.narrowed = saved
        return self._chosen(condition, then, other, node)

    def _chosen(self, condition: str, then: Term, other: Term, node: ast.AST) -> Term:
        if then.content and other.content and t.NEVER in (getattr(then.type, "item", None), getattr(other.type, "item", None)):
            known = other if getattr(then.type, "item", None) == t.NEVER else then
            then, other = self.coerce(then, known.type, node), self.coerce(other, known.type, node)
        if then.type == other.type and then.content == other.content:
            return Term(conditional(condition, then.text, other.text), then.type, then.content)
        if self.sorts.shared(then.type) and self.sorts.shared(other.type) and (then.content or other.content):
            if self.in_contract:
                return Term(conditional(condition, self.content(then), self.content(other)), then.type, content=True)
            raise Unsupported("a choice between a new collection and one that exists", node)
        type_ = self.joined([then.type, other.type])
        with self.guarded(condition):
            own = self.coerce(then, type_, node).text
        with self.guarded(negation(condition)):
            return Term(conditional(condition, own, self.coerce(other, type_, node).text), type_)

    def _branching_choice(self, node: ast.IfExp, condition: str, expected: t.Type | None) -> Term:
        yes, no, done = (self.writer.fresh(n) for n in ("then", "else", "done"))
        self.writer.choose(condition, yes, no)
        self.writer.label(yes)
        before = (set(self.assigned), dict(self.narrowed), dict(self.origins))
        self.learn(node.test, True)
        then = self.materialised(self.evaluate(node.body, expected), node)
        type_ = expected if expected is not None and expected not in (t.UNKNOWN, t.OBJECT) else None
        key = f"choice at {node.lineno}:{node.col_offset}"
        type_ = type_ or self.learnt.types.get(key, then.type)
        result = self.writer.local("chosen", self.sort(type_))
        self.writer.assign(result, self.coerce(then, type_, node).text)
        self.writer.jump(done)
        self.writer.label(no)
        first = (self.assigned, self.narrowed, self.origins)
        self.assigned, self.narrowed, self.origins = set(before[0]), dict(before[1]), dict(before[2])
        self.learn(node.test, False)
        other = self.materialised(self.evaluate(node.orelse, expected), node)
        if not self.is_subtype(other.type, type_):
            self.learn_type(key, self.joined([type_, other.type]))
        self.writer.assign(result, self.coerce(other, type_, node).text)
        self.merge([first, (self.assigned, self.narrowed, self.origins)], *before)
        self.writer.jump(done)
        self.writer.label(done)
        return Term(result, type_)

    def learn_type(self, key: str, type_: t.Type) -> None:
        """Begin again with a more general type."""
        self.learnt.types[key] = type_
        raise Restart

    def expression_NamedExpr(self, node: ast.NamedExpr, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`x := e`."""
        if self.in_contract or self.guards:
            raise Unsupported("`:=` here", node)
        value = self.evaluate(node.value, expected)
        self.assign(node.target, value)
        return self.evaluate(ast.copy_location(ast.Name(node.target.id, ast.Load()), node))

    @abstractmethod
    def assign(self, target: ast.expr, value: Term) -> None:
        """Assign a value to a target."""

    # --- subscripts --------------------------------------------------------------------------------------

    def expression_Subscript(self, node: ast.Subscript, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`xs[i]` and `xs[i:j]`."""
        del expected
        own = self.qualified(node.value)
        class_ = self.program.class_(own) if own is not None else None
        if class_ is not None and class_.kind in ("enum", "intenum"):
            return self._member_by_name(class_, node)
        (collection,) = self._usable(self.evaluate(node.value), node=node.value)
        if isinstance(node.slice, ast.Slice):
            bounds = [None if b is None else self._slice_bound(b) for b in (node.slice.lower, node.slice.upper)]
            if node.slice.step is not None:
                return self.stepped(collection, bounds[0], bounds[1], node.slice.step, node)
            return self.sliced(collection, bounds[0], bounds[1], node)
        if self.has_effects(node.slice):
            collection = self.kept(collection)
        index = self.evaluate(node.slice)
        return self._narrowed(self.subscript(collection, index, node), node)

    def _member_by_name(self, class_: Class, node: ast.Subscript) -> Term:
        if not (isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)):
            raise Unsupported(f"a member of `{class_.name}` by a name that is computed", node)
        found = self.class_constant(class_.qualified, node.slice.value)
        if found is None:
            raise Unsupported(f"the member `{node.slice.value}` of `{class_.name}`", node)
        return found

    def _slice_bound(self, node: ast.expr) -> Term | None:
        value = self.evaluate(node)
        return None if value.type == t.NONE else value

    def stepped(self, collection: Term, lower: Term | None, upper: Term | None, step: ast.expr, node: ast.AST) -> Term:
        """Return a slice with another step."""
        number = self.literal_index(self.evaluate(step))
        if number == 1:
            return self.sliced(collection, lower, upper, node)
        if number == -1 and lower is None and upper is None and isinstance(collection.type, t.Tuple):
            return self.tuple_of([self.item(collection, i) for i in reversed(range(len(collection.type.items)))])
        if number == -1 and lower is None and upper is None:
            return Term(apply("Seq_reverse", self.content(collection)), self._new_kind(collection.type), content=True)
        raise Unsupported("a slice with this step", node)

    # --- strings -------------------------------------------------------------------------------------------

    def expression_JoinedStr(self, node: ast.JoinedStr, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """An f-string: its parts are evaluated; what it reads is known only where the parts are strings."""
        del expected
        result: str | None = None
        for part in node.values:
            if isinstance(part, ast.Constant):
                text = self.evaluate(part).text
            else:
                assert isinstance(part, ast.FormattedValue)
                value = self.evaluate(part.value)
                if value.type == t.STR and part.conversion == -1 and part.format_spec is None:
                    text = value.text
                elif value.type in (t.INT, t.BOOL) and part.format_spec is None:
                    text = self.call_str(ast.copy_location(ast.Call(part.value, [], []), part), value).text
                elif (known := self._formatted(value, part)) is not None:
                    text = known
                elif self.in_contract:
                    raise Unsupported("an f-string of something else than strings", node)
                else:
                    shown = ("__repr__",) if part.conversion in (ord("r"), ord("a")) else ("__str__", "__repr__")
                    self.written(value, part, *shown)
                    if part.format_spec is not None and not _is_format(
                        part.format_spec, value.type if part.conversion == -1 else t.STR
                    ):
                        raise Unsupported(f"the format of a `{value.type}`, which may not fit it", part)
                    text = self.writer.local("text", "(Seq char)")
                    self.writer.line(f"havoc {text};")
            result = text if result is None else apply("Seq_concat", result, text)
        return Term(result or "(Seq_empty() : Seq char)", t.STR)

    def _formatted(self, value: Term, part: ast.FormattedValue) -> str | None:
        """Return a text of which only is known that equal values have the same, where that is so; else None.

        It is not for an int that may be a bool, unless there is a format: `f"{x}"` of `True` and of 1 differ.
        """
        match part.format_spec:
            case None:
                spec = ""
            case ast.JoinedStr(values=[ast.Constant(value=str(spec))]):
                pass
            case _:
                return None
        type_ = t.INT if isinstance(value.type, t.Ranged) else value.type
        if type_ not in (t.INT, t.BOOL, t.FLOAT, t.STR) or (type_ == t.INT and not spec):
            return None
        if not fits(spec, type_ if part.conversion == -1 else t.STR) or (part.conversion != -1 and type_ == t.INT):
            return None
        sort = self.sort(type_)
        tag = f"{part.conversion} {spec}".encode().hex()
        function = f"Format'{mangled(sort.strip('()'))}'{tag}"
        self.symbols.declarations[function] = f"function {function}(a: {sort}): Seq char;"
        return apply(function, self.coerce(value, type_, part).text)

    # --- quantifiers and comprehensions -----------------------------------------------------------------------

    def quantified(self, generators: Sequence[ast.comprehension], body: ast.expr, every: bool, node: ast.AST) -> str:
        """Return whether all or some values of a generator count as true."""
        saved = (self.names, dict(self.narrowed), dict(self.lows))
        self.names = dict(self.names)
        binders: list[str] = []
        conditions: list[str] = []
        # A term that stands only under the quantifier leads a solver to nothing, so it is mentioned outside of it.
        mentioned: list[str] = []
        bounded: str | None = None
        depth = len(self.guards), len(self.binders)
        try:
            for generator in generators:
                if generator.is_async:
                    raise Unsupported("an asynchronous comprehension", node)
                content = self._bind(generator, binders, conditions)
                if content.startswith("Seq_") and len(binders) == 1:
                    mentioned.append(f"(0 <= {apply('Seq_len', content)})")
                if every and len(generators) == 1:
                    bounded = self._all_bounded(generator, body, content)
            own_guard = conjunction(*conditions)
            value = self._under(lambda: self.truth(self.evaluate(body), body))
        finally:
            self.names, self.narrowed, self.lows = saved
            self.done_before(generators)
            del self.guards[depth[0] :]
            del self.binders[depth[1] :]
        if bounded is not None:
            return conjunction(*mentioned, bounded)
        formula = self.quantifier(every, binders, own_guard, value)
        if self.in_contract and ":: " in formula and not formula.partition(":: ")[2].startswith("{"):
            self._without_trigger(node)
        return conjunction(*mentioned, formula)

    def _all_bounded(self, generator: ast.comprehension, body: ast.expr, content: str) -> str | None:
        """Return that the floats over which a generator goes lie between constants, if that is what is said of them."""
        match generator.target:
            case ast.Name(id=name) if not generator.ifs and self.names[name].type == t.FLOAT:
                return self.all_bounded(name, body, content)
        return None

    def _without_trigger(self, node: ast.AST) -> None:
        """Warn, once, of a quantifier that leads a solver nowhere."""
        place = self.place(node)
        if all(warning.place != place for warning in self.warnings):
            message = (
                f"the quantifier in line {place.line} mentions no item, key or function of what it is about: "
                "where it is taken for true, a proof may not find the values that it needs"
            )
            self.warnings.append(Problem(place, message, self.function.name, unsupported=False))

    def quantifier(self, every: bool, binders: Sequence[str], premise: str, claim: str) -> str:
        """Return a quantified formula with its triggers."""
        names = [b.split(":")[0] for b in binders]
        body = implication(premise, claim) if every else conjunction(premise, claim)
        if body in ("true", "false"):
            return body
        shown = triggers(names, body)
        return f"({'forall' if every else 'exists'} {', '.join(binders)} :: {shown + ' ' if shown else ''}{body})"

    def _under(self, evaluate: Callable[[], str]) -> str:
        """Evaluate under bound variables; code has no bound variables, so its demands become quantified claims."""
        if self.in_contract:
            return evaluate()
        demands: list[Demand] = []
        self.demands = demands
        try:
            value = evaluate()
        finally:
            self.demands = None
        for demand in demands:
            obligation = demand.obligation
            if obligation.exception and self.raise_builtin(obligation.exception, negation(demand.condition)):
                continue
            kind = KINDS.get(obligation.exception, Kind.ASSERTION) if obligation.kind is Kind.DEFINED else obligation.kind
            self.writer.claim(demand.condition, replace(obligation, kind=kind))
        return value

    def _bind(self, generator: ast.comprehension, binders: list[str], conditions: list[str]) -> str:
        """Bind the target of a generator, and learn what its conditions say; return what its collection holds."""
        (collection,) = self._usable(self.evaluate(generator.iter), node=generator.iter)
        item, variable, within = self.element(collection, generator.iter)
        binders.append(variable)
        conditions.append(within)
        self.binders.append((variable, within))
        self.guards.append("true")
        self.bind_target(generator.target, item)
        self.bind_low(generator.target, generator.iter)
        for condition in generator.ifs:
            test = self.truth(self.evaluate(condition), condition)
            conditions.append(test)
            self.guards.append(test)
            self.learn(condition, True)
        return self.content(collection) if self.range_bounds(collection) is None else ""

    def bind_target(self, target: ast.expr, value: Term) -> None:
        """Let names of a target stand for values."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
            self.narrowed.pop(target.id, None)
            return
        raise Unsupported("this target of a comprehension", target)

    def bind_low(self, target: ast.expr, iterable: ast.expr) -> None:
        """Know how low a name that counts can be."""
        for name in (n.id for n in ast.walk(target) if isinstance(n, ast.Name)):
            self.lows.pop(name, None)
        if not (isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and not iterable.keywords):
            return
        match iterable.func.id, iterable.args, target:
            case "range", [_], ast.Name(id=name):
                self.lows[name] = 0
            case "range", [start, _, *rest], ast.Name(id=name):
                low = self.least(start)
                if low is not None and (not rest or (isinstance(rest[0], ast.Constant) and rest[0].value in range(1, 1 << 30))):
                    self.lows[name] = low
            case "enumerate", [_], ast.Tuple(elts=[ast.Name(id=name), _]):
                self.lows[name] = 0

    def element(self, collection: Term, node: ast.AST) -> tuple[Term, str, str]:
        """Return an element of a collection by a new bound variable, its declaration, and the condition that it is one."""
        own = collection.type
        bounds = self.range_bounds(collection)
        if bounds is not None and bounds[2] == "1":
            name = self.writer.fresh("i")
            return Term(name, t.INT), f"{name}: int", f"({bounds[0]} <= {name} && {name} < {bounds[1]})"
        if collection.text.startswith("Map_values(") and isinstance(own, t.Collection):
            # By key: so a change of one entry is seen at once.
            content = collection.text[len("Map_values(") : -1]
            name, sort = self.writer.fresh("k"), self.key_sort(node)
            if sort is not None:
                return Term(apply("Map_get", content, name), own.item), f"{name}: {sort}", apply("Map_has", content, name)
        if isinstance(own, t.Collection) and own.kind in ("set", "frozenset", "pset"):
            name = self.writer.fresh("x")
            return Term(name, own.item), f"{name}: {self.sort(own.item)}", apply("Set_has", self.content(collection), name)
        if isinstance(own, t.Mapping):
            name = self.writer.fresh("k")
            return Term(name, own.key), f"{name}: {self.sort(own.key)}", apply("Map_has", self.content(collection), name)
        if isinstance(own, t.Tuple):
            own = t.Collection("tuple", self.item_type(own, node))
            collection = self.coerce(collection, own, node)
        name = self.writer.fresh("i")
        content = self.content(collection)
        within = f"(0 <= {name} && {name} < {apply('Seq_len', content)})"
        return self.item_at(own, content, name), f"{name}: int", within

    def key_sort(self, node: ast.AST) -> str | None:
        """Return the sort of the keys of `d.values()`."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return None
        owner = self.known_type(node.func.value)
        own = t.without_none(owner) if owner is not None else None
        return self.sort(own.key) if isinstance(own, t.Mapping) else None

    def item_at(self, type_: t.Type, content: str, index: str) -> Term:
        """Return what iteration over a sequence yields at a place."""
        item = _made_at(content, index) or apply("Seq_at", content, index)
        if type_ in (t.BYTES, t.BYTEARRAY):
            return Term(apply("byte_int", item), t.INT)
        if type_ == t.STR:
            return Term(apply("Seq_one", item), t.STR)
        if not isinstance(type_, t.Collection):
            raise Unsupported(f"iteration over a `{type_}`")
        return Term(item, type_.item)

    def expression_ListComp(self, node: ast.ListComp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`[e for x in xs]`."""
        wanted = t.without_none(expected) if expected is not None else None
        hint = wanted.item if isinstance(wanted, t.Collection) and wanted.item != t.UNKNOWN else None
        return self.mapped(node.generators, node.elt, "list", node, hint)

    def expression_GeneratorExp(self, node: ast.GeneratorExp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A generator that is used up where it is written: its items."""
        del expected
        return self.mapped(node.generators, node.elt, "iterator", node)

    @abstractmethod
    def created_items(self, length: str, place: str, value: Term, node: ast.AST) -> Term:
        """Return a list of new collections, of which `value` says what the one at a place holds."""

    def mapped(
        self, generators: Sequence[ast.comprehension], body: ast.expr, kind: str, node: ast.AST, hint: t.Type | None = None
    ) -> Term:
        """Return the list of values of an expression over a collection."""
        if len(generators) != 1:
            raise Unsupported("a comprehension over several collections", node)
        (generator,) = generators
        saved = (self.names, dict(self.narrowed), dict(self.lows))
        self.names = dict(self.names)
        depth = len(self.guards), len(self.binders)
        outside = self.in_contract or any(depth)  # where nothing can be created
        try:
            (collection,) = self._usable(self.evaluate(generator.iter), node=generator.iter)
            source = collection
            if isinstance(source.type, t.Mapping) or (
                isinstance(source.type, t.Collection) and source.type.kind in ("set", "frozenset")
            ):
                source = Term(self.items_of(source, node), t.Collection("list", self.item_type(source.type, node)), content=True)
            bounds = self.range_bounds(source)
            if generator.ifs:
                return self._filtered(generator, source, body, kind, node)
            name = self.writer.fresh("i")
            if bounds is not None and bounds[2] == "1":
                item = Term(f"({bounds[0]} + {name})" if bounds[0] != "0" else name, t.INT)
                length = f"({bounds[1]} - {bounds[0]})" if bounds[0] != "0" else bounds[1]
            else:
                own = source.type
                if isinstance(own, t.Tuple):
                    own = t.Collection("tuple", self.item_type(own, node))
                    source = self.coerce(source, own, node)
                content = self.content(source)
                length = apply("Seq_len", content)
                item = self.item_at(own, content, name)
            self.binders.append((f"{name}: int", f"(0 <= {name} && {name} < {length})"))
            self.bind_target(generator.target, item)
            self.bind_low(generator.target, generator.iter)
            self.without_effects(generator, body)
            found: list[Term] = []

            def one() -> str:
                value = self.evaluate(body, hint)
                if self.creates(value) and (outside or kind != "list"):
                    raise Unsupported("a comprehension that creates collections", body)
                found.append(value)
                return value.text

            text = self._under(one)
        finally:
            self.names, self.narrowed, self.lows = saved
            self.done_before(generators)
            del self.guards[depth[0] :]
            del self.binders[depth[1] :]
        if self.creates(found[0]):
            return self.created_items(length, name, found[0], body)
        type_ = t.INT if isinstance(found[0].type, t.Ranged) else found[0].type
        made = apply("Seq_make", length, f"(lambda {name}: int :: {text})")
        return Term(made, t.Collection(kind, type_), content=True)

    def _filtered(self, generator: ast.comprehension, source: Term, body: ast.expr | None, kind: str, node: ast.AST) -> Term:
        """Return what is made of the items of a sequence that satisfy conditions; without `body` they themselves."""
        if source.type in (t.STR, t.BYTES, t.BYTEARRAY) or isinstance(source.type, t.Tuple):
            item = self.item_type(source.type, node)
            source = Term(self.items_of(source, node), t.Collection("list", item), content=True)
        own, target = source.type, generator.target
        if not isinstance(own, t.Collection):
            raise Unsupported("a comprehension with conditions over this", node)
        if body is not None and not (isinstance(body, ast.Name) and isinstance(target, ast.Name) and body.id == target.id):
            depth = len(self.guards), len(self.binders)
            variable = self.kept(self._filtered(generator, source, None, "list", node))
            del self.guards[depth[0] :]
            del self.binders[depth[1] :]
            again = ast.copy_location(ast.Name("kept'", ast.Load()), node)
            self.names["kept'"] = variable
            fresh = ast.comprehension(target, again, [], 0)
            return self.mapped([fresh], body, kind, node)
        content = self.content(source)
        name = self.writer.fresh("x")
        sort = self.sort(own.item)
        self.binders.append((f"{name}: {sort}", apply("Seq_has", content, name)))
        self.bind_target(target, Term(name, own.item))
        self.without_effects(generator)
        texts: list[str] = []

        def test() -> str:
            for condition in generator.ifs:
                texts.append(self.truth(self.evaluate(condition), condition))
                self.guards.append(texts[-1])
            return conjunction(*texts)

        value = self._under(test)
        made = apply("Seq_filter", content, f"(lambda {name}: {sort} :: {value})")
        return Term(made, t.Collection(kind, own.item), content=True)

    def expression_Lambda(self, node: ast.Lambda, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A function value: only where it is used at once."""
        del expected
        raise Unsupported("a `lambda` as a value", node)

    # --- effects and what conditions imply ------------------------------------------------------------------------

    def has_effects(self, node: ast.expr) -> bool:
        """Whether evaluation may do more than return a value or raise."""
        saved = self.narrowed
        self.narrowed = {**saved, **self.targets_within(node)}
        try:
            return self._has_effects(node)
        finally:
            self.narrowed = saved

    @abstractmethod
    def without_effects(self, generator: ast.comprehension, *parts: ast.expr) -> None:
        """Refuse a comprehension that does more than compute values; its targets are bound."""

    @abstractmethod
    def targets_within(self, node: ast.expr) -> dict[str, t.Type]:
        """Return the types of what comprehensions in an expression bind, as far as they are known without evaluation."""

    def _has_effects(self, node: ast.expr) -> bool:
        for one in walk(node):
            if isinstance(one, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
                return True
            if isinstance(one, ast.Call) and not self.is_quiet(one):
                return True
            if isinstance(one, ast.Attribute) and self.is_property(one.attr) and not self._is_plain(one):
                return True
            if self._runs_method(one):
                return True
        return self.puts_in(node)

    def _runs_method(self, node: ast.AST) -> bool:
        """Whether an operator or a built-in function may run a method of a class that has effects."""
        match node:
            case ast.BinOp(left=left, right=right):
                operands = [left, right]
            case ast.Compare(left=left, comparators=others):
                operands = [left, *others]
            case ast.UnaryOp(operand=operand) | ast.Subscript(value=operand):
                operands = [operand]
            case ast.BoolOp(values=operands) | ast.Call(func=ast.Name(), args=operands):
                pass
            case ast.IfExp(test=test):
                operands = [test]
            case _:
                return False
        special = [m for m in self._special_methods() if not self.is_pure(m)]
        return bool(special) and any(self._may_be_instance(operand) for operand in operands)

    def _special_methods(self) -> list[Function]:
        classes = (c for module in self.program.modules.values() for c in module.classes.values())
        return [m for c in classes for name, m in c.methods.items() if _SPECIAL.fullmatch(name) and name not in _NO_OPERATORS]

    def _may_be_instance(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.Compare | ast.List | ast.Dict | ast.Set | ast.Tuple):
            return False
        if isinstance(node, ast.BinOp):
            return self._may_be_instance(node.left) or self._may_be_instance(node.right)
        known = self.known_type(node)
        if known is None and isinstance(node, ast.Subscript):
            owner = self.known_type(node.value)
            known = getattr(owner, "item", getattr(owner, "value", None)) if isinstance(owner, t.Collection | t.Mapping) else None
        options = known.options if isinstance(known, t.Union) else (known,)
        return any(o is None or isinstance(o, t.Instance | t.Variable) or o in (t.OBJECT, t.UNKNOWN) for o in options)

    def _is_plain(self, node: ast.Attribute) -> bool:
        """Whether an attribute is a field of what is known to be an instance of a class, or a property that only computes."""
        owner = self.known_type(node.value)
        if owner is None:
            return False
        own = t.without_none(owner)
        if self.field_of(own, node.attr) is not None:
            return True
        method = self.method_of(own, node.attr)
        return method is not None and method.kind == "property" and self.is_pure(method)

    def is_property(self, name: str) -> bool:
        """Whether some class has a property of this name."""
        return any(
            name in c.methods and c.methods[name].kind == "property"
            for module in self.program.modules.values()
            for c in module.classes.values()
        )

    def is_method(self, name: str) -> bool:
        """Whether some class of the program has a method of this name."""
        return any(name in c.methods for module in self.program.modules.values() for c in module.classes.values())

    def is_quiet(self, node: ast.Call) -> bool:
        """Whether a call only returns a value or raises."""
        if isinstance(node.func, ast.Name):
            qualified = self.qualified(node.func)
            reserved = node.func.id.startswith("__")
            if node.func.id in _QUIET and (reserved or qualified == f"builtins.{node.func.id}"):
                return True
            function = self.program.function(qualified) if qualified else None
            return function is not None and self.is_pure(function)
        if isinstance(node.func, ast.Attribute):
            qualified = self.qualified(node.func)
            if qualified is not None and not self._bound_inside(node.func):
                function = self.program.function(qualified)
                if function is None:
                    return qualified.startswith("builtins.") or self.is_library(qualified)
                return self.is_pure(function)
            return node.func.attr in _QUIET_METHODS and not self.is_method(node.func.attr)
        return False

    def _bound_inside(self, node: ast.expr) -> bool:
        """Whether a dotted name begins with one that nothing outside of this expression has: it is bound in a comprehension."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and self.qualified(node) == f"builtins.{node.id}" and not hasattr(builtins, node.id)

    def learn(self, node: ast.expr, holds: bool) -> None:
        """Remember what the outcome of a condition says of the types of names."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.learn(operand, not holds)
            case ast.BoolOp(op=operator, values=values) if isinstance(operator, ast.And) == holds:
                for place, value in enumerate(values):
                    if place and self.has_effects(value):
                        self._outdated(value)
                    self.learn(value, holds)
            case ast.Compare(left=left, ops=[ast.Is() | ast.Eq() as op], comparators=[ast.Constant(value=None)]):
                self._learn_none(left, holds, op)
            case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotEq() as op], comparators=[ast.Constant(value=None)]):
                self._learn_none(left, not holds, op)
            case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]):
                self._learn_class(subject, classes, holds)
            case ast.Name() | ast.Attribute() if holds:
                self._learn_none(node, False, ast.Is())

    def done_before(self, generators: Sequence[ast.comprehension]) -> None:
        """Forget what the evaluation of what a comprehension goes over may have changed."""
        if not self.in_contract and self.has_effects(generators[0].iter):
            self._outdated(generators[0].iter)

    def _outdated(self, node: ast.expr) -> None:
        """Forget of earlier conditions what the evaluation of a later one may have changed."""
        self.narrowed = {key: type_ for key, type_ in self.narrowed.items() if key.isidentifier()}
        for one in ast.walk(node):
            if isinstance(one, ast.NamedExpr):
                self.narrowed.pop(one.target.id, None)

    def known_type(self, node: ast.expr) -> t.Type | None:
        """Return the type of a name or attribute, as far as it is known without evaluating it."""
        text = ast.unparse(node)
        if text in self.narrowed:
            return self.narrowed[text]
        if isinstance(node, ast.Name):
            if node.id in self.names:
                return self.names[node.id].type
            return self.locals.get(node.id)
        if isinstance(node, ast.Attribute) and self.qualified(node) is None:
            owner = self.known_type(node.value)
            found = self.field_of(t.without_none(owner), node.attr) if owner is not None else None
            if found is not None and isinstance(owner, t.Instance | t.Union):
                inner = t.without_none(owner)
                assert isinstance(inner, t.Instance)
                return self.field_type(inner, *found)
        return None

    def _learn_none(self, node: ast.expr, is_none: bool, operator: ast.cmpop) -> None:
        del operator
        known = self.known_type(node)
        if known is not None and self.may_be_none(known) and isinstance(known, t.Union):
            self.narrowed[ast.unparse(node)] = t.NONE if is_none else t.without_none(known)

    def _learn_class(self, subject: ast.expr, classes: ast.expr, holds: bool) -> None:
        known = self.known_type(subject)
        if known is None:
            return
        tested = self.classes_of(classes)
        options = known.options if isinstance(known, t.Union) else (known,)
        if holds:
            kept: list[t.Type] = []
            for option in options:
                for one in tested:
                    if self.is_subtype(option, one):
                        kept.append(option)
                    elif self.is_subtype(one, option):
                        kept.append(one)
            if kept:
                self.narrowed[ast.unparse(subject)] = t.union(*kept)
        else:
            left = [o for o in options if not any(self.is_subtype(o, one) for one in tested)]
            if left and len(left) < len(options):
                self.narrowed[ast.unparse(subject)] = t.union(*left)


_QUIET_METHODS = frozenset(
    [
        "startswith",
        "endswith",
        "match",
        "fullmatch",
        "findall",
        "groups",
        "search",
        "group",
        "start",
        "end",
        "span",
        "get",
        "keys",
        "values",
        "items",
        "index",
        "count",
        "find",
        "isdigit",
        "isalpha",
        "isalnum",
        "isascii",
        "isdecimal",
        "isdisjoint",
        "islower",
        "isnumeric",
        "isspace",
        "isupper",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rjust",
        "rpartition",
        "rstrip",
        "split",
        "splitlines",
        "symmetric_difference",
        "encode",
        "decode",
        "bit_count",
        "zfill",
        "upper",
        "strip",
        "copy",
        "union",
        "intersection",
        "difference",
        "issubset",
        "issuperset",
        "to_bytes",
        "bit_length",
        "hex",
        "split",
        "join",
        "replace",
        "lstrip",
        "rstrip",
        "isalnum",
        "isupper",
        "islower",
        "isspace",
        "isdecimal",
        "isnumeric",
        "isascii",
        "rfind",
        "rindex",
        "partition",
        "rpartition",
        "removeprefix",
        "removesuffix",
        "splitlines",
        "zfill",
        "ljust",
        "rjust",
        "encode",
        "decode",
        "bit_count",
        "symmetric_difference",
        "isdisjoint",
        "conjugate",
    ]
)

KINDS = {
    "IndexError": Kind.INDEX,
    "KeyError": Kind.KEY,
    "ZeroDivisionError": Kind.DIVISION,
    "TypeError": Kind.TYPE,
    "AttributeError": Kind.NONE,
    "ValueError": Kind.VALUE,
}


def _is_format(spec: ast.expr, type_: t.Type) -> bool:
    """Whether what stands after the colon in an f-string is known, and fits all values of a type."""
    match spec:
        case ast.JoinedStr(values=[]):
            return True
        case ast.JoinedStr(values=[ast.Constant(value=str(text))]):
            return fits(text, type_)
    return False
