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

`MayCreate(o, "a")` is a permission to an attribute that is not there, `MaySet(o, "a")` to one that may be there or not,
and `Acc(o.a)` of an attribute that can be missing says that it is there.

Predicates (`Predicate`, `Fold`, `Unfold`, `Unfolding`), threads, locks, input and output, other obligations, and information flow are refused by
name. What is marked `@Inline` is verified where it is called, and `Refute` claims that something cannot be proved.
 Termination is claimed by `Decreases` and `MustTerminate`, and of every pure function; `Decreases(None)` assumes it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import ClassVar

from probatum.python import forms
from probatum.python.contracts.adapters import ClassReading, FunctionReading
from probatum.python.contracts.nagini import vocabulary
from probatum.python.contracts.nagini.functions import Reading
from probatum.python.contracts.nagini.refusals import module_problems, refusals, uses
from probatum.python.contracts.native import without_docstring
from probatum.python.program import Contract, LoopContract, Problem, Syntax
from probatum.python.scopes import Scope

__all__ = ["Nagini", "adapter", "module_problems"]


class Nagini:
    """The adapter for Nagini."""

    syntax: ClassVar[Syntax] = Syntax.NAGINI

    def function(self, node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read a function; None if its module does not use Nagini."""
        if not uses(scope):
            return None
        inside = scope.inside(node)
        words = {vocabulary.of(scope, d) for d in node.decorator_list} & vocabulary.decorators
        own = Reading(inside)
        refused = [
            *(p for d in node.decorator_list for p in refusals(d, scope)),
            *refusals(ast.Module(node.body, []), inside, owner),
        ]
        own.problems.extend(refused)
        if refused:
            # What is refused may be an assertion itself; nothing else about it is worth saying.
            return FunctionReading(Contract(Syntax.NAGINI, place=scope.place(node)), [], problems=tuple(own.problems))
        module = forms.rebuilt(ast.Module(list(without_docstring(node.body)), []), own.change)
        # A property is pure, whether it says so or not.
        pure = "Pure" in words or any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list)
        contract, body = own.header(module.body, node, pure=pure)
        own.problems.extend(self._stray(body, contract, own.loops, inside))
        own.problems.extend(self._wrong(node, inside))
        inline = "Inline" in words
        if inline and (
            pure
            or (
                contract.says_something
                and contract != Contract(Syntax.NAGINI, modifies=(), may_diverge=True, place=contract.place, gives=())
            )
        ):
            own.unsupported(node, "a contract of a function that is inlined (`@Inline`)")
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
            inline=inline,
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
                word = vocabulary.called(scope, node)
                if word in vocabulary.header | vocabulary.loop | vocabulary.statements.keys():
                    message = f"`{word}` that is no statement of its own, in a function or at the start of a loop"
                    found.append(scope.mistake(node, message))
                elif word in vocabulary.permissions:
                    found.append(scope.mistake(node, f"a permission outside of a contract: `{scope.shown(node)}`"))
        return found

    def _wrong(self, node: ast.FunctionDef, scope: Scope) -> list[Problem]:
        """Return names of types and of loops that are not those of the function."""
        own = Reading(scope)
        targets = forms.target_names(n.target for n in ast.walk(node) if isinstance(n, ast.For))
        for one in ast.walk(node):
            word = vocabulary.called(scope, one)
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
        problems = [p for head in heads for p in refusals(head, scope)]
        return ClassReading(Syntax.NAGINI, problems=tuple(problems))


adapter = Nagini()
