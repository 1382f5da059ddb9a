"""Count words."""
# twin: `counts[word] = counts.get(word, 0) + 1` becomes `counts[word] = counts.get(word, 1) + 1`; then `count_words` is wrong

from typing import Dict, List

from icontract import ensure, require


@require(lambda words: all(len(word) > 0 for word in words))
@ensure(lambda words, result: all(word in result for word in words))
@ensure(lambda result: all(n >= 1 for n in result.values()))
@ensure(lambda words, result: sum(result.values()) == len(words))
def count_words(words: List[str]) -> Dict[str, int]:
    counts: Dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts


@require(lambda counts: len(counts) > 0)
@ensure(lambda counts, result: result in counts)
@ensure(lambda counts, result: all(counts[result] >= n for n in counts.values()))
def most_frequent(counts: Dict[str, int]) -> str:
    best = None
    for word, n in counts.items():
        if best is None or n > counts[best]:
            best = word
    return best
