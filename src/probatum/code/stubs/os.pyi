"""What is random; files and processes are not described."""

from probatum.spec import ensures, requires

def urandom(size: int, /) -> bytes:
    requires(size >= 0)
    ensures(lambda r: len(r) == size)
    ...
