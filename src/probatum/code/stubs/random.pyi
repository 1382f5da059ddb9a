"""Any value in the range that is documented: each call gives another."""

from probatum.spec import ensures, raises, requires

def random() -> float:
    ensures(lambda r: 0.0 <= r < 1.0)
    ...

def randint(a: int, b: int) -> int:
    raises(ValueError, when=a > b)
    ensures(lambda r: a <= r <= b)
    ...

def randrange(start: int, stop: int) -> int:
    raises(ValueError, when=start >= stop)
    ensures(lambda r: start <= r < stop)
    ...

def getrandbits(k: int) -> int:
    requires(k >= 0)
    ensures(lambda r: 0 <= r < 2**k)
    ...

def randbytes(n: int) -> bytes:
    requires(n >= 0)
    ensures(lambda r: len(r) == n)
    ...

def uniform(a: float, b: float) -> float:
    requires(-1e300 <= a <= b <= 1e300)
    ensures(lambda r: a <= r <= b)
    ...
