"""Integers exactly; of floats what is true of all of them, whatever the platform's last digit.

What is too large for the memory of a machine is not described.
"""

from typing import Final

from probatum.spec import ensures, implies, pure, raises

pi: Final[float] = 3.141592653589793
e: Final[float] = 2.718281828459045
tau: Final[float] = 6.283185307179586
inf: Final[float] = 1e999

@pure
def lcm(a: int, b: int) -> int:
    ensures(lambda r: r >= 0)
    ensures(lambda r: (r == 0) == (a == 0 or b == 0))
    ensures(lambda r: implies(a != 0 and b != 0, r % a == 0 and r % b == 0))
    ensures(lambda r: implies(a != 0 and b != 0, abs(a) <= r and abs(b) <= r and r <= abs(a * b)))
    ...

@pure
def isqrt(n: int) -> int:
    raises(ValueError, when=n < 0)
    ensures(lambda r: r >= 0 and r * r <= n and n < (r + 1) * (r + 1))
    ensures(lambda r: r <= n)
    ...

@pure
def factorial(n: int) -> int:
    raises(ValueError, when=n < 0)
    ensures(lambda r: r >= 1 and r >= n)
    ensures(lambda r: implies(n <= 1, r == 1) and implies(n == 2, r == 2))
    ensures(lambda r: implies(n > 0, r % n == 0))
    ...

@pure
def comb(n: int, k: int) -> int:
    raises(ValueError, when=n < 0 or k < 0)
    ensures(lambda r: r >= 0 and (r == 0) == (k > n))
    ensures(lambda r: implies(k == 0 or k == n, r == 1))
    ensures(lambda r: implies(k == 1 or k == n - 1, r == n))
    ...

@pure
def perm(n: int, k: int) -> int:
    raises(ValueError, when=n < 0 or k < 0)
    ensures(lambda r: r >= 0 and (r == 0) == (k > n))
    ensures(lambda r: implies(k == 0, r == 1) and implies(k == 1, r == n))
    ...

@pure
def floor(x: float) -> int:
    raises(ValueError, when=x != x)
    raises(OverflowError, when=x == 1e999 or x == -1e999)
    ensures(lambda r: implies(x >= 0.0, r >= 0) and implies(x < 0.0, r < 0))
    ensures(lambda r: implies(0.0 <= x < 1.0, r == 0) and implies(x >= 1.0, r >= 1))
    ...

@pure
def ceil(x: float) -> int:
    raises(ValueError, when=x != x)
    raises(OverflowError, when=x == 1e999 or x == -1e999)
    ensures(lambda r: implies(x > 0.0, r > 0) and implies(x <= 0.0, r <= 0))
    ensures(lambda r: implies(0.0 < x <= 1.0, r == 1) and implies(x <= -1.0, r <= -1))
    ...

@pure
def trunc(x: float) -> int:
    raises(ValueError, when=x != x)
    raises(OverflowError, when=x == 1e999 or x == -1e999)
    ensures(lambda r: implies(x >= 0.0, r >= 0) and implies(x <= 0.0, r <= 0))
    ensures(lambda r: implies(-1.0 < x < 1.0, r == 0))
    ...

@pure
def sqrt(x: float) -> float:
    raises(ValueError, when=x < 0.0)
    ensures(lambda r: implies(x >= 0.0, r >= 0.0) and (r != r) == (x != x))
    ensures(lambda r: implies(x == x, (r == 0.0) == (x == 0.0)))
    ensures(lambda r: implies(x >= 1.0, 1.0 <= r <= x) and implies(0.0 <= x <= 1.0, x <= r <= 1.0))
    ...

@pure
def fabs(x: float) -> float:
    ensures(lambda r: implies(x >= 0.0, r == x) and implies(x < 0.0, r == -x) and (r != r) == (x != x))
    ...

