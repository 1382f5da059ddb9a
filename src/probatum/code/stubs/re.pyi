"""What expressions match is worked out where they are written down; here is what a contract can say."""

from probatum.spec import ensures, pure

@pure
def escape(pattern: str) -> str:
    ensures(lambda r: len(pattern) <= len(r) <= 2 * len(pattern))
    ...
