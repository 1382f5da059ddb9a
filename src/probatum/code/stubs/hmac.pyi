"""The comparison alone."""

from probatum.spec import ensures, pure

@pure
def compare_digest(a: bytes, b: bytes, /) -> bool:
    ensures(lambda r: r == (a == b))
    ...
