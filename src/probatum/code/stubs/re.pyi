"""Whether an expression matches is some answer, the same for the same text; matches themselves are not described."""

from probatum.spec import ensures, pure

@pure
def escape(pattern: str) -> str:
    ensures(lambda r: len(pattern) <= len(r) <= 2 * len(pattern))
    ...