@pure
def copysign(x: float, y: float) -> float:
    ensures(lambda r: (r != r) == (x != x))
    ensures(lambda r: implies(x == x, r == x or r == -x))
    ensures(lambda r: implies(x == x and y > 0.0, r >= 0.0) and implies(x == x and y < 0.0, r <= 0.0))
    ...

@pure
def isnan(x: float) -> bool:
    ensures(lambda r: r == (x != x))
    ...

@pure
def isinf(x: float) -> bool:
    ensures(lambda r: r == (x == 1e999 or x == -1e999))
    ...

@pure
def isfinite(x: float) -> bool:
    ensures(lambda r: r == (-1e999 < x < 1e999))
    ...

@pure
def isclose(a: float, b: float) -> bool:
    ensures(lambda r: implies(a == b, r) and implies(a != a or b != b, not r))
    ...

@pure
def log(x: float) -> float:
    raises(ValueError, when=x <= 0.0)
    ensures(lambda r: (r != r) == (x != x) and implies(x >= 1.0, r >= 0.0) and implies(x < 1.0, r <= 0.0))
    ...

@pure
def sin(x: float) -> float:
    raises(ValueError, when=x == 1e999 or x == -1e999)
    ensures(lambda r: implies(x == x, -1.0 <= r <= 1.0))
    ...

@pure
def cos(x: float) -> float:
    raises(ValueError, when=x == 1e999 or x == -1e999)
    ensures(lambda r: implies(x == x, -1.0 <= r <= 1.0))
    ...

@pure
def tan(x: float) -> float:
    raises(ValueError, when=x == 1e999 or x == -1e999)
    ensures(lambda r: (r != r) == (x != x))
    ...

@pure
def asin(x: float) -> float:
    raises(ValueError, when=x < -1.0 or x > 1.0)
    ensures(lambda r: implies(x == x, -1.5707963267948966 <= r <= 1.5707963267948966))
    ensures(lambda r: implies(x >= 0.0, r >= 0.0) and implies(x <= 0.0, r <= 0.0))
    ...

@pure
def acos(x: float) -> float:
    raises(ValueError, when=x < -1.0 or x > 1.0)
    ensures(lambda r: implies(x == x, 0.0 <= r <= 3.141592653589793))
    ...

@pure
def atan(x: float) -> float:
    ensures(lambda r: implies(x == x, -1.5707963267948966 <= r <= 1.5707963267948966))
    ensures(lambda r: implies(x >= 0.0, r >= 0.0) and implies(x <= 0.0, r <= 0.0))
    ...

@pure
def atan2(y: float, x: float) -> float:
    ensures(lambda r: implies(x == x and y == y, -3.141592653589793 <= r <= 3.141592653589793))
    ...

@pure
def exp(x: float) -> float:
    raises(OverflowError, when=709.782712893384 < x < 1e999)
    ensures(lambda r: (r != r) == (x != x) and implies(x == x, r >= 0.0))
    ensures(lambda r: implies(x >= 0.0, r >= 1.0) and implies(x <= 0.0, r <= 1.0))
    ...

@pure
def log2(x: float) -> float:
    raises(ValueError, when=x <= 0.0)
    ensures(lambda r: (r != r) == (x != x) and implies(x >= 1.0, r >= 0.0) and implies(x < 1.0, r <= 0.0))
    ...

@pure
def log10(x: float) -> float:
    raises(ValueError, when=x <= 0.0)
    ensures(lambda r: (r != r) == (x != x) and implies(x >= 1.0, r >= 0.0) and implies(x < 1.0, r <= 0.0))
    ...

@pure
def degrees(x: float) -> float:
    ensures(lambda r: (r != r) == (x != x) and implies(x >= 0.0, r >= 0.0) and implies(x <= 0.0, r <= 0.0))
    ...

@pure
def radians(x: float) -> float:
    ensures(lambda r: (r != r) == (x != x) and implies(x >= 0.0, r >= 0.0) and implies(x <= 0.0, r <= 0.0))
    ...
