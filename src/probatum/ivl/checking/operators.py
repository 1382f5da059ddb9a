"""Which operands an operator takes, and the type of what it makes of them."""

from __future__ import annotations

from probatum.ivl.checking.inference import Solution, follow, known, unify, unknown_bits, unknown_sum
from probatum.ivl.checking.unknowns import Unknowns
from probatum.ivl.types import BOOL, INT, REAL, Bits, Float, Type, variables

CONNECTIVES = frozenset({"&&", "||", "==>", "<==", "<==>"})
_EQUALITIES = frozenset({"==", "!="})
_ORDERS = frozenset({"<", "<=", ">", ">="})
ARITHMETIC = frozenset({"+", "-", "*"})
TURNED = {
    "==": ("!=", False), "!=": ("==", False), "<": ("<=", True), "<=": ("<", True), ">=": (">", True), ">": (">=", True),
}  # fmt: skip


def operation(operator: str, left: Type, right: Type, unknowns: Unknowns) -> Type | None:
    """Return the type of the result, or None if the operator does not apply."""
    if operator in CONNECTIVES:
        return BOOL if unify(left, BOOL) and unify(right, BOOL) else None
    if operator in _EQUALITIES:
        return BOOL if comparable(left, right) else None
    if operator in _ORDERS:
        return BOOL if _numbers(left, right) is not None else None
    if operator in ARITHMETIC:
        return _numbers(left, right)
    if operator in ("div", "mod"):
        return INT if unify(left, INT) and unify(right, INT) else None
    if operator == "/":
        if (unify(left, INT) or unify(left, REAL)) and (unify(right, INT) or unify(right, REAL)):
            return REAL
        return _same_float(left, right)
    if operator == "**":
        return REAL if unify(left, REAL) and unify(right, REAL) else None
    return _concatenation(left, right, unknowns)


def comparable(left: Type, right: Type) -> bool:
    """Whether two types may be one for some choice of the type variables in them."""
    if left is right:
        return True
    left, right = known(left), known(right)
    return left == right or unify(left, right, Solution(frozenset([*variables(left), *variables(right)])))


def _numbers(left: Type, right: Type) -> Type | None:
    if unify(left, INT) and unify(right, INT):
        return INT
    if unify(left, REAL) and unify(right, REAL):
        return REAL
    return _same_float(left, right)


def _concatenation(left: Type, right: Type, unknowns: Unknowns) -> Type | None:
    one, two = follow(left), follow(right)
    if isinstance(one, Bits) and isinstance(two, Bits):
        return Bits(one.width + two.width)
    unknowns.possible = True
    if not (unify(left, unknown_bits(0)) and unify(right, unknown_bits(0))):
        return None
    return unknown_sum(left, right)


def _same_float(left: Type, right: Type) -> Type | None:
    one = follow(left)
    return one if isinstance(one, Float) and one == follow(right) else None
