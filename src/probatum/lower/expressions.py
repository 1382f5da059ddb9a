"""Expressions: names, attributes, operators, subscripts and f-strings, evaluated as Python orders them."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod

from probatum.lower import terms
from probatum.lower.attempt import Restart
from probatum.lower.choices import Choices
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conjunction, negation
from probatum.lower.text_formats import fits
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class

_PARAMETER = re.compile(r"p'\w+")  # nothing assigns it


def is_new(term: Term) -> bool:
    """Whether a value is the object that was created under this name, which nothing else is assigned to."""
    return term.text.startswith("new'") and term.text.replace("'", "").isalnum()


class Expressions(Choices):
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

    # --- operators ------------------------------------------------------------------------------------

    def expression_BinOp(self, node: ast.BinOp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`a + b`."""
        left = self.evaluate(node.left, expected if isinstance(node.op, ast.Add | ast.Mult) else None)
        if self.has_effects(node.right):
            left = self.kept(left)
        return self.binary(node.op, left, self.evaluate(node.right, expected if isinstance(node.op, ast.Add) else None), node)

    def kept(self, term: Term) -> Term:
        """Return a value that what follows cannot change."""
        if (
            self.in_contract
            or not term.text
            or term.text.isdigit()
            or is_new(term)
            or (not term.content and _PARAMETER.fullmatch(term.text))
        ):
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
        if number == -1 and lower is None and upper is None and not isinstance(collection.type, t.Instance):
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
        self.short_enough(type_)
        sort = self.sort(type_)
        tag = f"{part.conversion} {spec}".encode().hex()
        function = f"Format'{mangled(sort.strip('()'))}'{tag}"
        self.symbols.declarations[function] = f"function {function}(a: {sort}): Seq char;"
        return apply(function, self.coerce(value, type_, part).text)


def _is_format(spec: ast.expr, type_: t.Type) -> bool:
    """Whether what stands after the colon in an f-string is known, and fits all values of a type."""
    match spec:
        case ast.JoinedStr(values=[]):
            return True
        case ast.JoinedStr(values=[ast.Constant(value=str(text))]):
            return fits(text, type_)
    return False
