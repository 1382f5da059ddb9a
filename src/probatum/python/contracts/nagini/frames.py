"""Frames that permissions stand for: what may be looked at and changed, what is given back, and what is apart."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from probatum.python import forms
from probatum.python.contracts.nagini.permissions import Permission, overfull, summed
from probatum.python.program import Clause
from probatum.python.scopes import Scope


@dataclass(frozen=True)
class Frames:
    """Frames in the contract of one function; `scope` is the one of its body."""

    scope: Scope

    def targets(self, permissions: Sequence[Permission], *, full: bool | None) -> tuple[Clause, ...]:
        """Return targets for permissions that are full, or that are not, or for all."""
        chosen = [p for p in permissions if full is None or p.full == full]
        return tuple({p.key(): self.scope.clause(p.target(), wrote=p.wrote) for p in chosen}.values())

    def given(self, permissions: Sequence[Permission]) -> tuple[Clause, ...]:
        """Return targets of what the caller may use afterwards; `__readable__` around what it may only look at."""
        added = summed(permissions)
        return (
            *self.targets(added, full=True),
            *(
                self.scope.clause(p.around(forms.call(forms.READABLE, [forms.copied(p.place)], p.wrote)), wrote=p.wrote)
                for p in added
                if not p.full
            ),
        )

    def separation(self, permissions: Sequence[Permission]) -> list[Clause]:
        """Return what permissions say of objects: that they are several."""
        found: list[Clause] = []
        simple: dict[str, list[Permission]] = {}
        rest: list[Permission] = []
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
            found.extend(self._apart(one, o) for o in others if o.kind == one.kind and overfull(one, o))
            if one.quantified and overfull(one, one) and (claimed := self._injective(one)) is not None:
                found.append(claimed)
        return found

    def _apart(self, one: Permission, other: Permission, *also: ast.expr) -> Clause:
        one, other = one.renamed(1), other.renamed(2)
        both = replace(one, context=(*one.context, *other.context, *also))
        claim = forms.call(forms.SEPARATE, [forms.copied(one.of), forms.copied(other.of)], one.wrote)
        return self.scope.clause(both.around(claim), wrote=one.wrote)

    def _injective(self, one: Permission) -> Clause | None:
        """Different numbers name different objects; over the items of a collection, equal items are one."""
        at = one.wrote
        names = [q.name for q in one.quantified if self.scope.qualified(q.domain) == "builtins.int"]
        if len(names) != len(one.quantified):
            return None
        differ: list[ast.expr] = [
            forms.placed(ast.Compare(forms.name(f"{n}__1", at), [ast.NotEq()], [forms.name(f"{n}__2", at)]), at) for n in names
        ]
        return self._apart(one, one, differ[0] if len(differ) == 1 else forms.placed(ast.BoolOp(ast.Or(), differ), at))

    def held(self, permissions: Sequence[Permission], before: Mapping[str, bool], unstable: frozenset[str]) -> list[Clause]:
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
