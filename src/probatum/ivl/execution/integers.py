"""Arithmetic of the language on integers, and on the integers that stand for vectors of bits.

An interpreter is what refutes proofs that are wrong, so this much of it is proved:
`probatum check` proves the contracts here (see `tests/code/test_code_of_our_own.py`).
"""

from __future__ import annotations

from probatum.spec import ensures, requires


def quotient(left: int, right: int) -> int:
    """Divide as SMT-LIB does: what is left over is never negative."""
    requires(right != 0)
    ensures(lambda r: 0 <= left - right * r < abs(right))
    return (left - left % abs(right)) // right


def remainder(left: int, right: int) -> int:
    """Return what `quotient` leaves over."""
    requires(right != 0)
    ensures(lambda r: 0 <= r < abs(right) and (left - r) % abs(right) == 0)
    return left % abs(right)


def signed(value: int, mask: int) -> int:
    """Read bits as a number in two's complement; `mask` has all bits set."""
    requires(0 <= value <= mask)
    ensures(lambda r: -(mask // 2) - 1 <= r <= mask // 2)
    ensures(lambda r: (r - value) % (mask + 1) == 0 and (r < 0) == (value > mask // 2) and (r == value or r < 0))
    return value - mask - 1 if value > mask // 2 else value


def unsigned(value: int, mask: int) -> int:
    """Write a number as bits, of which those beyond `mask` are lost."""
    requires(mask >= 0)
    ensures(lambda r: 0 <= r <= mask and (value - r) % (mask + 1) == 0)
    return value % (mask + 1)


def truncated(left: int, right: int) -> int:
    """Divide and round towards zero."""
    requires(right != 0)
    ensures(lambda r: abs(r) * abs(right) <= abs(left) < (abs(r) + 1) * abs(right))
    ensures(lambda r: r == 0 or (r < 0) == ((left < 0) != (right < 0)))
    size = abs(left) // abs(right)
    return size if (left < 0) is (right < 0) else -size


def signed_quotient(a: int, b: int, mask: int) -> int:
    """Divide bits in two's complement, rounding towards zero; by zero, what SMT-LIB says: 1 for a negative number, else -1."""
    requires(0 <= a <= mask, 0 <= b <= mask)
    ensures(lambda r: b != 0 or r == (1 if a > mask // 2 else -1))
    left, right = signed(a, mask), signed(b, mask)
    if right == 0:
        return 1 if left < 0 else -1
    return truncated(left, right)
