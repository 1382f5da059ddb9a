"""Binds the names in expressions to their declarations.

The traversal keeps its own stack, so that a formula of any depth is in order;
only attributes and code expressions inside expressions recurse.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from probatum.ivl.checking.names import Names, States
from probatum.ivl.checking.parts import everything, merged
from probatum.ivl.checking.typenames import in_order, resolved
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import VariableKind
from probatum.ivl.types import TypeVariable

_COMPARISONS = frozenset({"<", "<=", ">", ">="})
_CONNECTIVES = frozenset({"&&", "||", "==>", "<==", "<==>"})
_LARGEST_LAYER = 2**31 - 1


@dataclass(slots=True)
class _Leave:
    """The end of the scope that a quantifier or let opened."""

    token: dict[str, tree.Variable | None]
    variables: tuple[TypeVariable, ...] = ()


@dataclass(slots=True)
class _Enter:
    """What of a let remains to do after its values."""

    node: tree.Let


_Work: TypeAlias = "list[tree.Expression | _Leave | _Enter]"


class _Rules(dict[type, Callable[[Any, _Work], None]]):
    """What to do for each class of nodes; a class without an entry takes that of its base class."""

    def __missing__(self, kind: type) -> Callable[[Any, _Work], None]:
        rule = self[kind] = next(self[base] for base in kind.__mro__ if base in self)
        return rule


class ExpressionBinder(ABC):
    """Binds names in expressions and attributes; errors go to `names`."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._rules = _Rules(
            {
                tree.Literal: lambda _node, _work: None,
                tree.Identifier: self._identifier,
                tree.Unary: self._unary,
                tree.Binary: self._binary,
                tree.Application: self._application,
                tree.Old: self._old,
                tree.Conversion: self._operand,
                tree.Ascription: self._ascription,
                tree.Select: lambda node, work: work.extend((*reversed(node.indexes), node.map)),
                tree.Store: lambda node, work: work.extend((node.value, *reversed(node.indexes), node.map)),
                tree.Extract: self._operand,
                tree.Field: self._operand,
                tree.FieldUpdate: lambda node, work: work.extend((node.value, node.operand)),
                tree.IsConstructor: self._operand,
                tree.IfThenElse: lambda node, work: work.extend((node.otherwise, node.then, node.condition)),
                tree.Quantifier: self._quantifier,
                tree.Let: self._let,
                tree.Code: lambda node, _work: self.code(node),
                _Leave: self._leave,
                _Enter: self._enter,
            }
        )

    def expression(self, root: tree.Expression) -> None:
        """Bind the names in an expression."""
        rules = self._rules
        work: _Work = [root]
        while work:
            node = work.pop()
            rules[node.__class__](node, work)

    def attributes(self, attributes: Iterable[tree.Attribute]) -> None:
        """Check attributes and bind the names in them."""
        for one in attributes:
            self._attribute(one)

    @abstractmethod
    def code(self, node: tree.Code) -> None:
        """Bind the names in a code expression."""

    def variable(self, variable: tree.Variable) -> None:
        """Resolve the type and the attributes of a declared variable."""
        if variable.written is not None:
            variable.type = resolved(self.names, variable.written)
        if variable.attributes:
            self.attributes(variable.attributes)

    def _attribute(self, one: tree.Attribute) -> None:
        names, key = self.names, one.key
        if key in ("minimize", "maximize") and len(one.values) != 1:
            names.error(one.position, "attributes :minimize and :maximize accept only one argument")
        if key == "verified_under" and len(one.values) != 1:
            names.error(one.position, "attribute :verified_under accepts only one argument")
        if key == "layer":
            self._layers(one)
        states = States.TWO if names.states is States.ONE else names.states
        with names.speaking_of(states):
            for value in one.values:
                if not isinstance(value, str):
                    self.expression(value)

    def _layers(self, one: tree.Attribute) -> None:
        for value in one.values:
            number = value.value if isinstance(value, tree.Literal) and value.kind is tree.LiteralKind.INT else None
            if not isinstance(number, int):
                self.names.error(one.position, "layer must be a non-negative integer")
            elif number > _LARGEST_LAYER:
                self.names.error(one.position, "layer is too large (max value is Int32.MaxValue)")

    def _operand(self, node: Any, work: _Work) -> None:
        work.append(node.operand)

    def _identifier(self, node: tree.Identifier, _work: _Work) -> None:
        if node.decl is not None:
            return
        names = self.names
        declared = node.decl = names.variables.get(node.name)
        if declared is None:
            names.missing(node.position, "undeclared identifier", node.name, names.variables)
        elif names.states is States.NONE and declared.kind is VariableKind.GLOBAL:
            names.error(node.position, f"cannot refer to a global variable in this context: {node.name}")

    def _unary(self, node: tree.Unary, work: _Work) -> None:
        if self.names.in_trigger and node.operator == "!":
            self.names.error(node.position, "boolean operators are not allowed in triggers")
        work.append(node.operand)

    def _binary(self, node: tree.Binary, work: _Work) -> None:
        if self.names.in_trigger:
            if node.operator == "==":
                self.names.error(node.position, "equality is not allowed in triggers")
            elif node.operator in _COMPARISONS:
                self.names.error(node.position, "arithmetic comparisons are not allowed in triggers")
            elif node.operator in _CONNECTIVES:
                self.names.error(node.position, "boolean operators are not allowed in triggers")
        work.extend((node.left, node.right) if node.operator == "<==" else (node.right, node.left))

    def _application(self, node: tree.Application, work: _Work) -> None:
        if node.decl is None:
            node.decl = self.names.functions.get(node.name)
            if node.decl is None:
                self.names.missing(node.position, "use of undeclared function", node.name, self.names.functions)
        work.extend(reversed(node.arguments))

    def _old(self, node: tree.Old, work: _Work) -> None:
        if self.names.states is not States.TWO:
            self.names.error(node.position, "old expressions allowed only in two-state contexts")
        work.append(node.operand)

    def _ascription(self, node: tree.Ascription, work: _Work) -> None:
        if node.type is None:
            node.type = resolved(self.names, node.written)
        work.append(node.operand)

    def _quantifier(self, node: tree.Quantifier, work: _Work) -> None:
        names = self.names
        if names.in_trigger:
            names.error(node.position, "quantifiers are not allowed in triggers")
        chain = merged(node)
        for one in chain:
            if not one.type_variables:
                one.type_variables = tuple(TypeVariable(name.text) for name in one.parameters)
            for name, variable in zip(one.parameters, one.type_variables, strict=True):
                names.bind(name.position, variable)
        token = names.enter()
        for one in chain:
            for bound in one.bound:
                names.add_variable(bound.position, bound)
                self.variable(bound)
        for one in chain:
            self.attributes(one.attributes)
        for trigger in node.triggers:
            self._trigger(trigger, [bound for one in chain for bound in one.bound])
        work.append(_Leave(token, tuple(variable for one in chain for variable in one.type_variables)))
        work.append(chain[-1].body)
        for one in chain:
            types = tuple(bound.type for bound in one.bound if bound.type is not None)
            one.type_variables = tuple(in_order(list(one.type_variables), types))

    def _trigger(self, trigger: tree.Trigger, bound: list[tree.Variable]) -> None:
        names = self.names
        before = len(names.errors)
        in_trigger, names.in_trigger = names.in_trigger, True
        for expression in trigger.expressions:
            self.expression(expression)
            if isinstance(expression, tree.Identifier):
                message = f"a matching pattern must be more than just a variable by itself: {expression.name}"
                names.error(expression.position, message)
        names.in_trigger = in_trigger
        if not trigger.positive or len(names.errors) > before:
            return
        used = {
            id(node.decl)
            for expression in trigger.expressions
            for node in everything(expression)
            if isinstance(node, tree.Identifier)
        }
        for one in bound:
            if id(one) not in used:
                message = f"trigger must mention all quantified variables, but does not mention: {one.name}"
                names.error(trigger.position, message)

    def _let(self, node: tree.Let, work: _Work) -> None:
        if len(node.bound) != len(node.values):
            self.names.error(node.position, "number of left-hand sides does not match number of right-hand sides")
        work.append(_Enter(node))
        work.extend(reversed(node.values))

    def _enter(self, item: _Enter, work: _Work) -> None:
        names, node = self.names, item.node
        token = names.enter()
        for bound in node.bound:
            names.add_variable(bound.position, bound)
            self.variable(bound)
        self.attributes(node.attributes)
        work.append(_Leave(token))
        work.append(node.body)

    def _leave(self, item: _Leave, _work: _Work) -> None:
        self.names.leave(item.token)
        self.names.unbind(item.variables)
