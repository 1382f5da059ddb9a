"""Contracts written for Nagini: calls that say what holds and, as permissions, what may be looked at and changed.

    def swap(xs: list[int], i: int, j: int) -> None:
        Requires(Acc(list_pred(xs)) and 0 <= i < len(xs) and 0 <= j < len(xs))
        Ensures(Acc(list_pred(xs)) and xs[i] == Old(xs[j]) and xs[j] == Old(xs[i]))
        ...

A module that imports `nagini_contracts` is read in this way throughout: a function
that claims nothing may not look at anything on the heap.

**Permissions become frames.** In preconditions and loop invariants

- full permission (`Acc(x.f)`, `Acc(list_pred(x))`, `list_pred(x)`, fractions of one place that add up to one) puts
  the place into `modifies`; less than that (`Acc(x.f, 1/2)`, `Rd`, `Wildcard`) into `reads`;
- permissions to the same field of two objects that add up to more than one say that they are two objects:
  `__separate__`. So do quantified ones of different numbers;
- a condition in front of a permission guards its frame: `Implies(c, Acc(x.f))` is the target `__implies__(c, x.f)`.

Postconditions say what is given back (`gives`). Unless the place was also named at entry, in the same words, it must be
one that may be changed or is new: `__writable__`, `__readable__`. All this is exact for a function that gives back
what it took and for those who call it, provided that whoever proves it reports, in this syntax, each read of a place
that is neither in `reads` nor in `modifies` nor created by the function, and each write that is not in `modifies` nor new.

**Where it loses something**, it must be made up for as follows, so that no more is proved than in Nagini:

- places that are in `modifies` or `reads` and not in `gives` are lost to the caller: it may not touch them any more,
  and must not learn from the contract that it may; places in `modifies` that `gives` has only within `__readable__`
  it may look at and not change. The same holds after an exception (`Raises.gives`);
- a constructor gives what `gives` names, no other fields;
- within a loop only the targets of its invariants may be touched, besides what the iteration creates;
- two fractions of different objects that might be one object do not add up: a write that Nagini allows
  after having found them to be the same is refused here;
- fractions are not counted: a function that takes half of a place twice in a row is accepted where Nagini
  would complain that too little is left to share. Reading alone cannot make anything false be proved.

Permissions in the contract of a pure function are to read, whatever amount is named: that is what they mean in Nagini.

Predicates (`Predicate`, `Fold`, `Unfold`, `Unfolding`), fields that may be absent (`MayCreate`, `MaySet`), threads,
locks, input and output, other obligations, information flow, `Refute`, `Inline` and algebraic data types are refused by
name. Termination is claimed by `Decreases` and `MustTerminate`, and of every pure function; `Decreases(None)` assumes it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import ClassVar

from probatum.python import forms
from probatum.python.contracts.adapters import ClassReading, FunctionReading
from probatum.python.contracts.conditions import Unreadable, deepest, depth
from probatum.python.contracts.native import without_docstring
from probatum.python.program import Clause, Contract, LoopContract, Problem, Raises, Syntax
from probatum.python.scopes import Scope, assigned_names, register_exports

library = "nagini_contracts"
_contracts = f"{library}.contracts"
_must_terminate = f"{library}.obligations.MustTerminate"

_header = frozenset({"Requires", "Ensures", "Exsures", "Decreases"})
_loop = frozenset({"Invariant", "Decreases"})
_predicates = frozenset({"list_pred", "set_pred", "dict_pred", "bytearray_pred"})
_amounts = frozenset({"ARP", "RD_PRED"})
_permissions = frozenset({"Acc", "Rd", "Wildcard"}) | _predicates
_quantifiers = {"Forall": 1, **{f"Forall{n}": n for n in range(2, 7)}, "Exists": 1}
_decorators = frozenset({"Pure", "Opaque", "Ghost", "ContractOnly", "Predicate", "Inline", "AllLow", "PreservesLow"})
_statements = {"Assert": forms.CHECK, "Assume": forms.ASSUME}
_values = {"PSeq": forms.SEQUENCE, "PByteSeq": forms.SEQUENCE, "PSet": forms.SET, "PMultiset": forms.MULTISET}
_views = {"ToSeq": forms.SEQUENCE, "ToByteSeq": forms.SEQUENCE, "ToMS": forms.MULTISET, "Old": forms.OLD}
_plain = frozenset({"GInt", "GFloat", "GComplex", "GBool", "GStr", "MarkGhost"})  # types, and what marks them
_terms = frozenset({"Result", "ResultT", "RaisedException", "Implies", "Let", "Previous", "Reveal", "isNaN"})
_known = _header | _loop | _permissions | _amounts | _statements.keys() | _values.keys() | _views.keys() | _plain | _terms
_known |= _quantifiers.keys() | _decorators - {"Predicate", "Inline", "AllLow", "PreservesLow"}

_kinds = {
    "Predicate": "a predicate (`@Predicate`)",
    "Fold": "predicates (`Fold`)",
    "Unfold": "predicates (`Unfold`)",
    "Unfolding": "predicates (`Unfolding`)",
    "Inline": "a function that is inlined (`@Inline`)",
    "MayCreate": "fields that may be absent (`MayCreate`)",
    "MaySet": "fields that may be absent (`MaySet`)",
    "Refute": "claims that must not hold (`Refute`)",
    **{
        w: f"information flow (`{w}`)"
        for w in ("Low", "LowVal", "LowEvent", "LowExit", "Declassify", "TerminatesSif", "AllLow", "PreservesLow")
    },
}
_modules = {
    "io_contracts": "input and output",
    "io_builtins": "input and output",
    "obligations": "obligations",
    "thread": "threads",
    "lock": "locks",
    "adt": "algebraic data types",
}

register_exports(_contracts, sorted(_known | _kinds.keys()))
register_exports(f"{library}.obligations", ["MustTerminate", "MustInvoke", "MustRelease", "WaitLevel", "Level", "BaseLock"])
register_exports(f"{library}.thread", ["Thread", "ThreadPost", "MayStart", "getArg", "getMethod", "getOld", "arg", "Joinable"])
register_exports(f"{library}.lock", ["Lock"])
register_exports(f"{library}.adt", ["ADT"])
register_exports(
    f"{library}.io_contracts",
    [
        *("IOForall", "IOExists", "IOOperation", "IOExistential", "Terminates", "TerminationMeasure", "token", "ctoken", "Place"),
        *("Open", "Eval", "IOExists1", "IOExists2", "IOExists3", "IOExists4", "IOExists5", "IOExists6", "IOExists7", "IOExists8"),
        *(
            "IOExists9",
            "gap_io",
            "no_op_io",
            "split_io",
            "join_io",
            "end_io",
            "set_var_io",
            "NoOp",
            "Gap",
            "End",
            "Split",
            "Join",
        ),
        *("SetVar", "MustTerminate", "MustInvoke", "MustRelease"),
    ],
)


def _word(scope: Scope, expression: ast.AST) -> str:
    """Return which name of `nagini_contracts.contracts` an expression stands for, or ""."""
    name = scope.qualified(expression) if isinstance(expression, ast.Name | ast.Attribute) else None
    return name.removeprefix(f"{_contracts}.") if name is not None and name.startswith(f"{_contracts}.") else ""


def _called(scope: Scope, node: ast.AST) -> str:
    return _word(scope, node.func) if isinstance(node, ast.Call) else ""


def _terminates(scope: Scope, node: ast.AST) -> ast.expr | None:
    """Return the measure of a `MustTerminate`."""
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return None
    name = scope.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    return node.args[0] if name == _must_terminate else None


@dataclass(frozen=True)
class _Over:
    """What is quantified over, and by which name."""

    domain: ast.expr
    name: str


_Context = tuple[ast.expr | _Over, ...]  # conditions and quantifiers around a permission, from the outside in


@dataclass(frozen=True)
class _Permission:
    """A permission to one place, or to one for each value of what is quantified over.

    `of` is the object, `kind` the field of it, "items", or the variable. `amount` None: more than nothing, nobody
    says how much.
    """

    place: ast.expr
    of: ast.expr
    kind: str
    amount: Fraction | None
    context: _Context
    wrote: ast.expr

    @property
    def full(self) -> bool:
        return self.amount is not None and self.amount >= 1

    @property
    def quantified(self) -> list[_Over]:
        return [c for c in self.context if isinstance(c, _Over)]

    def around(self, inner: ast.expr) -> ast.expr:
        """Put conditions and quantifiers around a claim, or a target."""
        for one in reversed(self.context):
            if isinstance(one, _Over):
                inner = forms.call(
                    forms.FORALL, [forms.copied(one.domain), forms.thunk([one.name], inner, self.wrote)], self.wrote
                )
            else:
                inner = forms.call(forms.IMPLIES, [forms.copied(one), inner], self.wrote)
        return inner

    def target(self) -> ast.expr:
        return self.around(forms.copied(self.place))

    def key(self) -> str:
        return ast.dump(self.target())

    def substituted(self, names: Mapping[str, ast.expr]) -> _Permission:
        """Replace names everywhere.

        Raises
        ------
        ValueError
            A name that is replaced, or one in what replaces it, is quantified over here.
        """
        touched = names.keys() | {n for new in names.values() for n in forms.free_names(new)}
        for one in self.quantified:
            if one.name in touched:
                raise ValueError(f"`{one.name}` would be captured")
        return self._with(names, {q.name: q.name for q in self.quantified})

    def renamed(self, number: int) -> _Permission:
        """Return the same with other names for what is quantified over."""
        return self._with({}, {q.name: f"{q.name}__{number}" for q in self.quantified})

    def _with(self, names: Mapping[str, ast.expr], bound: Mapping[str, str]) -> _Permission:
        now: dict[str, ast.expr | str] = dict(names)
        context: list[ast.expr | _Over] = []
        for one in self.context:
            if isinstance(one, _Over):
                context.append(_Over(forms.substituted(one.domain, now), bound[one.name]))
                now[one.name] = bound[one.name]  # from here on; outside of it the name means something else
            else:
                context.append(forms.substituted(one, now))
        place, of = forms.substituted(self.place, now), forms.substituted(self.of, now)
        return replace(self, place=place, of=of, context=tuple(context))


@dataclass
class _Assertion:
    """What an assertion says, its permissions taken out of it."""

    claim: ast.expr | None
    permissions: list[_Permission]
    measure: ast.expr | None = None  # of `MustTerminate`


@dataclass
class _Said:
    """The claims of a function, each with what the author wrote."""

    before: list[tuple[ast.expr, _Assertion]] = field(default_factory=list)
    after: list[tuple[ast.expr, _Assertion]] = field(default_factory=list)
    raising: list[tuple[ast.expr, ast.expr, _Assertion]] = field(default_factory=list)
    decreases: tuple[Clause, ...] | None = None


@dataclass
class _Reading:
    """Takes contracts out of one function; `scope` is the one of its body."""

    scope: Scope
    loops: dict[ast.stmt, LoopContract] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def unsupported(self, node: ast.AST, message: str, advice: str = "") -> None:
        self.problems.append(self.scope.unsupported(node, message, advice))

    def mistake(self, node: ast.AST, message: str, advice: str = "") -> None:
        self.problems.append(self.scope.mistake(node, message, advice))

    # Terms

    def term(self, node: ast.AST) -> ast.AST:
        """Bring a call of the library to its normal form; arguments are in theirs."""
        if not isinstance(node, ast.Call):
            return node
        word = _word(self.scope, node.func)
        arguments = node.args
        match word, len(arguments):
            case "Result", 0:
                return forms.name(forms.RESULT, node)
            case "ResultT", 1:
                return forms.name(forms.RESULT, node)
            case "RaisedException", 0:
                return forms.name(forms.EXCEPTION, node)
            case "Implies", 2:
                return forms.call(forms.IMPLIES, arguments, node)
            case "Let", 3 if isinstance(arguments[2], ast.Lambda) and len(forms.parameter_names(arguments[2])) == 1:
                return forms.call(forms.LET, [arguments[0], arguments[2]], node)
            case "Previous", 1:
                return forms.call(forms.SEEN, arguments, node)
            case "Reveal", 1:
                self._revealed(node, arguments[0])
                return forms.call(forms.REVEAL, arguments, node)
            case "isNaN", 1:
                other = forms.placed(ast.Compare(forms.name("f", node), [ast.NotEq()], [forms.name("f", node)]), node)
                return forms.call(forms.LET, [arguments[0], forms.thunk(["f"], other, node)], node)
        if word in _views and len(arguments) == 1:
            return forms.call(_views[word], arguments, node)
        if word in _values and not node.keywords:
            return forms.call(_values[word], [forms.placed(ast.Tuple(list(arguments), ast.Load()), node)], node)
        if word in _quantifiers:
            return self.quantifier(node, word)
        if word in _terms | _views.keys():
            self.unsupported(node, f"`{self.scope.shown(node)}`: `{word}` with these arguments")
        return node

    def _revealed(self, node: ast.Call, what: ast.expr) -> None:
        advice = "reveal a call of a function that is `@Pure` and `@Opaque`"
        if not isinstance(what, ast.Call):
            self.mistake(node, f"`{self.scope.shown(node)}` reveals no function", advice)
        elif isinstance(what.func, ast.Name) and (function := self.scope.functions.get(what.func.id)) is not None:
            words = {_word(self.scope, d) for d in function.decorator_list}
            if not words >= {"Pure", "Opaque"}:
                self.mistake(node, f"`{function.name}` hides nothing that could be revealed", advice)

    def quantifier(self, node: ast.Call, word: str) -> ast.expr:
        count = _quantifiers[word]
        condition = node.args[-1] if node.args else None
        if len(node.args) != count + 1 or node.keywords or not isinstance(condition, ast.Lambda):
            self.unsupported(node, f"`{word}` whose condition is no lambda")
            return node
        names = [a.arg for a in condition.args.args]
        if len(names) != count or len(forms.parameter_names(condition)) != count or condition.args.defaults:
            self.unsupported(node, f"`{word}` whose lambda does not take {count} plain parameters")
            return node
        body = condition.body
        if isinstance(body, ast.Tuple) and len(body.elts) == 2 and isinstance(body.elts[1], ast.List):
            body = body.elts[0]  # the second part says where the fact is to be used, which is not for the author to know here
        for domain, name in reversed(list(zip(node.args, names, strict=False))):
            reserved = forms.EXISTS if word == "Exists" else forms.FORALL
            body = forms.call(reserved, [domain, forms.thunk([name], body, condition)], node)
        return body

    # Assertions

    def has_permissions(self, expression: ast.AST) -> bool:
        return any(_called(self.scope, n) in _permissions for n in ast.walk(expression))

    def assertion(self, expression: ast.expr) -> _Assertion:
        """Take an assertion apart.

        Raises
        ------
        Unreadable
            A permission stands where its meaning is no frame.
        """
        if depth(expression) > deepest:
            raise Unreadable(self.scope.unsupported(expression, f"an assertion that is nested more than {deepest} deep"))
        found: list[_Permission] = []
        parts = expression.values if isinstance(expression, ast.BoolOp) and isinstance(expression.op, ast.And) else [expression]
        measures = [m for p in parts if (m := _terminates(self.scope, p)) is not None]
        rest = [p for p in parts if _terminates(self.scope, p) is None]
        for inner in (n for p in rest for n in ast.walk(p)):
            if _terminates(self.scope, inner) is not None:
                message = f"an obligation within an assertion: `{self.scope.shown(inner)}`"
                raise Unreadable(self.scope.unsupported(inner, message, "claim it by itself"))
        if len(measures) > 1:
            raise Unreadable(self.scope.unsupported(expression, "several `MustTerminate` in one assertion"))
        if not measures:
            return _Assertion(self._part(expression, (), found), _summed(found))
        claims = [c for p in rest if (c := self._part(p, (), found)) is not None]
        return _Assertion(forms.conjunction(claims, expression) if claims else None, _summed(found), measures[0])

    def _part(self, node: ast.expr, context: _Context, found: list[_Permission]) -> ast.expr | None:
        """Return what is claimed besides permissions, which are added to `found`; None if nothing."""
        if not self.has_permissions(node):
            return node
        word = _called(self.scope, node)
        if isinstance(node, ast.Call) and word in _permissions:
            permission = self._permission(node, word, context)
            if permission is not None:
                found.append(permission)
            return None
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            parts = [self._part(value, context, found) for value in node.values]
            claims = [p for p in parts if p is not None]
            return forms.conjunction(claims, node) if claims else None
        if isinstance(node, ast.IfExp) and not self.has_permissions(node.test):
            then = self._part(node.body, (*context, node.test), found)
            other = self._part(node.orelse, (*context, forms.negation(node.test, node.test)), found)
            if then is None and other is None:
                return None
            true = forms.conjunction([], node)
            return forms.placed(ast.IfExp(node.test, then or true, other or true), node)
        if isinstance(node, ast.Call) and len(node.args) == 2 and not self.has_permissions(node.args[0]):
            first, last = node.args
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name == forms.IMPLIES:
                then = self._part(last, (*context, first), found)
                return None if then is None else forms.call(name, [first, then], node)
            if name in {forms.LET, forms.FORALL} and isinstance(last, ast.Lambda):
                return self._bound_part(node, name, first, last, context, found)
        message = f"a permission within `{type(node).__name__.lower()}`: `{self.scope.source(node)}`"
        raise Unreadable(
            self.scope.unsupported(node, message, "permissions may stand under `and`, `Implies`, `Forall` and `Let`")
        )

    def _bound_part(  # noqa: PLR0917 - the parts of one node, and where it stands
        self, node: ast.Call, name: str, first: ast.expr, last: ast.Lambda, context: _Context, found: list[_Permission]
    ) -> ast.expr | None:
        parameter = last.args.args[0].arg
        if name == forms.FORALL:
            inner = self._part(last.body, (*context, _Over(first, parameter)), found)
        else:
            start = len(found)
            inner = self._part(last.body, context, found)
            try:
                found[start:] = [p.substituted({parameter: first}) for p in found[start:]]
            except ValueError as captured:
                message = f"`Let` around a permission, where {captured}"
                raise Unreadable(self.scope.unsupported(node, message, "choose another name")) from captured
        return None if inner is None else forms.call(name, [first, forms.thunk([parameter], inner, last)], node)

    def _permission(self, node: ast.Call, word: str, context: _Context) -> _Permission | None:
        amount: Fraction | None = Fraction(1)
        what: ast.expr = node
        if word in {"Acc", "Rd", "Wildcard"}:
            if not node.args or len(node.args) > 2 or node.keywords:
                raise Unreadable(self.scope.unsupported(node, f"`{word}` with {len(node.args)} arguments"))
            what = node.args[0]
            amount = self._amount(node.args[1]) if len(node.args) == 2 else (Fraction(1) if word == "Acc" else None)
            if amount == 0:
                return None
        inner = _called(self.scope, what)
        if isinstance(what, ast.Call) and inner in _predicates and len(what.args) == 1:
            of = what.args[0]
            place = forms.call(forms.ITEMS, [of], of) if isinstance(of, ast.Attribute) else of
            return _Permission(place, of, "items", amount, context, node)
        if isinstance(what, ast.Attribute) and self.scope.qualified(what) is None:
            return _Permission(what, what.value, f".{what.attr}", amount, context, node)
        if isinstance(what, ast.Name | ast.Attribute) and self.scope.qualified(what) is not None:
            if isinstance(what, ast.Name) and what.id in self.scope.constants:
                raise Unreadable(
                    self.scope.mistake(node, f"`{what.id}` never changes, so there is no permission to it", "leave it out")
                )
            variable = forms.call(forms.VARIABLE, [what], what)
            return _Permission(variable, what, f"variable {self.scope.qualified(what)}", amount, context, node)
        if isinstance(what, ast.Call):
            raise Unreadable(self.scope.unsupported(what, f"predicates (`{self.scope.source(what)}`)"))
        raise Unreadable(self.scope.unsupported(node, f"a permission to `{self.scope.source(what)}`"))

    def _amount(self, node: ast.expr) -> Fraction | None:
        if _called(self.scope, node) in _amounts or _word(self.scope, node) in _amounts:
            return None
        value = _constant(node)
        if value is None:
            raise Unreadable(
                self.scope.unsupported(node, f"a permission whose amount is no constant: `{self.scope.source(node)}`")
            )
        return value

    # Frames

    def targets(self, permissions: Sequence[_Permission], *, full: bool | None) -> tuple[Clause, ...]:
        """Return targets for permissions that are full, or that are not, or for all."""
        chosen = [p for p in permissions if full is None or p.full == full]
        return tuple({p.key(): self.scope.clause(p.target(), wrote=p.wrote) for p in chosen}.values())

    def given(self, permissions: Sequence[_Permission]) -> tuple[Clause, ...]:
        """Return targets of what the caller may use afterwards; `__readable__` around what it may only look at."""
        summed = _summed(permissions)
        return (
            *self.targets(summed, full=True),
            *(
                self.scope.clause(p.around(forms.call(forms.READABLE, [forms.copied(p.place)], p.wrote)), wrote=p.wrote)
                for p in summed
                if not p.full
            ),
        )

    def separation(self, permissions: Sequence[_Permission]) -> list[Clause]:
        """Return what permissions say of objects: that they are several."""
        found: list[Clause] = []
        simple: dict[str, list[_Permission]] = {}
        rest: list[_Permission] = []
        for one in permissions:
            if one.amount is not None and one.amount > 1 and one.kind != "items":
                found.append(self._apart(one, one))  # nobody can have more than all of it
            if one.kind.startswith("variable"):
                continue
            if one.full and not one.context:
                simple.setdefault(one.kind, []).append(one)
            else:
                rest.append(one)
        for group in simple.values():
            if len(group) > 1:
                claim = forms.call(forms.SEPARATE, [forms.copied(p.of) for p in group], group[-1].wrote)
                found.append(self.scope.clause(claim, wrote=group[-1].wrote))
        for index, one in enumerate(rest):
            others = [*simple.get(one.kind, []), *rest[:index]]
            found.extend(self._apart(one, o) for o in others if o.kind == one.kind and _overfull(one, o))
            if one.quantified and _overfull(one, one) and (claimed := self._injective(one)) is not None:
                found.append(claimed)
        return found

    def _apart(self, one: _Permission, other: _Permission, *also: ast.expr) -> Clause:
        one, other = one.renamed(1), other.renamed(2)
        both = replace(one, context=(*one.context, *other.context, *also))
        claim = forms.call(forms.SEPARATE, [forms.copied(one.of), forms.copied(other.of)], one.wrote)
        return self.scope.clause(both.around(claim), wrote=one.wrote)

    def _injective(self, one: _Permission) -> Clause | None:
        """Different numbers name different objects; over the items of a collection, equal items are one."""
        at = one.wrote
        names = [q.name for q in one.quantified if self.scope.qualified(q.domain) == "builtins.int"]
        if len(names) != len(one.quantified):
            return None
        differ: list[ast.expr] = [
            forms.placed(ast.Compare(forms.name(f"{n}__1", at), [ast.NotEq()], [forms.name(f"{n}__2", at)]), at) for n in names
        ]
        return self._apart(one, one, differ[0] if len(differ) == 1 else forms.placed(ast.BoolOp(ast.Or(), differ), at))

    def held(self, permissions: Sequence[_Permission], before: Mapping[str, bool], unstable: frozenset[str]) -> list[Clause]:
        """Return what is to be shown of permissions that are given back: that they were there, or are for what is new.

        `before` says of targets whether the permission at entry was full. A place that is named through a
        parameter alone is the same at exit, unless its name is in `unstable`.
        """
        found: list[Clause] = []
        for one in permissions:
            own = isinstance(one.of, ast.Name) and one.of.id in self.scope.hidden and one.of.id not in unstable
            same = (own or one.kind.startswith("variable")) and not one.context
            if same and one.key() in before and (before[one.key()] or not one.full):
                continue
            word = forms.WRITABLE if one.full else forms.READABLE
            claim = one.around(forms.call(word, [forms.copied(one.place)], one.wrote))
            found.append(self.scope.clause(claim, wrote=one.wrote))
        return found

    # Statements

    def change(self, node: ast.AST) -> ast.AST | list[ast.AST] | None:
        """Bring a statement to its normal form; what it holds is in its own."""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            word = _called(self.scope, node.value)
            if word in _statements and len(node.value.args) == 1:
                return self._stated(node, node.value.args[0], _statements[word])
            if word == "MarkGhost":
                return []
        if isinstance(node, ast.Assert) and self.has_permissions(node.test):
            return self._stated(node, node.test, forms.CHECK)
        if isinstance(node, ast.While | ast.For):
            self._loop(node)
        return self.term(node)

    def _stated(self, node: ast.stmt, expression: ast.expr, word: str) -> list[ast.AST]:
        try:
            said = self.assertion(expression)
        except Unreadable as stop:
            self.problems.append(stop.problem)
            return []
        if said.measure is not None:
            self.unsupported(node, "an obligation that is stated within a body")
            return []
        if said.permissions and word == forms.ASSUME:
            self.unsupported(node, "permissions that are assumed (`Assume(Acc(...))`)")
            return []
        claims = [] if said.claim is None else [said.claim]
        claims += [c.expression for c in self.held(said.permissions, {}, frozenset())]
        claims += [c.expression for c in self.separation(said.permissions)]
        return [forms.statement(word, [c], node) for c in claims]

    def _loop(self, node: ast.While | ast.For) -> None:
        invariants: list[Clause] = []
        permissions: list[_Permission] = []
        decreases: tuple[Clause, ...] | None = None
        kept: list[ast.stmt] = []
        changing = frozenset(assigned_names([node], set()))
        for statement in node.body:
            word = _called(self.scope, statement.value) if isinstance(statement, ast.Expr) else ""
            if word not in _loop or not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
                kept.append(statement)
                continue
            call = statement.value
            if kept:
                self.mistake(call, f"`{word}` after other statements of the loop", "write it at the start of the loop")
            try:
                if word == "Decreases":
                    decreases = self.measure(call)
                    continue
                said = self.assertion(self._only(call, "Invariant"))
            except Unreadable as stop:
                self.problems.append(stop.problem)
                continue
            if said.measure is not None:
                decreases = (self.scope.clause(said.measure, wrote=said.measure),)
            permissions += said.permissions
            own = {p.key(): p.full for p in said.permissions}
            if said.claim is not None:
                invariants.append(self.scope.clause(said.claim, wrote=call.args[0]))
            invariants += self.held(said.permissions, own, changing)
        permissions = _summed(permissions)
        invariants += self.separation(permissions)
        node.body = kept or [forms.placed(ast.Pass(), node)]
        reads = self.targets(permissions, full=False)
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Name | ast.Attribute | ast.Subscript):
            reads = (*reads, self.scope.clause(forms.copied(node.iter), wrote=node.iter))  # the iterator looks at it all the time
        self.loops[node] = LoopContract(tuple(invariants), decreases, self.targets(permissions, full=True), reads)

    def _only(self, call: ast.Call, word: str) -> ast.expr:
        if len(call.args) != 1 or call.keywords:
            raise Unreadable(self.scope.unsupported(call, f"`{word}` with {len(call.args)} arguments"))
        return call.args[0]

    def measure(self, call: ast.Call) -> tuple[Clause, ...]:
        """Read `Decreases(measure, condition)`."""
        if not 1 <= len(call.args) <= 2 or call.keywords:
            raise Unreadable(self.scope.unsupported(call, f"`Decreases` with {len(call.args)} arguments"))
        measure = call.args[0]
        assumed = isinstance(measure, ast.Constant) and measure.value is None
        parts = measure.elts if isinstance(measure, ast.Tuple) else [measure]
        found: list[Clause] = []
        for part in parts:
            expression = part
            if len(call.args) == 2 and not (isinstance(call.args[1], ast.Constant) and call.args[1].value is True):
                expression = forms.call(forms.IMPLIES, [call.args[1], part], call)
            found.append(self.scope.clause(expression, wrote=part, trusted=assumed))
        return tuple(found)

    # Contracts

    def header(self, body: Sequence[ast.stmt], node: ast.FunctionDef, *, pure: bool) -> tuple[Contract, list[ast.stmt]]:
        """Return what a function claims, wherever in its body it says so, and the rest of the body."""
        rest: list[ast.stmt] = []
        said = _Said()
        for statement in body:
            call = statement.value if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) else None
            word = _called(self.scope, call) if call is not None else ""
            if call is None or word not in _header:
                rest.append(statement)
                continue
            if word == "Requires" and (said.after or said.raising):
                self.mistake(call, "`Requires` after `Ensures`", "write what is expected before what is promised")
            if word == "Exsures" and pure:
                self.mistake(call, "a pure function raises no exceptions", "leave `Exsures` out, or `@Pure`")
            if word == "Decreases" and not pure:
                self.mistake(call, "`Decreases` of a function that is not pure", "mark the function as `@Pure`")
            try:
                self._say(word, call, said)
            except Unreadable as stop:
                self.problems.append(stop.problem)
        self._typed(said, node)
        return self._contract(said, node, pure=pure), rest

    def _typed(self, said: _Said, node: ast.FunctionDef) -> None:
        """Refuse results of functions that have none."""
        if isinstance(node.returns, ast.Constant) and node.returns.value is None:
            for wrote, one in said.after:
                if one.claim is not None and forms.RESULT in forms.free_names(one.claim):
                    self.mistake(
                        wrote, "the result of a function that returns nothing", "leave it out, or annotate what is returned"
                    )

    def declared(self, named: ast.expr, node: ast.FunctionDef) -> None:
        """Refuse a type that is given for the result and is not the declared one; only plain names are compared."""
        if isinstance(named, ast.Name) and isinstance(node.returns, ast.Name) and named.id != node.returns.id:
            self.mistake(
                named, f"the result is `{node.returns.id}`, not `{named.id}`", "name the type that the function declares"
            )

    def _say(self, word: str, call: ast.Call, said: _Said) -> None:
        match word, len(call.args):
            case "Requires", 1:
                one = self.assertion(call.args[0])
                if one.measure is not None:
                    said.decreases = (self.scope.clause(one.measure, wrote=one.measure),)
                said.before.append((call.args[0], one))
            case "Ensures", 1:
                said.after.append((call.args[0], self._free(self.assertion(call.args[0]))))
            case "Ensures", 2:
                said.after.append((call.args[1], self._free(self.assertion(self._over_result(call)))))
            case "Exsures", 2:
                said.raising.append((call, call.args[0], self._free(self.assertion(call.args[1]))))
            case "Decreases", _ if said.decreases is None:
                said.decreases = self.measure(call)
            case "Decreases", _:
                raise Unreadable(self.scope.unsupported(call, "more than one `Decreases`"))
            case _:
                raise Unreadable(self.scope.unsupported(call, f"`{word}` with {len(call.args)} arguments"))

    def _free(self, said: _Assertion) -> _Assertion:
        if said.measure is not None:
            raise Unreadable(self.scope.unsupported(said.measure, "an obligation in a postcondition"))
        return said

    def _over_result(self, call: ast.Call) -> ast.expr:
        condition = call.args[1]
        names = [a.arg for a in condition.args.args] if isinstance(condition, ast.Lambda) else []
        if not isinstance(condition, ast.Lambda) or len(names) != 1:
            raise Unreadable(
                self.scope.unsupported(call, "`Ensures` over the result whose condition is no lambda of one parameter")
            )
        return forms.substituted(condition.body, {names[0]: forms.RESULT})

    def _contract(self, said: _Said, node: ast.FunctionDef, *, pure: bool) -> Contract:
        taken = _summed([p for _, one in said.before for p in one.permissions])
        if pure:
            taken = [replace(p, amount=None) for p in taken]
        known = {p.key(): p.full for p in taken}
        requires = [self.scope.clause(one.claim, wrote=wrote) for wrote, one in said.before if one.claim is not None]
        requires += self.separation(taken)
        ensures = self._promises(said.after, known)
        raises = tuple(
            Raises(
                forms.copied(exception),
                self.scope.place(call),
                ensures=tuple(self._promises([(call, one)], known)),
                gives=self.given(one.permissions),
            )
            for call, exception, one in said.raising
        )
        return Contract(
            Syntax.NAGINI,
            requires=tuple(requires),
            ensures=tuple(ensures),
            raises=raises,
            modifies=() if pure else self.targets(taken, full=True),
            reads=self.targets(taken, full=None if pure else False),
            decreases=said.decreases,
            may_diverge=said.decreases is None and not pure,  # a definition that never ends would mean nothing
            place=self.scope.place(node.body[0]),
            # A pure function changes nothing and is called for its value: whoever called it keeps all it had.
            gives=None if pure else self.given([p for _, one in said.after for p in one.permissions]),
        )

    def _promises(self, said: Sequence[tuple[ast.expr, _Assertion]], known: Mapping[str, bool]) -> list[Clause]:
        found: list[Clause] = []
        permissions: list[_Permission] = []
        for wrote, one in said:
            if one.claim is not None:
                found.append(self.scope.clause(one.claim, wrote=wrote))
            found += self.held(one.permissions, known, frozenset())  # after the claim, which may say that there is an object
            permissions += one.permissions
        return found + self.separation(_summed(permissions))


def _summed(permissions: Sequence[_Permission]) -> list[_Permission]:
    """Add up fractions of the same place; two full permissions to one place stay two, and contradict each other."""
    found: list[_Permission] = []
    for one in permissions:
        for index, other in enumerate(found):
            if other.amount is not None and one.amount is not None and not (other.full or one.full) and other.key() == one.key():
                found[index] = replace(other, amount=other.amount + one.amount)
                break
        else:
            found.append(one)
    return found


def _overfull(one: _Permission, other: _Permission) -> bool:
    """Whether one object cannot have both; what nobody says the amount of is more than nothing."""
    if one.amount is None or other.amount is None:
        return one.full or other.full
    return one.amount + other.amount > 1


def _constant(node: ast.expr) -> Fraction | None:
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return Fraction(value)
        case ast.BinOp(left=ast.Constant(value=int() as over), op=ast.Div(), right=ast.Constant(value=int() as under)) if under:
            return Fraction(over, under)
    return None


def _refused(name: str) -> str:
    """Return what a qualified name of the library that is not read belongs to."""
    _, _, rest = name.partition(".")
    module, _, word = rest.partition(".")
    if module == "contracts":
        return _kinds.get(word, f"`{word}` of Nagini")
    return f"{_modules.get(module, 'a part of Nagini')} (`{word or module}`)"


def _is_predicate(function: ast.stmt, scope: Scope) -> bool:
    return isinstance(function, ast.FunctionDef) and any(_word(scope, d) == "Predicate" for d in function.decorator_list)


def _refusals(root: ast.AST, scope: Scope, owner: ast.ClassDef | None = None) -> list[Problem]:
    """Return what is used of the library and not read, once per name.

    Predicates are known by their names, for this module's functions and methods of `self`; whoever
    proves must refuse other calls of a method that was refused.
    """
    own = {
        m.name for m in (owner.body if owner is not None else []) if isinstance(m, ast.FunctionDef) and _is_predicate(m, scope)
    }
    found: dict[str, Problem] = {}
    bound: set[str] = set()
    for node in ast.walk(root):
        if isinstance(node, ast.Lambda):
            bound |= forms.parameter_names(node)
        elif isinstance(node, ast.comprehension):
            bound |= forms.target_names([node.target])
        elif isinstance(node, ast.Name | ast.Attribute):
            name = scope.qualified(node) or ""
            function = (
                scope.functions.get(node.id) if isinstance(node, ast.Name) and name == f"{scope.module}.{node.id}" else None
            )
            if function is not None and _is_predicate(function, scope):
                found.setdefault(name, scope.unsupported(node, f"predicates (`{function.name}`)"))
            if (
                isinstance(node, ast.Attribute)
                and node.attr in own
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
            ):
                found.setdefault(f"self.{node.attr}", scope.unsupported(node, f"predicates (`self.{node.attr}`)"))
            if not name.startswith(f"{library}.") or name.count(".") < 2:
                continue
            if name.removeprefix(f"{_contracts}.") not in _known and name != _must_terminate:
                found.setdefault(name, scope.unsupported(node, _refused(name)))
    for name in sorted(bound):
        if _word(scope, ast.Name(name, ast.Load())):
            found.setdefault(name, scope.unsupported(root, f"a lambda or comprehension that hides `{name}` of Nagini"))
    return sorted(found.values(), key=lambda p: (p.place.line, p.place.column))


def uses(scope: Scope) -> bool:
    """Whether a module is written for Nagini."""
    return library in scope.libraries


class Nagini:
    """The adapter for Nagini."""

    syntax: ClassVar[Syntax] = Syntax.NAGINI

    def function(self, node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read a function; None if its module does not use Nagini."""
        if not uses(scope):
            return None
        inside = scope.inside(node)
        words = {_word(scope, d) for d in node.decorator_list} & _decorators
        own = _Reading(inside)
        refused = [
            *(p for d in node.decorator_list for p in _refusals(d, scope)),
            *_refusals(ast.Module(node.body, []), inside, owner),
        ]
        own.problems += refused
        if refused:
            # What is refused may be an assertion itself; nothing else about it is worth saying.
            return FunctionReading(Contract(Syntax.NAGINI, place=scope.place(node)), [], problems=tuple(own.problems))
        module = forms.rebuilt(ast.Module(list(without_docstring(node.body)), []), own.change)
        # A property is pure, whether it says so or not.
        pure = "Pure" in words or any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list)
        contract, body = own.header(module.body, node, pure=pure)
        own.problems += self._stray(body, contract, own.loops, inside)
        own.problems += self._wrong(node, inside)
        if "Opaque" in words and "Pure" not in words:
            own.mistake(node, "only pure functions can be opaque", "add `@Pure`, or leave `@Opaque` out")
        return FunctionReading(
            contract,
            body,
            own.loops,
            pure=pure,
            ghost="Ghost" in words,
            opaque="Opaque" in words,
            stub="ContractOnly" in words,
            problems=tuple(own.problems),
        )

    def _stray(
        self, body: Sequence[ast.stmt], contract: Contract, loops: Mapping[ast.stmt, LoopContract], scope: Scope
    ) -> list[Problem]:
        """Return what is left of the library where it means nothing."""
        clauses = [*contract.requires, *contract.ensures, *(e for r in contract.raises for e in r.ensures)]
        clauses += [i for loop in loops.values() for i in loop.invariants]
        found: list[Problem] = []
        for root in (*body, *(c.expression for c in clauses)):
            for node in ast.walk(root):
                word = _called(scope, node)
                if word in _header | _loop | _statements.keys():
                    message = f"`{word}` that is no statement of its own, in a function or at the start of a loop"
                    found.append(scope.mistake(node, message))
                elif word in _permissions:
                    found.append(scope.mistake(node, f"a permission outside of a contract: `{scope.shown(node)}`"))
        return found

    def _wrong(self, node: ast.FunctionDef, scope: Scope) -> list[Problem]:
        """Return names of types and of loops that are not those of the function."""
        own = _Reading(scope)
        targets = forms.target_names(n.target for n in ast.walk(node) if isinstance(n, ast.For))
        for one in ast.walk(node):
            word = _called(scope, one)
            if not isinstance(one, ast.Call) or not one.args:
                continue
            first = one.args[0]
            if word == "ResultT" or (word == "Ensures" and len(one.args) == 2):
                own.declared(first, node)
            elif word == "Previous" and isinstance(first, ast.Name) and first.id not in targets:
                own.mistake(one, f"`{first.id}` is no target of a loop", "`Previous` takes what a `for` assigns to")
        return own.problems

    def class_(self, node: ast.ClassDef, scope: Scope, /) -> ClassReading | None:
        """Read a class; None if its module does not use Nagini."""
        if not uses(scope):
            return None
        heads = [*node.bases, *node.decorator_list, *(k.value for k in node.keywords)]
        problems = [p for head in heads for p in _refusals(head, scope)]
        return ClassReading(Syntax.NAGINI, problems=tuple(problems))


