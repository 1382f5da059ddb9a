"""Calls: which function is meant, and what the call does.

A call of a function of the program is what its contract says, whatever its body
does; that its body does it is proved where it is. A pure function is an
application (`pure`). A function without any contract stands for its body.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from probatum.lower import calling, exactness, families
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.parameters import Parameters
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, negation
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import substituted, unify
from probatum.python import types as t
from probatum.python.annotations import variables_in
from probatum.python.kept import ITERATED, VIEWED
from probatum.python.program import Class, Clause, Function, Module, Parameter, Syntax

_STEADY = frozenset(["list", "tuple", "range", "sequence", "frozenset"])  # what is iterated later means what it meant at first
_COLLECTIONS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.Call)  # what may be empty


class Calls(Parameters):
    """What calls do."""

    # --- dispatch -----------------------------------------------------------------------

    def expression_Call(self, node: ast.Call, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A call."""
        if isinstance(node.func, ast.Name) and node.func.id.startswith("__") and node.func.id.endswith("__"):
            special = getattr(self, f"reserved_{node.func.id.strip('_')}", None)
            if special is not None:
                return special(node, expected)  # type: ignore[no-any-return]  # methods of this class, found by name
        if isinstance(node.func, ast.Attribute) and self._is_super(node.func.value):
            return self.call_super(node.func.attr, node)
        qualified = self.qualified(node.func)
        if qualified is not None and not (isinstance(node.func, ast.Attribute) and self.names_member(node.func.value)):
            return self._call_qualified(qualified, node, expected)
        if isinstance(node.func, ast.Attribute):
            return self.call_attribute(node.func, node)
        if isinstance(node.func, ast.Subscript):
            return self._call_of_arguments(node.func, node)
        if isinstance(node.func, ast.Lambda):
            raise Unsupported(f"a call of the value `{ast.unparse(node.func)}`", node)
        return self.call_value(self.evaluate(node.func), node, expected)

    @abstractmethod
    def names_member(self, node: ast.expr) -> bool:
        """Whether a dotted name stands for a member of an enumeration."""

    @abstractmethod
    def call_value(self, value: Term, node: ast.Call, expected: t.Type | None) -> Term:
        """Return what a call of a value returns: a new instance of a class, or what `__call__` returns."""

    @abstractmethod
    def call_class_method(self, function: Function, class_: str, node: ast.Call) -> Term:
        """Return what a class method returns."""

    def _call_of_arguments(self, func: ast.Subscript, node: ast.Call) -> Term:
        """`C[int](...)`: an instance of a generic class."""
        qualified = self.qualified(func.value)
        class_ = self.program.class_(qualified) if qualified is not None else None
        type_ = self.annotation(func)
        if class_ is None or not isinstance(type_, t.Instance) or type_.name != class_.qualified:
            raise Unsupported(f"a call of the value `{ast.unparse(func)}`", node)
        return self.construct(class_, node, type_)

    @abstractmethod
    def annotation(self, node: ast.expr) -> t.Type | None:
        """Return the type that an annotation in a body names."""

    def library_typing_cast(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`cast(T, e)`: `e`, which must be a `T`, though Python does not look."""
        del expected
        type_ = self.annotation(node.args[0]) if len(node.args) == 2 else None
        if type_ is None or type_ == t.UNKNOWN:
            raise Unsupported(f"the type in `{ast.unparse(node)}`", node)
        value = self.evaluate(node.args[1], type_)
        return self.narrow(value, type_) if self.is_subtype(value.type, type_) else self.coerce(value, type_, node)

    def _is_super(self, node: ast.expr) -> bool:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"):
            return False
        match node.args:
            case []:
                return True
            case [ast.Name(id=class_), ast.Name(id=receiver)]:  # the same, said in full
                own = self.function
                return class_ == own.owner and bool(own.parameters) and receiver == own.parameters[0].name
        return False

    def _call_qualified(self, qualified: str, node: ast.Call, expected: t.Type | None) -> Term:
        if qualified.startswith("builtins."):
            name = qualified.removeprefix("builtins.")
            if self._is_exception(qualified):
                return self.new_exception(qualified, node)
            return self.builtin(name, node, expected)
        function = self.program.function(qualified)
        if function is not None:
            if function.kind in ("method", "property", "class") and function.owner:
                return self._call_through_class(function, qualified, node)
            return self.call_known(function, self.matched(function, node), node)
        class_ = self.program.class_(qualified) or self._named_class(qualified)
        if class_ is not None:
            return self.construct(class_, node, expected)
        own = getattr(self, "library_" + mangled(qualified).replace(".", "_"), None)
        if own is not None:
            return own(node, expected)  # type: ignore[no-any-return]  # a method of this class, found by name
        raise Unsupported(f"a call of `{qualified}`, of which nothing is known", node)

    def _named_class(self, qualified: str) -> Class | None:
        """Return the class for which a module has another name (`C = A`)."""
        module, _, name = qualified.rpartition(".")
        known = self.program.modules.get(module)
        type_ = known.aliases.get(name) if known is not None else None
        return self.class_of(type_) if isinstance(type_, t.Instance) and not type_.arguments else None

    def _call_through_class(self, function: Function, qualified: str, node: ast.Call) -> Term:
        """`C.method(x, ...)`: the receiver is given, except to a class method."""
        if function.kind == "class":
            return self.call_class_method(function, qualified.rpartition(".")[0], node)
        return self.call_known(function, self.matched(function, node), node)

    def call_attribute(self, func: ast.Attribute, node: ast.Call) -> Term:
        """Return what a call of a method of a value returns."""
        receiver = self.bounded(self.evaluate(func.value))
        own = t.without_none(receiver.type)
        if not self.in_contract and any(self.has_effects(a) for a in (*node.args, *(k.value for k in node.keywords))):
            receiver = self.kept(receiver)
        if (isinstance(own, t.Instance) and self.sort(own) not in ("int", "Match", "Pattern")) or self.method_of(
            own, func.attr
        ) is not None:
            if self.may_be_none(receiver.type):
                self.demand(negation(self.is_none(receiver)), Kind.NONE, node, "it must not be None", "AttributeError")
                receiver = self.narrow(receiver, own)
            method = self.method_of(own, func.attr)
            if method is None:
                raise Unsupported(f"the method `{func.attr}` of a `{own}`", node)
            if method.kind == "class":
                raise Unsupported(f"a call of the class method `{method.name}` by an instance", node)
            arguments = self.matched(method, node, receiver=receiver)
            return self.call_known(method, arguments, node, receiver=receiver)
        if isinstance(own, t.Union) or own in (t.OBJECT, t.UNKNOWN):
            raise Unsupported(f"a method of a `{own}`", node)
        hint = own.item if isinstance(own, t.Collection) else None
        if isinstance(own, t.Mapping) and len(node.args) == 2 and isinstance(node.args[1], _COLLECTIONS):
            hint = own.value  # of what stands for a missing one
        arguments_ = self.in_order([a for a in node.args if not isinstance(a, ast.Starred)], hint)
        if len(arguments_) != len(node.args):
            raise Unsupported("`*` in a call of a method of a built-in type", node)
        if isinstance(own, t.Collection) and own.item == t.NEVER and func.attr in ("append", "add", "insert", "extend"):
            self._learn_item(func.value, own, arguments_, func.attr, node)
        return self.builtin_method(receiver, func.attr, node, arguments_)

    def _learn_item(self, node: ast.expr, own: t.Collection, arguments: Sequence[Term], method: str, call: ast.AST) -> None:
        if not arguments:
            return
        last = arguments[-1].type
        item = self.item_type(last, call) if method == "extend" else last
        learnt: t.Type = t.Collection(own.kind, t.INT if isinstance(item, t.Ranged) else item)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):  # one of the items of a collection
            outer = self.known_type(node.value)
            node = node.value
            if isinstance(outer, t.Mapping) and outer.value == own:
                learnt = replace(outer, value=learnt)
            elif isinstance(outer, t.Collection) and outer.item == own:
                learnt = replace(outer, item=learnt)
            else:
                return
        if item != t.NEVER and isinstance(node, ast.Name):
            self.learn_type(self.key(node.id), learnt)

    @abstractmethod
    def key(self, name: str) -> str:
        """Return under which name the type of a local variable is learnt."""

    @abstractmethod
    def learn_type(self, key: str, type_: t.Type) -> None:
        """Begin again with a more general type."""

    @abstractmethod
    def new_exception(self, qualified: str, node: ast.Call) -> Term:
        """Return a new instance of a built-in exception."""

    def _is_exception(self, qualified: str) -> bool:
        return "builtins.BaseException" in set(self.ancestors(qualified))

    # --- arguments ---------------------------------------------------------------------------

    def keeps(self, name: str, value: Term, node: ast.AST) -> None:
        """Refuse a variable that keeps what an iterator goes over (or a view shows) later, if it may find out that that changed."""
        own = t.without_none(value.type)
        if name.endswith(VIEWED) and not isinstance(value.type, t.Mapping):
            raise Unsupported("a view, kept for later", node)
        if name.endswith(ITERATED):
            steady = isinstance(own, t.Tuple) or (isinstance(own, t.Collection) and own.kind in _STEADY)
            if own != value.type or not (steady or own in (t.STR, t.BYTES)):
                raise Unsupported(f"an iterator over a `{value.type}`, kept for later", node)
            if self.sorts.shared(own):
                self.content(value)  # which asks whether it may be looked at

    # --- functions of the program ------------------------------------------------------------------

    def call_known(
        self,
        function: Function,
        arguments: Mapping[str, Term],
        node: ast.AST,
        receiver: Term | None = None,
        *,
        exact: bool = False,
    ) -> Term:
        """Return what a call of a function returns, writing what it does; `exact`: this method runs, whatever overrides it."""
        owner = families.owner(self.program, function)
        if families.patched(self.program, owner.qualified if owner is not None else function.module, families.short(function)):
            raise Unsupported(f"a call of `{function.name}`, in whose place code puts something else", node)
        states = {term.state for term in arguments.values() if self.sort(term.type) == "Ref" and not term.content}
        if states - {""}:
            if len(states) > 1:
                raise Unsupported("a call with objects as they were and objects as they are", node)
            with self.in_state(states.pop()):
                plain = {name: replace(term, state="") for name, term in arguments.items()}
                own = plain[function.parameters[0].name] if receiver is not None else None
                return self.call_known(function, plain, node, own, exact=exact)
        variables = self.type_arguments(function, arguments, receiver)
        typed = {}
        for parameter in function.parameters:
            if parameter.name in arguments:
                type_ = substituted(self.parameter_type(function, parameter), variables)
                own = arguments[parameter.name]
                if receiver is own:
                    typed[parameter.name] = own
                elif self.in_contract or self.is_pure(function):
                    typed[parameter.name] = self.coerce(own, type_, node)
                else:
                    typed[parameter.name] = self.coerce(self.materialised(self._adapted(own, type_, node), node), type_, node)
        by_contract = False
        if receiver is not None and not exact:
            by_contract = (
                function.contract.syntax != Syntax.NONE
                and not function.inline
                and not self.in_contract
                and self.has_stand_ins(function, receiver)
            )
            if by_contract:
                self.dispatched(function, receiver.type, node)
            elif (
                function.inline
                or self.is_pure(function)
                or not (function.contract.says_something or function.stub or function.abstract)
            ):
                self.not_overridden(function, receiver.type, node)
        if self.is_pure(function) and not by_contract and not self._gives_objects(function):
            return self.apply_pure(function, typed, node, variables)
        if self.in_contract:
            return self.call_in_expression(function, typed, node, variables, None if exact else receiver)
        if self.guards:
            raise Unsupported(f"a call of `{function.name}` inside of this expression", node)
        return self.call_function(function, typed, node, variables)

    def call_in_expression(
        self,
        function: Function,
        arguments: Mapping[str, Term],
        node: ast.AST,
        variables: Mapping[str, t.Type],
        receiver: Term | None,
    ) -> Term:
        """Return what a call of a function that is not pure returns, where nothing can be written."""
        del arguments, variables, receiver
        raise Unsupported(f"a call of `{function.name}` in a contract, which may have effects", node)

    def _gives_objects(self, function: Function) -> bool:
        """Whether it matters which object a function returns that nobody declares to be pure: then its body stands for the call."""
        if self.in_contract or self.guards or function.pure or function.contract.syntax != Syntax.NONE or function.stub:
            return False
        return self.sorts.shared(t.without_none(function.returns)) and not calling.returns_new(function)

    def _adapted(self, term: Term, type_: t.Type, node: ast.AST) -> Term:
        wanted = t.without_none(type_)
        fixed = isinstance(term.type, t.Tuple) or (isinstance(term.type, t.Collection) and term.type.kind == "tuple")
        loose = isinstance(wanted, t.Collection) and wanted.kind in ("sequence", "iterable")
        if (term.content and self.sorts.shared(wanted)) or (fixed and loose):
            return self.coerce(term, t.without_none(type_), node)
        return term

    def parameter_type(self, function: Function, parameter: Parameter) -> t.Type:
        """Return the declared type of a parameter."""
        del function
        return parameter.type

    def type_arguments(self, function: Function, arguments: Mapping[str, Term], receiver: Term | None) -> dict[str, t.Type]:
        """Return what type variables stand for in a call."""
        found: dict[str, t.Type] = {}
        own = families.owner(self.program, function)
        if receiver is not None and own is not None and isinstance(receiver.type, t.Instance):
            found.update(self.arguments_in(receiver.type, own) or {})
        known = set(found)
        for parameter in function.parameters:
            if parameter.name in arguments:
                unify(parameter.type, arguments[parameter.name].type, found)
        for name in set(found) - known:
            mentioned = [p for p in function.parameters if p.name in arguments and name in variables_in(p.type)]
            if len(mentioned) > 1 and all(isinstance(p.type, t.Variable) for p in mentioned):
                found[name] = self.joined([arguments[p.name].type for p in mentioned])
        return found

    def well_formed(self, function: Function, node: ast.AST) -> None:
        """Refuse a call of a function that cannot be proved; what is wrong with one of another module may be said nowhere else."""
        for one in function.problems:
            if one.unsupported:
                raise Unsupported(f"a call of `{function.name}`, in which {one.message}", node)
            if function.module != self.root.module:
                where = f"{self.program.modules[function.module].path}:{one.place.line}"
                raise Unsupported(f"a call of `{function.name}`, which is refused ({where}: {one.message}),", node)

    def call_function(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST, variables: Mapping[str, t.Type]
    ) -> Term:
        """Return what a call returns by the function's contract, writing what it does."""
        contract = function.contract
        self.well_formed(function, node)
        plain = contract.syntax == Syntax.NONE and not contract.says_something and not function.stub and not function.abstract
        if plain or function.inline:
            return self.call_uncontracted(function, arguments, node, variables)
        if function.contract.syntax != Syntax.NONE or function.stub:
            self.symbols.assumptions.setdefault(f"`{function.qualified}` keeps its contract", None)
        if self.root.contract.silent and not function.contract.silent and calling.prints(self.program, function):
            self.may_print(node, function.name)
        module = self.program.modules[function.module]
        # What an argument is now is meant, whatever the call changes.
        arguments = {name: self.fixed(term) for name, term in arguments.items()}
        self.check_preconditions(function, arguments, node)
        self.check_receiver(function, arguments, node)
        self.check_decreases(function, arguments, node)
        before = self.snapshot("before")
        self.change(function, arguments, before, module, node)
        self.call_raises(function, arguments, before, module, node)
        type_ = substituted(function.returns, dict(variables))
        if function.kind != "setter" and type_ == t.NONE:
            result = Term("Unit()", t.NONE)
        else:
            exact = exactness.returns_floats(self.program, function)
            result = Term(self.writer.local("result", self.sort(type_)), type_, exact=exact)
            self.known(result)
        names = {**arguments, "__result__": result}
        ahead, self.ahead = self.ahead, False  # the call was found to make progress
        with self.receive(contract.gives, names, before, module):
            for clause in contract.ensures:
                self.writer.assume(self.clause(clause, names, view="", old_view=before, module=module))
        self.assume_body(function, arguments, result, node)
        self.ahead = ahead
        self.assume_receiver(function, arguments)
        self.invalidate()
        return result

    @abstractmethod
    def assume_body(self, function: Function, arguments: Mapping[str, Term], result: Term, node: ast.AST) -> None:
        """Write what the body of a function says of a call that came back."""

    def receive(
        self, gives: Sequence[Clause] | None, names: Mapping[str, Term], before: str, module: Module
    ) -> AbstractContextManager[None]:
        """Within it, what a callee promises is assumed; then what it gives back is there."""
        del gives, names, before, module
        return nullcontext()

    def fixed(self, term: Term) -> Term:
        """Return a value under a name that nothing assigns."""
        constant = term.text.replace("'", "").isalnum() and not term.text.startswith("v'")
        return term if constant or self.in_contract else self.kept(term)

    def invalidate(self) -> None:
        """Forget what conditions said of attributes: a call may have changed them."""
        self.narrowed = {key: type_ for key, type_ in self.narrowed.items() if key.isidentifier()}

    @abstractmethod
    def call_uncontracted(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST, variables: Mapping[str, t.Type]
    ) -> Term:
        """Return what a call of a function without contract returns."""

    def check_preconditions(self, function: Function, arguments: Mapping[str, Term], node: ast.AST) -> None:
        """Demand what a callee requires."""
        module = self.program.modules[function.module]
        for clause in function.contract.requires:
            condition = self.clause(clause, arguments, view="", old_view="", module=module)
            obligation = Obligation(Kind.PRECONDITION, self.place(node), clause.text, clause=clause.place, path=module.path)
            self.writer.claim(condition, obligation)

    @abstractmethod
    def check_decreases(self, function: Function, arguments: Mapping[str, Term], node: ast.AST) -> None:
        """Demand that a call ends, and that a recursive one makes progress."""

    @abstractmethod
    def call_raises(self, function: Function, arguments: Mapping[str, Term], before: str, module: Module, node: ast.AST) -> None:
        """Write that a call may raise what the callee declares."""

    # --- clauses ---------------------------------------------------------------------------------------

    def clause(self, clause: Clause, names: Mapping[str, Term], *, view: str, old_view: str, module: Module) -> str:
        """Return whether a clause holds in a state."""
        with self.contract_of(names, view=view, old_view=old_view, module=module):
            return self.condition_of(clause.expression)

    # --- constants ------------------------------------------------------------------------------------------

    def imported_constant(self, qualified: str, node: ast.AST, expected: t.Type | None) -> Term | None:
        """Return what a name of another module or of a class stands for, if that is a constant."""
        owner, _, name = qualified.rpartition(".")
        if self.program.class_(owner) is not None:
            return self.class_constant(owner, name)
        module = self.program.modules.get(owner)
        if module is not None and name in module.constants:
            return self.module_constant(name, module, node, expected)
        return None

    def module_constant(self, name: str, module: Module, node: ast.AST, expected: t.Type | None) -> Term:
        """Return a constant of a module: its value, if nothing can change that."""
        value = module.constants[name]
        type_ = module.constant_types.get(name, expected)
        if (type_ is not None and self.sorts.shared(t.without_none(type_))) or isinstance(value, ast.List | ast.Dict | ast.Set):
            raise Unsupported(f"`{name}`, a collection that all functions share", node)
        with self.contract_of({}, view=self.view, old_view=self.view, module=module):
            return self.evaluate(value, None if type_ == t.UNKNOWN else type_)

    def classes_of(self, node: ast.expr) -> list[t.Type]:
        """Return the types that the second argument of `isinstance` names."""
        if isinstance(node, ast.Tuple):
            return [c for e in node.elts for c in self.classes_of(e)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return [*self.classes_of(node.left), *self.classes_of(node.right)]
        if isinstance(node, ast.Constant) and node.value is None:
            return [t.NONE]
        qualified = self.qualified(node)
        if qualified is None:
            raise Unsupported("a class that is not named", node)
        name = qualified.removeprefix("builtins.")
        if name in ("int", "bool", "float", "str", "bytes", "bytearray"):
            return [t.Plain(name)]
        if name == "object":
            return [t.OBJECT]
        if name in ("list", "set", "tuple", "frozenset"):
            return [t.Collection(name, t.UNKNOWN)]
        if name == "dict":
            return [t.Mapping("dict", t.UNKNOWN, t.UNKNOWN)]
        known = self.program.class_(qualified) or self._named_class(qualified)
        return [t.Instance(known.qualified if known is not None else qualified)]

    # --- what classes say -------------------------------------------------------------------------------------

    @abstractmethod
    def condition_of(self, node: ast.expr) -> str:
        """Return whether an expression counts as true."""

    @abstractmethod
    def method_of(self, type_: t.Type, name: str) -> Function | None:
        """Return a method of instances of a type."""

    @abstractmethod
    def call_super(self, name: str, node: ast.Call) -> Term:
        """Return what a method of the class above returns."""

    @abstractmethod
    def construct(self, class_: Class, node: ast.Call, expected: t.Type | None) -> Term:
        """Return a new instance."""

    @abstractmethod
    def has_stand_ins(self, function: Function, receiver: Term) -> bool:
        """Whether another method may run instead of one."""

    @abstractmethod
    def dispatched(self, function: Function, receiver: t.Type, node: ast.AST, after: str = "") -> None:
        """Refuse a call of a method in whose place something else may run that is not held to its contract."""

    @abstractmethod
    def not_overridden(self, function: Function, receiver: t.Type | None, node: ast.AST) -> None:
        """Refuse a method whose body is meant where an instance may have another one."""

    @abstractmethod
    def assume_receiver(self, function: Function, arguments: Mapping[str, Term]) -> None:
        """Write what a public method leaves behind."""

    @abstractmethod
    def check_receiver(self, function: Function, arguments: Mapping[str, Term], node: ast.AST) -> None:
        """Demand what a public method takes for granted."""

    @abstractmethod
    def class_constant(self, qualified: str, name: str) -> Term | None:
        """Return a constant of a class, or a member of an enumeration."""

    # --- pure functions -----------------------------------------------------------------------------------------

    @abstractmethod
    def is_pure(self, function: Function) -> bool:
        """Whether a function is an application in the logic."""

    @abstractmethod
    def apply_pure(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST, variables: Mapping[str, t.Type]
    ) -> Term:
        """Return the application of a pure function."""
