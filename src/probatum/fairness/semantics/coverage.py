"""How many rows each group and each combination of groups has, those that nobody is in included."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, pairwise, product
from math import prod

from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.semantics.cube import Cube
from probatum.fairness.semantics.decisions import MISSING

_MOST = 20_000


class TooMany(Exception):
    """There are more combinations than anybody would read; `many` says how many."""

    def __init__(self, many: int) -> None:
        super().__init__(many)
        self.many = many


def coverage(policy: Policy, cube: Cube, depth: int) -> Mapping[str, int]:
    """Return the rows of each group, and of each combination of groups of up to `depth` attributes.

    Names are `race = A` and `race = A, sex = f`. Rows without an attribute are in no group of it.
    A combination of a group that is empty is left out: the group says it.

    Raises
    ------
    TooMany
        If there are more than can be named.
    """
    values: dict[str, list[str]] = {}
    for name, attribute in policy.protected.items():
        seen = {str(key[0]) for key in cube.over(name).counts}
        bands = {f"{low:g}-{high:g}" for low, high in pairwise(attribute.bands)} if attribute.bands else set()
        values[name] = sorted((seen | bands) - {MISSING})
    chosen = [c for size in range(1, depth + 1) for c in combinations(policy.protected, size)]
    many = sum(prod(len(values[name]) for name in c) for c in chosen)
    if many > _MOST:
        raise TooMany(many)
    found: dict[str, int] = {}
    for names in chosen:
        counts = {tuple(str(part) for part in key): count.rows for key, count in cube.over(*names).counts.items()}
        for group in product(*(values[name] for name in names)):
            said = [f"{name} = {value}" for name, value in zip(names, group, strict=True)]
            if len(said) > 1 and any(found.get(part) == 0 for part in said):
                continue
            found[", ".join(said)] = int(counts.get(group, 0))
    return found
