"""Two inputs that a requirement names have outputs that do not compare as it says.

## What it finds
Rows of the table that are a pair by a pattern ("the same except {race}"), or by a
file of pairs, whose scores or decisions differ where they must not, or are in the
wrong order; where some share of pairs may, that more of them do.

## Why it matters
People know what would be unfair in a single case long before they can name a
quantity: two who differ in nothing that counts, and are decided on differently.

## Evidence
`Counterexample`: the two rows with their outputs. Where a share of pairs is
allowed, an `Estimate` of it with exact bounds, from pairs that share no row.

## Not found
Pairs that the table does not hold: see `probatum fairness certify` for all inputs.
Whether features that "same" compares are themselves fair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.evidence import Counterexample, Estimate
from probatum.fairness.artefacts import beside
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.pairs import Must, PairsRequirement, Pattern
from probatum.fairness.rules._tables import relation_of
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.source import DATA
from probatum.stats.bounds import clopper_pearson, required_sample_size
from probatum.tools import Tools

RULE = "fairness/pairs-violated"
_MOST_CHOSEN = 5_000  # pairs on which a bound rests, and which are written into the evidence


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each requirement about pairs."""
    wanted = policy.of_kind(PairsRequirement)
    if not wanted:
        return
    with relation_of(policy, tools) as relation:
        for required in wanted:
            tools.deadline.check()
            if required.pattern is not None:
                yield _by_pattern(policy, required, required.pattern, relation, tools)
            else:
                yield _by_file(policy, required, relation, tools)


def _by_pattern(policy: Policy, required: PairsRequirement, pattern: Pattern, relation: Any, tools: Tools) -> Outcome:
    from probatum.fairness.model.pairs import search
    from probatum.fairness.semantics.pairs import rows_of
    from probatum.fairness.semantics.unknown import lacking, reason

    rows = rows_of(policy, required, relation)
    whole, lost = _known(policy, rows), lacking(policy, relation, _attributes(policy, rows))
    seen = search(pattern, whole if lost else rows, rng=tools.generator(), deadline=tools.deadline)
    chosen = seen.chosen[:_MOST_CHOSEN]
    partly = () if seen.complete else (f"too many pairs: {seen.pairs:,} of them were looked at, chosen by chance",)
    shared = (f"rows compared as the same have the same {_listed_columns(rows.same)}", *partly)
    if lost and (required.at_most > 0 or seen.worst is None):
        return _silent(policy, required, reason(lost, _attributes(policy, rows)), shared, Why.UNSUPPORTED)
    cluster = policy.decision.cluster or policy.decision.unit
    if cluster and required.at_most > 0:
        told = f"pairs of rows with the same `{cluster[:24]}` are not independent, and a share of pairs has no bound that allows for it"
        return _silent(policy, required, told, shared, Why.UNSUPPORTED)
    if not seen.pairs:
        return _silent(policy, required, f"no two rows of the table are such a pair (`{pattern.text}`)", shared)
    if required.at_most == 0:
        if seen.worst is None:
            return _clear(policy, required, f"none of {seen.pairs:,} pairs breaks `{required.id}`", shared)
        i, j = seen.worst
        one, other = rows.rows[i], rows.rows[j]
        told = " and ".join(f"{value:g}" for value in (one.output, other.output) if value is not None)
        return Finding(
            rule=RULE,
            subject=_subject(policy, required),
            location=required.location,
            message=f"rows {i + 1:,} and {j + 1:,} have {told}: {seen.broken:,} of {seen.pairs:,} pairs break `{required.id}`",
            evidence=Counterexample(
                method="fairness/pair/1",
                given={
                    "claim": {"requirement": required.id, "rows": [i, j]},
                    "left": _shown(rows, one),
                    "right": _shown(rows, other),
                },
                observed=f"f(x) = {one.output!r} and f(x') = {other.output!r}",
                expected=_expected(pattern.must, pattern.value),
            ),
            cause=f"`{required.id}` lets no pair of this kind have such outputs",
            anchor=(required.id,),
            assumptions=shared,
        )
    # Which pairs were chosen does not depend on outputs, and no row is in two of them.
    from probatum.fairness.semantics.pairs import kept

    broken = sum(not kept(pattern.must, pattern.value, rows.rows[i].output or 0.0, rows.rows[j].output or 0.0) for i, j in chosen)
    return _judged(
        policy,
        required,
        broken,
        len(chosen),
        more={"chosen": [list(pair) for pair in chosen]},
        assumptions=("rows are independent; the bound rests on pairs that share no row", *shared),
    )


