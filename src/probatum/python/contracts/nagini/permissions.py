"""Permissions to places: how much, under which conditions, and for which values of what is quantified over."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from probatum.python import forms
from probatum.records import dataclass


@dataclass(frozen=True)
class Over:
    """What is quantified over, and by which name."""

    domain: ast.expr
    name: str


Context = tuple[ast.expr | Over, ...]  # conditions and quantifiers around a permission, from the outside in


@dataclass(frozen=True)
class Permission:
    """A permission to one place, or to one for each value of what is quantified over.

    `of` is the object, `kind` the field of it, "items", or the variable. `amount` None: more than nothing, nobody
    says how much.
    """

    place: ast.expr
    of: ast.expr
    kind: str
    amount: Fraction | None
    context: Context
    wrote: ast.expr

    @property
    def full(self) -> bool:
        """Whether nobody else can have any of it."""
        return self.amount is not None and self.amount >= 1

    @property
    def quantified(self) -> list[Over]:
        """What the permission is quantified over, from the outside in."""
        return [c for c in self.context if isinstance(c, Over)]

    def around(self, inner: ast.expr) -> ast.expr:
        """Put conditions and quantifiers around a claim, or a target."""
        for one in reversed(self.context):
            if isinstance(one, Over):
                inner = forms.call(
                    forms.FORALL, [forms.copied(one.domain), forms.thunk([one.name], inner, self.wrote)], self.wrote
                )
            else:
                inner = forms.call(forms.IMPLIES, [forms.copied(one), inner], self.wrote)
        return inner

    def target(self) -> ast.expr:
        """Return the place as a target of a frame."""
        return self.around(forms.copied(self.place))

    def key(self) -> str:
        """Return what two permissions to the same place, in the same words, have in common."""
        return ast.dump(self.target())

    def substituted(self, names: Mapping[str, ast.expr]) -> Permission:
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

    def renamed(self, number: int) -> Permission:
        """Return the same with other names for what is quantified over."""
        return self._with({}, {q.name: f"{q.name}__{number}" for q in self.quantified})

    def _with(self, names: Mapping[str, ast.expr], bound: Mapping[str, str]) -> Permission:
        now: dict[str, ast.expr | str] = dict(names)
        context: list[ast.expr | Over] = []
        for one in self.context:
            if isinstance(one, Over):
                context.append(Over(forms.substituted(one.domain, now), bound[one.name]))
                now[one.name] = bound[one.name]  # from here on; outside of it the name means something else
            else:
                context.append(forms.substituted(one, now))
        place, of = forms.substituted(self.place, now), forms.substituted(self.of, now)
        return replace(self, place=place, of=of, context=tuple(context))


def summed(permissions: Sequence[Permission]) -> list[Permission]:
    """Add up fractions of the same place; two full permissions to one place stay two, and contradict each other."""
    found: list[Permission] = []
    for one in permissions:
        for index, other in enumerate(found):
            if other.amount is not None and one.amount is not None and not (other.full or one.full) and other.key() == one.key():
                found[index] = replace(other, amount=other.amount + one.amount)
                break
        else:
            found.append(one)
    return found


def overfull(one: Permission, other: Permission) -> bool:
    """Whether one object cannot have both; what nobody says the amount of is more than nothing."""
    if one.amount is None or other.amount is None:
        return one.full or other.full
    return one.amount + other.amount > 1


def constant_amount(node: ast.expr) -> Fraction | None:
    """Return an amount that is written as a number or a fraction of two; None: it is not."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return Fraction(value)
        case ast.BinOp(left=ast.Constant(value=int() as over), op=ast.Div(), right=ast.Constant(value=int() as under)) if under:
            return Fraction(over, under)
    return None
