"""Exceptions: where they go, what may escape, and what happens on every way out of a block."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from probatum.lower import terms
from probatum.lower.attempt import Handler
from probatum.lower.bound_names import assigned_names
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.permissions import Permissions
from probatum.lower.terms import Term, apply, negation
from probatum.lower.text_formats import percent
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Contract, Function, Module, Raises
from probatum.records import dataclass

EXCEPTION = "exc"  # the variable that holds the exception under way
ESCAPED = "escaped"  # the block where the function ends by raising


@dataclass(slots=True)
class Cleanup:
    """Something that is done on every way out: a `finally`, the end of a `with`."""

    write: Callable[[], None]
    handlers: int  # how many handlers there were around it


@dataclass(frozen=True, slots=True)
class Called:
    """A call under way: its arguments by the names of parameters, and the snapshot of the state before."""

    arguments: Mapping[str, Term]
    before: str
    module: Module
    node: ast.AST


_ANY_EXCEPTION = t.Instance("builtins.BaseException")


class Exceptions(Permissions):
    """Raising and catching."""

    handlers: list[Handler]
    cleanups: list[Cleanup]
    root: Function  # the function that is verified; another one than `function` inside of a body that stands for its call

    # --- raising ---------------------------------------------------------------------------

    def expects(self, class_: str) -> bool:
        """Whether an exception of a class is caught here, or declared."""
        own = set(self.ancestors(class_))
        if any(h.classes is None or own & set(h.classes) for h in self.handlers):
            return True
        contract = self.root.contract
        if contract.any_raise:
            return True
        return any(self.declared_class(r) in ((class_,) if r.exact else own) for r in contract.raises)

    def declared_class(self, raises: Raises) -> str:
        """Return the qualified name of an exception that the contract declares."""
        module = self.program.modules[self.root.module]
        return self._class_in(raises.exception, module)

    def _class_in(self, node: ast.expr, module: Module) -> str:
        with self.contract_of({}, view="", old_view="", module=module):
            qualified = self.qualified(node)
        if qualified is None:
            raise Unsupported("an exception that is not named", node)
        known = self.program.class_(qualified)
        return known.qualified if known is not None else qualified

    def _of_class(self, reference: str, class_: str, *, exact: bool) -> str:
        """Return whether an exception is of a class; `exact`: of none derived from it."""
        own, name = apply("class_of", reference), self.symbols.class_name(class_)
        return f"({own} == {name})" if exact else apply("Sub", own, name)

    def raise_builtin(self, name: str, condition: str) -> bool:
        """Write that a built-in exception is raised under a condition, if something here expects that; else return False."""
        class_ = name if "." in name else f"builtins.{name}"
        if not self.expects(class_):
            return False
        wrong, fine = self.writer.fresh("raise"), self.writer.fresh("fine")
        self.writer.choose(condition, wrong, fine)
        self.writer.label(wrong)
        if not self.writer.ended:
            self.throw(self.created(class_), class_)
        self.writer.label(fine)
        return True

    def created(self, class_: str) -> str:
        """Return a new exception object."""
        reference = self.writer.local("error", "Ref")
        self.writer.line(f"havoc {reference};")
        alloc = self.heap("alloc", "[Ref]bool")
        name = self.symbols.class_name(class_)
        self.writer.assume(f"({reference} != null && !{alloc}[{reference}] && class_of({reference}) == {name})")
        self.writer.assign(alloc, f"{alloc}[{reference} := true]")
        return reference

    def throw(self, reference: str, class_: str | None) -> None:
        """Write that an exception is raised. `class_` is what is known of its class: it is one derived from that."""
        del class_
        self.writer.locals[EXCEPTION] = "Ref"
        self.writer.assign(EXCEPTION, reference)
        self.writer.jump(self.handlers[-1].block if self.handlers else ESCAPED)

    def new_exception(self, qualified: str, node: ast.Call) -> Term:
        """Return a new instance of a built-in exception; its arguments are evaluated and forgotten."""
        if self.in_contract or self.guards:
            raise Unsupported("a new exception here", node)
        for argument in node.args:
            self._message(argument)
        return Term(self.created(qualified), t.Instance(qualified))

    def _message(self, node: ast.expr) -> None:
        """Evaluate a message: what it reads does not matter, that it can be read does."""
        if isinstance(node, ast.JoinedStr):
            self.evaluate(node)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            parts = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            values = [self.evaluate(one) for one in parts]
            for value, one in zip(values, parts, strict=True):
                self.written(value, one)
            types = [value.type for value in values]
            alone = isinstance(node.right, ast.Tuple) or not isinstance(types[0], t.Tuple | t.Collection | t.Union | t.Instance)
            if not (isinstance(node.left.value, str) and alone and percent(node.left.value, types)):
                raise Unsupported("a `%` with values that it may not fit", node)
        elif not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            self.evaluate(node)

    def statement_Raise(self, node: ast.Raise) -> None:  # noqa: N802 - named after the node
        """`raise E(...)`, `raise E`, `raise e` and `raise`."""
        if node.exc is None:
            if not self.under_way:
                raise Unsupported("`raise` without an exception", node)
            self.throw(self.under_way, None)
            return
        exception = node.exc
        qualified = self.qualified(exception)
        if qualified is not None:
            call = ast.copy_location(ast.Call(exception, [], []), exception)
            exception = call
        if isinstance(exception, ast.Call):
            called = self.qualified(exception.func)
            known = self.program.class_(called) if called is not None else None
            name = known.qualified if known is not None else called
            if name is not None and "builtins.BaseException" in set(self.ancestors(name)) and not self.expects(name):
                for argument in exception.args:
                    self._message(argument)
                text = f"`{name.rpartition('.')[2]}` must be declared, or never be raised"
                short = name.removeprefix("builtins.")
                self.writer.claim("false", Obligation(Kind.EXCEPTION, self.place(node), text, exception=short))
                self.writer.assume("false")
                self.writer.jump(ESCAPED)
                return
        value = self.coerce(self.evaluate(exception), _ANY_EXCEPTION, node)
        if node.cause is not None and not (isinstance(node.cause, ast.Constant) and node.cause.value is None):
            if self.qualified(node.cause) is not None:
                raise Unsupported("`from` a class", node.cause)
            self.coerce(self.evaluate(node.cause), t.optional(_ANY_EXCEPTION), node.cause)
        self.throw(value.text, None)

    # --- calls that may raise -----------------------------------------------------------------

    def call_raises(self, function: Function, arguments: Mapping[str, Term], before: str, module: Module, node: ast.AST) -> None:
        """Write that a call may raise what the callee declares."""
        contract: Contract = function.contract
        call = Called(arguments, before, module, node)
        exact: list[str] = []
        for raises in contract.raises:
            when = "true"
            if raises.when is not None:
                when = self.clause(raises.when, arguments, view=before, old_view=before, module=module)
                exact.append(when)
            self._may_raise(self._class_in(raises.exception, module), when, raises, call)
        if contract.any_raise:
            self._may_raise("builtins.Exception", "true", None, call)
        self.writer.assume(negation(terms.disjunction(*exact)))

    def _may_raise(self, class_: str, when: str, raises: Raises | None, call: Called) -> None:
        name = class_.removeprefix("builtins.")
        if not self.expects(class_):
            text = f"`{name}` of this call must be declared, or never be raised"
            self.writer.claim(negation(when), Obligation(Kind.EXCEPTION, self.place(call.node), text, exception=name))
            return
        wrong, fine = self.writer.fresh("raise"), self.writer.fresh("fine")
        self.writer.jump(wrong, fine)
        self.writer.label(wrong)
        if not self.writer.ended:
            self.writer.assume(when)
            reference = self.writer.local("error", "Ref")
            self.writer.line(f"havoc {reference};")
            known = self._of_class(reference, class_, exact=raises is not None and raises.exact)
            self.writer.assume(f"({reference} != null && {self.allocated(reference)} && {known})")
            names = {**call.arguments, "__exception__": Term(reference, t.Instance(class_))}
            with self.receive(raises.gives if raises is not None else None, names, call.before, call.module):
                for clause in raises.ensures if raises is not None else ():
                    self.writer.assume(self.clause(clause, names, view="", old_view=call.before, module=call.module))
            self.throw(reference, class_)
        self.writer.label(fine)

    # --- try ---------------------------------------------------------------------------------------

    def statement_Try(self, node: ast.Try) -> None:  # noqa: N802 - named after the node
        """`try`."""
        if node.finalbody:
            self.with_cleanup(lambda: self._finally(node), lambda: self._try(node), [*node.body, *node.handlers, *node.orelse])
        else:
            self._try(node)

    def _finally(self, node: ast.Try) -> None:
        outer, self.under_way = self.under_way, ""
        try:
            self.block(node.finalbody)
        finally:
            self.under_way = outer

    def with_cleanup(
        self,
        cleanup: Callable[[], None],
        body: Callable[[], None],
        statements: Sequence[ast.AST],
        failing: Callable[[], str] | None = None,
    ) -> None:
        """Write a body, and behind every way out of it what is always done.

        `statements` are what the body consists of. `failing` is done instead where an exception is under way, and returns whether that ends there.
        """
        failed, after = self.writer.fresh("failed"), self.writer.fresh("after")
        self.cleanups.append(Cleanup(cleanup, len(self.handlers)))
        start = self.known_apart_from(statements)
        with self.handling(Handler(None, failed)):
            body()
        self.cleanups.pop()
        cleanup()
        ends = [] if self.writer.ended else [(self.assigned, self.narrowed, self.origins)]
        self.writer.jump(after)
        self.writer.label(failed)
        if not self.writer.ended:
            self.assigned, self.narrowed, self.origins = set(start[0]), dict(start[1]), dict(start[2])
            kept = self.writer.local("kept", "Ref")
            self.writer.assign(kept, EXCEPTION)
            if failing is None:
                cleanup()
            else:
                onward = self.writer.fresh("onward")
                self.writer.choose(failing(), after, onward)
                ends.append((self.assigned, self.narrowed, self.origins))
                self.writer.label(onward)
            self.throw(kept, None)
        self.merge(ends, *start)
        self.writer.label(after)

    def leave(self, depth: int) -> None:
        """Write what is done on the way out of the blocks inside of a depth of `cleanups`."""
        saved, handlers = self.cleanups, self.handlers
        try:
            while len(self.cleanups) > depth:
                inner = self.cleanups[-1]
                self.cleanups = self.cleanups[:-1]
                self.handlers = handlers[: inner.handlers]
                inner.write()
        finally:
            self.cleanups, self.handlers = saved, handlers

    @contextmanager
    def handling(self, handler: Handler) -> Iterator[None]:
        """Let exceptions go to a handler."""
        self.writer.locals[EXCEPTION] = "Ref"
        self.handlers = [*self.handlers, handler]
        try:
            yield
        finally:
            self.handlers = self.handlers[:-1]

    def _try(self, node: ast.Try) -> None:
        if not node.handlers:
            self.block([*node.body, *node.orelse])
            return
        caught = [None if handler.type is None else self._caught(handler.type) for handler in node.handlers]
        every = any(c is None for c in caught)
        classes = None if every else tuple(name for c in caught for name in c or ())
        dispatch, after = self.writer.fresh("dispatch"), self.writer.fresh("after")
        start = self.known_apart_from(node.body)
        before, narrowed, _ = start
        with self.handling(Handler(classes, dispatch)):
            self.block(node.body)
        self.block(node.orelse)
        ends = [] if self.writer.ended else [(self.assigned, self.narrowed, self.origins)]
        self.writer.jump(after)
        self.writer.label(dispatch)
        if not self.writer.ended:
            for handler, names in zip(node.handlers, caught, strict=True):
                inside, onward = self.writer.fresh("except"), self.writer.fresh("onward")
                tests = [
                    apply("Sub", apply("class_of", EXCEPTION), self.symbols.class_name(n))
                    for n in names or ("builtins.BaseException",)
                ]
                self.writer.choose(terms.disjunction(*tests) if names is not None else "true", inside, onward)
                self.writer.label(inside)
                self.assigned, self.narrowed, self.origins = set(before), dict(narrowed), dict(start[2])
                self._handler(handler, names)
                if not self.writer.ended:
                    ends.append((self.assigned, self.narrowed, self.origins))
                self.writer.jump(after)
                self.writer.label(onward)
            if not self.writer.ended:
                self.throw(EXCEPTION, None)
        self.merge(ends, *start)
        self.writer.label(after)

    def known_apart_from(self, statements: Sequence[ast.AST]) -> tuple[set[str], dict[str, t.Type], dict[str, Term]]:
        """Return what is known of variables here and still is wherever statements are left by an exception.

        These are the variables that have a value, the types that conditions imply, and the objects that are meant.
        """
        changed = set().union(*(assigned_names(s) for s in statements))
        lost = {n for s in statements for one in ast.walk(s) for n in unbound(one)}
        narrowed = {k: v for k, v in self.narrowed.items() if k.isidentifier() and k not in changed}
        return self.assigned - lost, narrowed, {k: v for k, v in self.origins.items() if k not in changed}

    def _caught(self, node: ast.expr) -> list[str]:
        if isinstance(node, ast.Tuple):
            return [name for e in node.elts for name in self._caught(e)]
        return [self._class_in(node, self.module)]

    def _handler(self, handler: ast.ExceptHandler, names: list[str] | None) -> None:
        if self.writer.ended:
            return
        if handler.name is not None:
            class_ = names[0] if names is not None and len(names) == 1 else "builtins.BaseException"
            self.bind_local(handler.name, Term(EXCEPTION, t.Instance(class_)), handler)
        caught = self.writer.local("caught", "Ref")
        self.writer.assign(caught, EXCEPTION)
        outer, self.under_way = self.under_way, caught
        name = handler.name

        def unbind() -> None:
            if name is not None:
                self.assigned.discard(name)
                if name in self.learnt.unset:
                    self.writer.assign(f"set'{name}", "false")

        self.cleanups.append(Cleanup(unbind, len(self.handlers)))
        try:
            self.block(handler.body)
        finally:
            self.cleanups.pop()
            self.under_way = outer
        if not self.writer.ended:
            unbind()

    under_way = ""  # the variable that holds the exception which a bare `raise` raises again

    # --- the end of the function by raising ------------------------------------------------------------

    def escaped(self, block: str = ESCAPED) -> None:
        """Write the block where the function ends by raising: what is declared of it must hold."""
        self.writer.label(block)
        if self.writer.ended:
            return
        self.writer.locals[EXCEPTION] = "Ref"
        contract = self.root.contract
        module = self.program.modules[self.root.module]
        names = {**self.entry_names, "__exception__": Term(EXCEPTION, t.Instance("builtins.BaseException"))}
        tests = []
        for raises in contract.raises:
            class_ = self.declared_class(raises)
            is_one = self._of_class(EXCEPTION, class_, exact=raises.exact)
            tests.append(is_one)
            names["__exception__"] = Term(EXCEPTION, t.Instance(class_))
            self.give_back(raises.gives, names, is_one)
            for clause in raises.ensures:
                with self.contract_of(names, view="", old_view=self.old_view, module=module) as demands:
                    condition = self.condition_of(clause.expression)
                    found = list(demands)
                for demand in found:
                    self.writer.claim(terms.implication(is_one, demand.condition), demand.obligation)
                self.writer.claim(terms.implication(is_one, condition), Obligation(Kind.RAISES, clause.place, clause.text))
            self.scope = ""
        declared = [r for r in contract.raises if r.when is not None]
        for raises in declared:
            assert raises.when is not None
            with self.contract_of(names, view=self.old_view, old_view=self.old_view, module=module):
                when = self.condition_of(raises.when.expression)
            is_one = self._of_class(EXCEPTION, self.declared_class(raises), exact=raises.exact)
            text = f"only when {raises.when.text}"
            self.writer.claim(
                terms.implication(is_one, when), Obligation(Kind.RAISES, raises.place, text, clause=raises.when.place)
            )
        if not contract.any_raise:
            self.writer.claim(
                terms.disjunction(*tests), Obligation(Kind.EXCEPTION, self.root.place, "every exception that escapes is declared")
            )

    def not_raised(self) -> None:
        """Demand, where the function returns, that it had no reason to raise."""
        module = self.program.modules[self.root.module]
        for raises in self.root.contract.raises:
            if raises.when is None:
                continue
            with self.contract_of(self.entry_names, view=self.old_view, old_view=self.old_view, module=module):
                when = self.condition_of(raises.when.expression)
            text = f"it raises when {raises.when.text}"
            self.writer.claim(negation(when), Obligation(Kind.RAISES, raises.place, text, clause=raises.when.place))

    # --- of statements -----------------------------------------------------------------------------------

    @abstractmethod
    def bind_local(self, name: str, value: Term, node: ast.AST) -> None:
        """Assign a value to a local variable."""


def unbound(node: ast.AST) -> list[str]:
    """Return the names that a node leaves without a value."""
    if isinstance(node, ast.ExceptHandler) and node.name:
        return [node.name]
    return [target.id for target in node.targets if isinstance(target, ast.Name)] if isinstance(node, ast.Delete) else []