def _by_file(policy: Policy, required: PairsRequirement, relation: Any, tools: Tools) -> Outcome:
    from probatum.fairness.model.pairs import judge_listed
    from probatum.fairness.semantics.pairs import by_key, listed_pairs, rows_of, words_of
    from probatum.fairness.semantics.relation import opened

    place = beside(policy.location.path, required.file)
    source = tools.inputs.get(DATA + place) if place is not None else None
    if source is None:
        raise UnreadableArtefact(
            f"the file of pairs `{required.file}` is {'outside the checked directory' if place is None else 'not there'}",
            help="name a file inside the checked directory, by its path relative to the policy",
            location=required.location,
        )
    known = by_key(rows_of(policy, required, relation), required, relation)
    with opened(source) as listed:
        result = judge_listed(list(listed_pairs(listed, required, words_of(policy, required, relation))), known)
    shared = (f"{result.absent:,} pairs name rows that are not in the table, or have no output",) if result.absent else ()
    if not result.judged:
        return _silent(policy, required, f"no pair of `{required.file}` can be judged", shared)
    if required.at_most > 0:
        assumptions = ("pairs were chosen independently of each other, and of the outputs", *shared)
        return _judged(policy, required, len(result.broken), result.judged, more={}, assumptions=assumptions)
    if not result.broken:
        return _clear(policy, required, f"none of {result.judged:,} pairs of `{required.file}` breaks `{required.id}`", shared)
    pair = result.broken[0]
    left = known[pair.left].output
    right = known[pair.right].output if pair.right is not None else None
    who = f"`{pair.left}`" + (f" and `{pair.right}`" if pair.right is not None else "")
    told = f"{left:g}" + (f" and {right:g}" if right is not None else "")
    return Finding(
        rule=RULE,
        subject=_subject(policy, required),
        location=required.location,
        message=f"{who[:60]} {'have' if right is not None else 'has'} {told}: "
        f"{len(result.broken):,} of {result.judged:,} pairs break `{required.id}`",
        evidence=Counterexample(
            method="fairness/pair/1",
            given={
                "claim": {"requirement": required.id, "must": pair.must.value, "low": pair.low, "high": pair.high},
                "left": {required.key: pair.left, "output": left},
                "right": {required.key: pair.right, "output": right} if pair.right is not None else {},
            },
            observed=f"f(x) = {left!r}" + (f" and f(x') = {right!r}" if right is not None else ""),
            expected=_expected(pair.must, pair.low, pair.high),
        ),
        cause=f"`{required.file}` says how these compare",
        anchor=(required.id,),
        assumptions=shared,
    )


