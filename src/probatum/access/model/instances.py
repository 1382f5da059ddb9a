"""Policy variables: which values to try for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from probatum.access.artefacts import Condition, Operator
from probatum.access.model.atoms import PRINCIPAL_ARN, ActionAtom, ConditionAtom, Vocabulary
from probatum.access.model.patterns import Binding, as_bindings
from probatum.access.model.problem import Job
from probatum.source import Location

if TYPE_CHECKING:
    from probatum.access.model.containment import Sides

_ATTEMPTS = 64


def variables(job: Job, vocabulary: Vocabulary) -> frozenset[str]:
    """Keys whose values the statements of a job mention."""
    keys: set[str] = set()
    for literal in {*job.units, *(x for c in job.clauses for x in c.literals)}:
        atom = vocabulary.atom(literal)
        if not isinstance(atom, ActionAtom):
            keys.update(atom.variable_keys())
    return frozenset(keys)


def bindings(job: Job, keys: frozenset[str], vocabulary: Vocabulary) -> Iterator[Binding]:
    """Values worth trying: different new ones, then texts that the statements mention, then absence."""
    mentioned: dict[str, list[str | None]] = {k: [] for k in keys}
    literals = {*job.units, *(x for c in job.clauses for x in c.literals)}
    texts: set[str] = set()
    for literal in sorted(literals):
        atom = vocabulary.atom(literal)
        if isinstance(atom, ConditionAtom) and atom.key in mentioned:
            mentioned[atom.key] += [v for v in atom.values if "${" not in v]
        if isinstance(atom, ConditionAtom):
            texts.update(v for v in atom.values if "${" not in v and "*" not in v)
    choices: list[list[str | None]] = []
    ordered = sorted(keys)
    for number, key in enumerate(ordered):
        fresh = _fresh(key, number)
        own = [v.replace("*", "x").replace("?", "x") for v in mentioned[key] if v is not None]
        choices.append(list(dict.fromkeys([fresh, *own, None, *sorted(texts)[:8]])))
    # The values of all keys at the same place in their lists first: all new, then all mentioned, then all absent.
    seen: set[Binding] = set()
    for row in itertools.islice(
        itertools.chain(zip(*choices, strict=False), _one_changed(choices), itertools.product(*choices)), _ATTEMPTS * 4
    ):
        binding = as_bindings(dict(zip(ordered, row, strict=True)))
        if binding not in seen:
            seen.add(binding)
            yield binding
        if len(seen) >= _ATTEMPTS:
            return


def _one_changed(choices: Sequence[Sequence[str | None]]) -> Iterator[tuple[str | None, ...]]:
    first = [c[0] for c in choices]
    for place, options in enumerate(choices):
        for option in options[1:]:
            yield (*first[:place], option, *first[place + 1 :])


def _fresh(key: str, number: int) -> str:
    if key in ("aws:principalaccount", "aws:resourceaccount", "aws:sourceaccount"):
        return f"{999999999900 + number}"
    if key == PRINCIPAL_ARN:
        return "arn:aws:iam::999999999900:user/x"
    return f"v{number}"


def fixing(binding: Binding, sides: Sides) -> list[int]:
    """Literals that give the keys of a binding their values."""
    return [sides.condition(_condition("Null", k, "true") if v is None else _condition("StringEquals", k, v)) for k, v in binding]


def _condition(operator: str, key: str, value: str) -> Condition:
    return Condition(Operator(operator), key, key, (value,), Location(""))
