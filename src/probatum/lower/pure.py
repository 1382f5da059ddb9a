"""Pure functions in the logic: a symbol, and axioms that say what its body and its contract say.

A recursive function has as many symbols as it may be unfolded (`_FUEL`), each
defined by the next, so that a solver cannot unfold it for ever. The axioms of
the definition are sound because the function terminates, which is proved where
it is verified; its postconditions are taken as axioms only by functions that it
does not call itself.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from probatum.lower import calling
from probatum.lower.attempt import Demand
from probatum.lower.expressions import Expressions
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.quantifiers import KINDS
from probatum.lower.searching import without_loops
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conditional, conjunction, implication, negation
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import substituted
from probatum.python import types as t
from probatum.python.program import Function, Syntax
from probatum.records import dataclass

_FUEL = 2
_STATE = "h'"  # the prefix of maps of the heap that a function's symbol takes as arguments


@dataclass(slots=True)
class Symbol:
    """A pure function in the logic: its name, and the maps of the heap that it reads."""

    name: str
    result: t.Type
    heaps: dict[str, str] = field(default_factory=dict)
    recursive: bool = False
    defined: bool = True
    ready: bool = False


@dataclass(frozen=True, slots=True)
class _Signature:
    """Parameters with their sorts, as arguments, the sort of the result, and what is known of arguments.

    `returns`: what must hold for the body to raise nothing.
    """

    heads: Sequence[str]
    arguments: Sequence[str]
    result: str
    premises: Sequence[str]
    returns: Sequence[str]


class Pure(Expressions):
    """Pure functions."""

    root: Function  # the function that is verified; another one than `function` inside of a body that stands for its call

    def is_pure(self, function: Function) -> bool:
        """Whether a function is an application in the logic: it is declared so, or it only computes a value."""
        if function.lemma:
            return False
        if function.pure:
            return True
        if function.contract.says_something and not self.in_contract:
            return False
        return self.computes(function)

    def computes(self, function: Function) -> bool:
        """Whether the body only computes a value, without recursion, effects, and loops other than those that look for something."""
        known = self.symbols.computing.get(function.qualified)
        if known is not None:
            return known
        self.symbols.computing[function.qualified] = False  # while it is being found out, and for recursion
        answer = bool(function.body) and self.is_expression(function) and not function.stub and not function.abstract
        if answer:
            with self.contract_of({}, view="", old_view="", module=self.program.modules[function.module]):
                calls = (n for s in self._loop_free(function.body) for n in ast.walk(s) if isinstance(n, ast.Call))
                answer = all(self.is_quiet(c) for c in calls)
        self.symbols.computing[function.qualified] = answer
        return answer

    def only_computes(self) -> bool:
        """Whether the function under way changes nothing, so that what is asked twice is answered alike."""
        return self.computes(self.root)

    def running(self) -> frozenset[str]:
        """Return the functions that call the one under way back, and that one."""
        return self.circle | {self.root.qualified}

    def is_expression(self, function: Function) -> bool:
        """Whether a body has a value that can be written as one expression."""
        with self.contract_of({}, view="", old_view="", module=self.program.modules[function.module]):
            return self._returns(function.body)

    def _returns(self, body: Sequence[ast.stmt]) -> bool:
        for place, statement in enumerate(body):
            shorter = self._without_loops(body[place:])
            if shorter is not None:
                return self._returns(shorter)
            match statement:
                case ast.Return(value=value):
                    return value is not None
                case ast.If(test=ast.Constant(value=known), body=then, orelse=other):
                    return self._returns([*(then if known else other), *body[place + 1 :]])
                case ast.If(body=then, orelse=other):
                    rest = body[place + 1 :]
                    return self._returns([*then, *rest]) and self._returns([*other, *rest])
                case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()) | ast.Assert() | ast.Pass():
                    continue
                case ast.Assign(targets=[ast.Tuple(elts=names)]) if all(isinstance(n, ast.Name) for n in names):
                    continue
                case ast.Expr() if self._for_proofs(statement):
                    continue
                case ast.Raise():
                    return True
                case _:
                    return False
        return False

    def _loop_free(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return a body in which loops that only look for something, or gather it, are the expressions that they compute."""
        found: list[ast.stmt] = []
        left = list(body)
        while left:
            shorter = self._without_loops(left)
            if shorter is None:
                found.append(left.pop(0))
            else:
                left = shorter
        return found

    def _without_loops(self, body: Sequence[ast.stmt]) -> list[ast.stmt] | None:
        """Return a body that begins with a loop which only looks for something or gathers it, as expressions; None: it does not."""
        if not any(isinstance(s, ast.For) for s in body[:2]):
            return None
        if any(self.qualified(ast.Name(name, ast.Load())) != f"builtins.{name}" for name in ("any", "sum")):
            return None
        return without_loops(body)

    def _for_proofs(self, statement: ast.Expr) -> bool:
        """Whether a statement has no part in what is computed: a check, or a call of a lemma."""
        if isinstance(statement.value, ast.Constant):
            return True
        if not isinstance(statement.value, ast.Call):
            return False
        called = statement.value.func
        if isinstance(called, ast.Name) and called.id in ("__check__", "__reveal__"):
            return True
        qualified = self.qualified(called)
        function = self.program.function(qualified) if qualified is not None else None
        return function is not None and function.lemma

    # --- application -----------------------------------------------------------------------

    def apply_pure(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST, variables: Mapping[str, t.Type]
    ) -> Term:
        """Return the application of a pure function, demanding what it requires."""
        self.well_formed(function, node)
        if function.contract.may_diverge:
            raise Unsupported(f"a call of the pure function `{function.name}`, of which nobody says that it ends", node)
        if self.in_contract and self.ahead and function.qualified in self.circle and not self.unfolding:
            raise Unsupported(f"a condition about `{function.name}` in it, before it is known to end", node)
        if function.type_variables or variables:
            return self._apply_generic(function, arguments, node, variables)
        symbol = self.symbol(function, node)
        module = self.program.modules[function.module]
        for clause in function.contract.requires:
            condition = self.clause(clause, arguments, view=self.view, old_view=self.view, module=module)
            obligation = Obligation(Kind.PRECONDITION, self.place(node), clause.text, clause=clause.place, path=module.path)
            self._demand_of_callee(condition, obligation)
        for condition, obligation in self.owed_to_receiver(function, arguments, node):
            self._demand_of_callee(condition, obligation)
        if not function.contract.says_something and not function.stub and function.qualified != self.unfolding:
            self._demand_value(function, arguments)
        self._demand_no_exception(function, arguments, node)
        if not self.in_contract:
            self.check_decreases(function, arguments, node)
        texts = [self.heap(name, sort) for name, sort in symbol.heaps.items()]
        texts += [self._argument(arguments[p.name]) for p in function.parameters]
        name = symbol.name
        if self.unfolding == function.qualified:
            name = f"{name}'1"
        content = self.sorts.shared(t.without_none(symbol.result))
        result = Term(apply(name, *texts), symbol.result, content=content)
        if content and not self.in_contract and not calling.returns_new(function):
            result = self._some_object(result)
        if not self.in_contract:
            self.known(result)
            names = {**arguments, "__result__": result}
            ahead, self.ahead = self.ahead, False  # this call was found to make progress
            for clause in function.contract.ensures:
                promised = self.clause(clause, names, view="", old_view="", module=module)
                self.writer.assume(implication(conjunction(*self.guards), promised))
            self.ahead = ahead
        return result

    ahead = True  # recursive calls may follow, which are not known to end

    def _some_object(self, held: Term) -> Term:
        """Return a collection that holds what was computed: which one it is, a new one or one that exists, is not known."""
        name = self.writer.local("some", self.sort(held.type))
        self.writer.line(f"havoc {name};")
        result = Term(name, held.type)
        self.known(result)
        self.writer.assume(self.same_content(self.content(result), held.text, held.type))
        return result

    unfolding = ""  # the function whose definition is being written

    @property
    def defining(self) -> bool:  # type: ignore[override]  # lower parts only read it
        """Whether the definition of a pure function is being written."""
        return bool(self.unfolding)

    def _apply_generic(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST, variables: Mapping[str, t.Type]
    ) -> Term:
        """Return the value of a generic function: its body, with arguments put in."""
        if not self.computes(function):
            raise Unsupported(f"the generic pure function `{function.name}`", node)
        function = replace(function, returns=substituted(function.returns, dict(variables)))
        value, demands = self.body_value(function, arguments, self.view)
        for demand in demands:
            self._demand_of_callee(demand.condition, demand.obligation)
        return value

    def _demand_no_exception(self, function: Function, arguments: Mapping[str, Term], node: ast.AST) -> None:
        """Demand that a pure function does not raise what it declares to raise: it has no value then."""
        module = self.program.modules[function.module]
        for raises in function.contract.raises:
            if raises.when is None:
                raise Unsupported(f"the pure function `{function.name}`, which may raise at any time", node)
            with self.contract_of({}, view="", old_view="", module=module):
                class_ = self.qualified(raises.exception) or ""
            name = class_.removeprefix("builtins.")
            when = self.clause(raises.when, arguments, view=self.view, old_view=self.view, module=module)
            text = f"`{function.name.split('.')[-1]}` raises `{name}` when {raises.when.text}"
            self.demand(negation(when), Kind.VALUE, node, text, name)

    def _demand_value(self, function: Function, arguments: Mapping[str, Term]) -> None:
        """Demand that a function without contract has a value: nobody verifies it by itself."""
        if self.function.qualified == function.qualified:
            return
        # What it demands is demanded under the guards here, and for every value of what is bound here.
        bound, self.binders = self.binders, []
        try:
            _, demands = self.body_value(function, arguments, self.view)
        finally:
            self.binders = bound
        for demand in demands:
            own = demand.obligation
            if self.demands is None and not self.guards and own.exception:
                if self.raise_builtin(own.exception, negation(demand.condition)):
                    continue
                own = replace(own, kind=KINDS.get(own.exception, own.kind))
            self._demand_of_callee(demand.condition, own)

    def _demand_of_callee(self, condition: str, obligation: Obligation) -> None:
        condition = implication(conjunction(*self.guards), condition)
        if condition == "true":
            return
        if self.demands is not None:
            for bound, known in reversed(self.binders):
                condition = f"(forall {bound} :: {implication(known, condition)})"
            self.demands.append(Demand(condition, obligation))
        else:
            self.writer.claim(condition, obligation)

    def _argument(self, term: Term) -> str:
        """Return an argument: of a collection what it holds."""
        own = t.without_none(term.type)
        if self.sorts.shared(own):
            if self.may_be_none(term.type) and not term.content:
                raise Unsupported(f"a `{term.type}` given to a pure function")
            return self.content(term)
        return term.text

    # --- symbols -----------------------------------------------------------------------------

    def symbol(self, function: Function, node: ast.AST) -> Symbol:
        """Return the symbol of a pure function, declaring it when it is first used."""
        known: Symbol | None = self.symbols.pure.get(function.qualified)
        if known is not None:
            return known
        symbol = Symbol("f'" + mangled(function.qualified), function.returns)
        self.symbols.pure[function.qualified] = symbol
        self.symbols.declarations["function " + symbol.name] = ""  # its place is before what uses it
        saved = (self.binders, self.unfolding)
        self.binders, self.unfolding = [], function.qualified
        try:
            self._declare(function, symbol, node)
        except Unsupported:
            del self.symbols.pure[function.qualified], self.symbols.declarations["function " + symbol.name]
            raise
        finally:
            self.binders, self.unfolding = saved
        symbol.ready = True
        return symbol

    def _parameters(self, function: Function) -> dict[str, tuple[str, Term]]:
        """Return for each parameter its declaration and what it stands for."""
        found = {}
        for parameter in function.parameters:
            own = parameter.type
            name = f"a'{mangled(parameter.name)}"
            if self.sorts.shared(own):
                found[parameter.name] = (f"{name}: {self.sorts.content(own)}", Term(name, own, content=True))
            else:
                found[parameter.name] = (f"{name}: {self.sort(own)}", Term(name, own))
        return found

    def _declare(self, function: Function, symbol: Symbol, node: ast.AST) -> None:
        parameters = self._parameters(function)
        names = {name: term for name, (_, term) in parameters.items()}
        definition: str | None = None
        pre: list[str] = []
        returns: list[str] = []
        module = self.program.modules[function.module]
        opaque = function.opaque and function.qualified not in self.revealed
        # The maps that are read are known only when the body was written once; recursive calls need them.
        for _ in range(4):
            before = dict(symbol.heaps)
            outer, self.reading = self.reading, symbol.heaps
            try:
                if not opaque and not function.stub and not function.abstract and self.is_expression(function):
                    definition, returns = self._definition(function, names, symbol)
                pre = [self.clause(c, names, view=_STATE, old_view=_STATE, module=module) for c in function.contract.requires]
                pre += self.invariants_at_entry(function, names, _STATE)
                exceptions = (r.when for r in function.contract.raises if r.when is not None)
                pre += [negation(self.clause(c, names, view=_STATE, old_view=_STATE, module=module)) for c in exceptions]
                if definition is None:
                    symbol.defined = False
            finally:
                self.reading = outer
            if symbol.heaps == before:
                break
        blind = function.contract.syntax == Syntax.NAGINI and not function.contract.reads  # it has no permission to look
        objects = any(self.sort(p.type) == "Ref" and not self.sorts.shared(p.type) for p in function.parameters)
        if definition is None and objects and not blind:
            raise Unsupported(f"the pure function `{function.name}`, whose body is no expression and which reads objects", node)
        if definition is None and self.reads_state(function):
            raise Unsupported(f"the pure function `{function.name}`, whose body is no expression and which reads variables", node)
        heads = [f"{_STATE}{name}: {sort}" for name, sort in symbol.heaps.items()] + [d for d, _ in parameters.values()]
        texts = [_STATE + name for name in symbol.heaps] + [term.text for _, term in parameters.values()]
        own = t.without_none(symbol.result)
        sort = self.sorts.content(own) if self.sorts.shared(own) else self.sort(symbol.result)
        signature = _Signature(heads, texts, sort, pre, returns)
        lines = self._axioms(function, symbol, signature, definition, names)
        self.symbols.declarations["function " + symbol.name] = "\n".join(lines)

    def _definition(self, function: Function, names: Mapping[str, Term], symbol: Symbol) -> tuple[str, list[str]]:
        value, demands = self.body_value(function, names, _STATE)
        own = t.without_none(symbol.result)
        conditions = [demand.condition for demand in demands]
        return self.content(value) if self.sorts.shared(own) else value.text, conditions

    def body_value(self, function: Function, names: Mapping[str, Term], view: str) -> tuple[Term, list[Demand]]:
        """Return what a body without effects computes, and what that demands."""
        module = self.program.modules[function.module]
        with self.contract_of(names, view=view, old_view=view, module=module) as demands:
            result = self._value(list(function.body), function)
        if result is None:
            raise Unsupported(f"the function `{function.name}`, which only raises")
        return result, demands

    def _axioms(
        self,
        function: Function,
        symbol: Symbol,
        signature: _Signature,
        definition: str | None,
        names: Mapping[str, Term],
    ) -> list[str]:
        heads, texts, sort, pre = signature.heads, signature.arguments, signature.result, signature.premises
        module = self.program.modules[function.module]
        head, arguments = ", ".join(heads), ", ".join(texts)
        fuels = [symbol.name]
        if definition is not None and f"{symbol.name}'1(" in definition:
            symbol.recursive = True
            self.symbols.rests_on[function.qualified] = None
        if definition is not None and calling.circle(self.program, function):
            self.symbols.rests_on[function.qualified] = None
        fuels += [f"{symbol.name}'{n}" for n in range(1, _FUEL + 1)] if symbol.recursive else []
        lines = [f"function {name}({head}): {sort};" for name in fuels]

        def axiom(trigger: str, claim: str) -> str:
            if not heads:
                return f"axiom {implication(conjunction(*pre), claim)};"
            return f"axiom (forall {head} :: {{{trigger}}} {implication(conjunction(*pre), claim)});"

        for number, name in enumerate(fuels):
            own = f"{name}({arguments})"
            if definition is not None and (number < len(fuels) - 1 or not symbol.recursive):
                body = definition.replace(f"{symbol.name}'1(", f"{fuels[number + 1]}(") if symbol.recursive else definition
                lines.append(axiom(own, f"{own} == {body}"))
            if number + 1 < len(fuels):
                lines.append(
                    f"axiom (forall {head} :: {{{own}}} {own} == {fuels[number + 1]}({arguments}));"
                    if heads
                    else f"axiom {own} == {fuels[number + 1]}({arguments});"
                )
        result_content = self.sorts.shared(t.without_none(symbol.result))
        value = Term(f"{symbol.name}({arguments})", symbol.result, content=result_content)
        fact = "true" if result_content or self.sort(symbol.result) == "Ref" else self.fact(value)
        if "alloc[" in fact:
            # Which objects exist depends on the state, and a function of values has none.
            raise Unsupported(f"the pure function `{function.name}`, which returns objects within a `{symbol.result}`")
        if fact != "true":
            lines.append(axiom(value.text, fact))
        # What may raise undeclared promises nothing where it does, and there may be no value that would keep the promise.
        unknown = function.contract.any_raise and definition is None
        ends = signature.returns if function.contract.any_raise else []
        if function.qualified not in self.circle and not unknown:
            own_heaps = dict(symbol.heaps)
            outer, self.reading = self.reading, own_heaps
            try:
                for clause in function.contract.ensures:
                    post = self.clause(clause, {**names, "__result__": value}, view=_STATE, old_view=_STATE, module=module)
                    if set(own_heaps) == set(symbol.heaps):
                        lines.append(axiom(value.text, implication(conjunction(*ends), post)))
            finally:
                self.reading = outer
            if function.contract.ensures and function.contract.syntax != Syntax.NONE:
                self.symbols.assumptions.setdefault(f"`{function.qualified}` keeps its contract", None)
        return lines

    @abstractmethod
    def reads_state(self, function: Function) -> bool:
        """Whether what a function mentions, itself or through others, is a variable of a module or what one holds."""

    reading: dict[str, str] | None = None  # collects the maps of the heap that a definition reads
    revealed: set[str]
    circle: frozenset[str] = frozenset()  # the functions that call this one back, and this one

    def heap(self, name: str, sort: str) -> str:
        """Return a map of the heap in the state that is meant; of a symbol's own state it becomes an argument."""
        if self.view == _STATE:
            if self.reading is not None:
                self.reading[name] = sort
            return _STATE + name
        return super().heap(name, sort)

    # --- bodies as values ------------------------------------------------------------------------

    def _value(self, statements: list[ast.stmt], function: Function) -> Term | None:
        """Return what statements return; None if they only raise."""
        if not statements:
            return Term("Unit()", t.NONE)
        statements = self._without_loops(statements) or statements
        first, rest = statements[0], statements[1:]
        match first:
            case ast.Return(value=value):
                result = Term("Unit()", t.NONE) if value is None else self.evaluate(value, function.returns)
                if function.returns == t.UNKNOWN:
                    return result
                return self._returned(result, function.returns, first)
            case ast.Pass() | ast.Assert():
                return self._value(rest, function)
            case ast.Expr() if self._for_proofs(first):
                return self._value(rest, function)
            case ast.Assign(targets=[ast.Tuple() as target], value=value):
                self.names = dict(self.names)
                self.bind_target(target, self.evaluate(value))
                return self._value(rest, function)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.names = {**self.names, name: self.evaluate(value)}
                return self._value(rest, function)
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
                self.names = {**self.names, name: self.evaluate(value)}
                return self._value(rest, function)
            case ast.Raise():
                self.demand("false", Kind.EXCEPTION, first, "this must not be reached")
                return None
            case ast.If(test=ast.Constant(value=known), body=then, orelse=other):
                return self._value([*(then if known else other), *rest], function)
            case ast.If(test=test, body=then, orelse=other):
                return self._choice(test, [*then, *rest], [*other, *rest], function, first)
        raise Unsupported(f"`{type(first).__name__}` in a pure function", first)

    def _returned(self, result: Term, type_: t.Type, node: ast.AST) -> Term:
        if self.sorts.shared(t.without_none(type_)) and self.sorts.shared(t.without_none(result.type)):
            converted = self.coerce(result, type_, node) if result.content or result.type != type_ else result
            return Term(self.content(converted), type_, content=True)
        return self.coerce(result, type_, node)

    def _choice(
        self, test: ast.expr, then: list[ast.stmt], other: list[ast.stmt], function: Function, node: ast.AST
    ) -> Term | None:
        condition = self.truth(self.evaluate(test), test)
        names, narrowed = self.names, dict(self.narrowed)
        with self.guarded(condition):
            self.learn(test, True)
            yes = self._value(then, function)
        self.names, self.narrowed = names, dict(narrowed)
        with self.guarded(negation(condition)):
            self.learn(test, False)
            no = self._value(other, function)
        self.names, self.narrowed = names, narrowed
        if yes is None or no is None:
            return yes or no
        if yes.type != no.type:
            type_ = self.joined([yes.type, no.type])
            yes, no = self.coerce(yes, type_, node), self.coerce(no, type_, node)
        return Term(conditional(condition, yes.text, no.text), yes.type, yes.content)


__all__ = ["Pure", "Symbol", "substituted"]