def module_problems(tree: ast.Module, scope: Scope) -> tuple[Problem, ...]:
    """Return contracts that stand outside of functions, where they belong to nothing."""
    if not uses(scope):
        return ()
    found: list[Problem] = []
    for statement in tree.body:
        word = _called(scope, statement.value) if isinstance(statement, ast.Expr) else ""
        if word in (_header | _loop | _permissions) - _predicates:
            found.append(scope.mistake(statement, f"`{word}` outside of a function"))
    run = next((s for s in tree.body if _runs(s, scope)), None)
    if run is not None:
        found.append(scope.unsupported(run, "code that runs when the module is imported"))
    return tuple(found)


_quiet = frozenset({"TypeVar", "NewType", "ParamSpec", "NamedTuple", "namedtuple", "Enum", "cast"})


def _runs(statement: ast.stmt, scope: Scope) -> bool:
    """Whether a statement of a module does something that could fail, or change something."""
    match statement:
        case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom() | ast.Pass():
            return False
        case ast.Expr(value=value):
            return not isinstance(value, ast.Constant)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            calls = (n for n in ast.walk(value) if isinstance(n, ast.Call))
            return any((scope.qualified(c.func) or "?").rpartition(".")[2] not in _quiet for c in calls)
        case ast.AnnAssign():
            return False
        case ast.stmt() if type(statement).__name__ == "TypeAlias":  # a statement since Python 3.12
            return False
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            return False
    return True


adapter = Nagini()