def _judged(
    policy: Policy, required: PairsRequirement, broken: int, judged: int, *, more: dict[str, Any], assumptions: tuple[str, ...]
) -> Outcome:
    """Compare the share of broken pairs with what is allowed."""
    # Each end may be wrong with probability alpha: only one of the two claims is ever made.
    bound = clopper_pearson(broken, judged, confidence=1 - min(0.5, 2 * policy.alpha))
    low, high = bound.low or 0.0, 1.0 if bound.high is None else bound.high
    verdict = "violated" if low > required.at_most else "satisfied" if high <= required.at_most else "open"
    estimate = Estimate(
        method="fairness/pairs/1",
        quantity=f"share of pairs that break `{required.id}`",
        value=bound.value,
        low=low,
        high=high,
        confidence=bound.confidence,
        counts={"requirement": required.id, "verdict": verdict, "successes": broken, "trials": judged, **more},
        sampling="pairs that share no row" if more else "pairs of the file",
    )
    seen = f"{broken:,} of {judged:,} independent pairs"
    if verdict == "violated":
        return Finding(
            rule=RULE,
            subject=_subject(policy, required),
            location=required.location,
            message=f"at least {low:.1%} of pairs break `{required.id}` ({seen}), and {required.at_most:.1%} may",
            evidence=estimate,
            cause=f"`{required.id}` lets at most {required.at_most:g} of the pairs have such outputs",
            anchor=(required.id,),
            assumptions=assumptions,
        )
    if verdict == "satisfied":
        return Cleared(
            rule=RULE,
            subject=_subject(policy, required),
            location=required.location,
            message=f"at most {high:.1%} of pairs break `{required.id}` ({seen}), and {required.at_most:.1%} may",
            strength=Strength.STATISTICAL,
            evidence=estimate,
            assumptions=assumptions,
            anchor=(required.id,),
        )
    need = (
        f"; if none did, {required_sample_size(required.at_most, confidence=1 - policy.alpha):,} would decide"
        if broken == 0
        else ""
    )
    return _silent(
        policy, required, f"between {low:.1%} and {high:.1%} of pairs break `{required.id}` ({seen}){need}", assumptions
    )


def _clear(policy: Policy, required: PairsRequirement, message: str, assumptions: tuple[str, ...]) -> Cleared:
    return Cleared(
        rule=RULE,
        subject=_subject(policy, required),
        location=required.location,
        message=message,
        strength=Strength.TESTED,
        assumptions=assumptions,
        anchor=(required.id,),
    )


def _attributes(policy: Policy, rows: Any) -> tuple[str, ...]:
    """Return the protected attributes that a pattern compares."""
    columns = {*rows.same, *rows.apart, *rows.numbers}
    return tuple(name for name, one in policy.protected.items() if one.column in columns)


def _known(policy: Policy, rows: Any) -> Any:
    """Return rows of which those that lack a compared attribute are in no pair; their numbers stay."""
    from dataclasses import replace

    columns = {policy.protected[name].column for name in _attributes(policy, rows)}

    def whole(row: Any) -> bool:
        values = zip((*rows.same, *rows.apart, *rows.numbers), (*row.same, *row.apart, *row.numbers), strict=True)
        return all(value is not None and str(value).strip() for name, value in values if name in columns)

    return replace(rows, rows=[row if whole(row) else replace(row, output=None) for row in rows.rows])


def _silent(
    policy: Policy,
    required: PairsRequirement,
    reason: str,
    assumptions: tuple[str, ...],
    why: Why = Why.TOO_FEW_SAMPLES,
) -> Undecided:
    return Undecided(
        rule=RULE,
        subject=_subject(policy, required),
        location=required.location,
        why=why,
        reason=reason,
        assumptions=assumptions,
        anchor=(required.id,),
    )


def _subject(policy: Policy, required: PairsRequirement) -> str:
    return f"{policy.subject}: {required.id}"


def _shown(rows: Any, row: Any) -> dict[str, Any]:
    parts = ((rows.same, row.same), (rows.apart, row.apart), (rows.numbers, row.numbers))
    return {name: value for names, values in parts for name, value in zip(names, values, strict=True)} | {"output": row.output}


def _listed_columns(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:5])
    return (shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")) if names else "features (none is compared)"


def _expected(must: Must, low: float, high: float | None = None) -> str:
    match must:
        case Must.SAME:
            return "f(x) = f(x')"
        case Must.AT_LEAST:
            return "f(x) >= f(x')"
        case Must.WITHIN:
            return f"|f(x) - f(x')| <= {low:g}"
        case Must.EXPECT:
            return f"f(x) = {low:g}" if low == high else f"{low:g} <= f(x) <= {high:g}"
