"""Any value in the range that is documented: each call gives another."""

from probatum.spec import ensures, pure, raises, requires

def randbelow(exclusive_upper_bound: int) -> int:
    raises(ValueError, when=exclusive_upper_bound <= 0)
    ensures(lambda r: 0 <= r < exclusive_upper_bound)
    ...

def randbits(k: int) -> int:
    raises(ValueError, when=k < 0)
    ensures(lambda r: 0 <= r < 2**k)
    ...

def token_bytes(nbytes: int) -> bytes:
    requires(nbytes >= 0)
    ensures(lambda r: len(r) == nbytes)
    ...

def token_hex(nbytes: int) -> str:
    requires(nbytes >= 0)
    ensures(lambda r: len(r) == 2 * nbytes)
    ...

@pure
def compare_digest(a: bytes, b: bytes) -> bool:
    ensures(lambda r: r == (a == b))
    ...
