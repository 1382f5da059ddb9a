"""Run lengths: pairs of a character and how often it stands there."""
# twin: `pairs[-1] = (c, n + 1)` becomes `pairs[-1] = (c, n)`; then `encode` is wrong

from typing import List, Tuple

from icontract import ensure, require


@ensure(lambda text, result: sum(n for _, n in result) == len(text))
@ensure(lambda result: all(n > 0 for _, n in result))
@ensure(lambda result: all(len(c) == 1 for c, _ in result))
def encode(text: str) -> List[Tuple[str, int]]:
    pairs: List[Tuple[str, int]] = []
    for c in text:
        if pairs and pairs[-1][0] == c:
            _, n = pairs[-1]
            pairs[-1] = (c, n + 1)
        else:
            pairs.append((c, 1))
    return pairs


@require(lambda pairs: all(n >= 0 for _, n in pairs))
@ensure(lambda pairs, result: len(result) == sum(n * len(c) for c, n in pairs))
def decode(pairs: List[Tuple[str, int]]) -> str:
    text = ""
    for c, n in pairs:
        text += c * n
    return text
