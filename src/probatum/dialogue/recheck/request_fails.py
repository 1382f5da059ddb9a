"""A request that fails: do the logs show these signals, does the model fit them, and do the bounds follow?"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts import Policy
from probatum.dialogue.artefacts.requirements.request_fails import RequestFailsRequirement
from probatum.dialogue.recheck.told import otherwise, signals_of, stage_lines
from probatum.dialogue.semantics.conversations import Conversations, opened
from probatum.dialogue.semantics.judged import digits, patterns
from probatum.dialogue.semantics.rates import request_rates
from probatum.dialogue.semantics.signals import EXPLICIT, SIGNALS, UNSEEN
from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.source import Source

if TYPE_CHECKING:
    from probatum.runner.tables import Row

_NEAR = 1e-9
_HARD = {"repeated", "rephrased", "stopped", "undone", "escalated", "broken"}
_SETTLED = (*EXPLICIT, "unanswered")  # by users, and by the assistant
_Weight = tuple[dict[str, int], float, float, int | None]  # signals, turns, probability that they failed, what users said
_MOVES = 1e-4  # of a parameter, when the model is fitted once more


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that a request fails for so many."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "how often a request fails is an estimate")
    counts = evidence.counts
    requirement = next((r for r in policy.of_kind(RequestFailsRequirement) if r.id == counts["requirement"]), None)
    if requirement is None:
        return Recheck("refuted", "the policy does not require it")
    wrongly = otherwise(policy, counts)
    if wrongly is not None:
        return wrongly
    with opened(policy, inputs) as conversations:
        table = signals_of(policy, counts, conversations)
        # Counted once for all claims that rest on the same model of the same logs: of a large log there may be hundreds.
        name = f"rates again {table} {requirement.min_users} {json.dumps(counts['model'], sort_keys=True)}"
        wrong, rows = conversations.once(name, lambda own: _failing(own, table, counts["model"], requirement.min_users))
        if wrong:
            return Recheck("refuted", wrong)
        number = _text_of(conversations, counts["turn"])
        if _isolated(policy, inputs, conversations, number) != counts["stages"]:
            return Recheck("refuted", "the table of stages says otherwise of this request")
    row = next((row for row in rows if row["text_id"] == number), None)
    if row is None or row["turn"] != counts["turn"]:
        return Recheck("refuted", "no request of enough users begins with that turn")
    wide = max(abs(row[name] - counts[name]) for name in ("total", "shown"))
    if (row["units"], row["turns"]) != (counts["units"], counts["turns"]) or not wide <= 1e-6:
        return Recheck("refuted", f"it was made by {row['units']} in {row['turns']} turns, of which {row['total']:.6f} failed")
    return _bounded(policy, evidence, row, family=len(rows), limit=requirement.bound)


def _failing(conversations: Conversations, table: str, model: Mapping[str, Any], fewest: int) -> tuple[str, list[Row]]:
    """Return why the model does not fit ("" if it does), and how often requests fail by it."""
    seen = patterns(conversations, table)
    wrong = _misfit(model, seen)
    if wrong:
        return wrong, []
    chances = {pattern: _chance(model, pattern) for pattern in seen}
    return "", request_rates(conversations, table, chances, signs=_signs(seen), fewest=fewest)


def _bounded(policy: Policy, evidence: Estimate, row: Mapping[str, Any], *, family: int, limit: float) -> Recheck:
    units, mean = row["units"], row["total"] / row["units"]
    if abs(mean - evidence.value) > _NEAR or evidence.family != family or abs(evidence.confidence - (1 - policy.alpha)) > _NEAR:
        return Recheck("refuted", f"the mean is {mean:.6f}, for {family} requests together")
    if (
        evidence.low is None
        or evidence.high is None
        or not limit < evidence.low <= row["shown"] / units
        or not mean <= evidence.high <= 1
    ):
        return Recheck("refuted", "the bounds do not show what is claimed")
    # Hoeffding's inequality: so far from the mean of n values lies the truth with probability e^(-n d) at most.
    needed = math.log(2 * family / policy.alpha) - 1e-6
    for seen, end in ((row["shown"] / units, evidence.low), (mean, evidence.high)):
        if end == 1:
            continue
        d = sum(part * math.log(part / other) for part, other in ((seen, end), (1 - seen, 1 - end)) if part > 0)
        if units * d < needed:
            return Recheck("refuted", f"the bound {end:.6f} is too near to the mean")
    return CONFIRMED


def _signs(seen: Mapping[int, int]) -> set[int]:
    """Return the patterns in which anything is seen but praise, and that nothing followed."""
    coded = {pattern: dict(zip(SIGNALS, digits(pattern), strict=True)) for pattern in seen}
    return {pattern for pattern, codes in coded.items() if any(codes[name] == 1 for name in codes.keys() - {"praised", "last"})}


def _text_of(conversations: Conversations, turn: str) -> int | None:
    rows = conversations.sql("select text_id from {turns} where turn_id = $turn", turn=turn)
    return None if not rows else rows[0]["text_id"]


def _isolated(policy: Policy, inputs: Mapping[str, Source], conversations: Conversations, number: int | None) -> dict[str, int]:
    """Return how often replay isolated each stage for a request, read off the table line by line."""
    if not policy.stages:
        return {}
    own = {row["turn_id"] for row in conversations.sql("select turn_id from {turns} where text_id = $number", number=number)}
    head, *rows = (json.loads(line) for line in stage_lines(policy, inputs) if line.strip())
    return dict(
        Counter(row["stage"] for row in rows if row["turn"] in own and row["by"] == "replay" and row["stage"] in head["stages"])
    )


def _visible(pattern: int) -> tuple[dict[str, int], int | None]:
    """Return the signals that are seen or not, without what users said; and what they said: 1 for bad, 0 for good."""
    codes = dict(zip(SIGNALS, digits(pattern), strict=True))
    praised, blamed = (codes.pop(name) == 1 for name in EXPLICIT)
    return {name: code for name, code in codes.items() if code != UNSEEN}, None if praised == blamed else int(blamed)


def _unanswered(codes: Mapping[str, int]) -> bool:
    """Whether the assistant itself says that it did not answer: such a request failed, unless the user says otherwise."""
    return codes.get("unanswered") == 1


def _odds(model: Mapping[str, Any], codes: Mapping[str, int]) -> float:
    names = [name for name in SIGNALS if name not in _SETTLED]
    product = math.log(model["bad"]) - math.log(1 - model["bad"])
    for name, (good, bad) in zip(names, model["seen"], strict=True):
        if name in codes:
            product += math.log(bad) - math.log(good) if codes[name] else math.log(1 - bad) - math.log(1 - good)
    return product


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, x))))


def _chance(model: Mapping[str, Any], pattern: int) -> float:
    codes, said = _visible(pattern)
    if said is None and _unanswered(codes):
        return 1.0
    return float(said) if said is not None else _logistic(model["slope"] * _odds(model, codes) + model["shift"])


def _misfit(model: Mapping[str, Any], seen: Mapping[int, int]) -> str:
    """Return what would move if the model were fitted to these signals once more; "" if nothing does.

    A step of expectation-maximisation leaves a fitted mixture where it is.
    """
    names = [name for name in SIGNALS if name not in _SETTLED]
    weights: Sequence[_Weight] = [
        (codes, many, float(said) if said is not None else _logistic(_odds(model, codes)), said)
        for pattern, many in seen.items()
        for codes, said in [_visible(pattern)]
        if said is not None or not _unanswered(codes)
    ]
    everything, bad = math.fsum(many for _, many, _, _ in weights), math.fsum(many * p for _, many, p, _ in weights)
    before = 0.5 if any("unanswered" in _visible(pattern)[0] for pattern in seen) else 2
    if abs((bad + before) / (everything + 10) - model["bad"]) > _MOVES:
        return f"the share of bad turns would move to {(bad + before) / (everything + 10):.6f}"
    told = tuple(round(math.fsum(many for _, many, _, said in weights if said == kind)) for kind in (0, 1))
    if told != tuple(model["told"]):
        return f"users told of {told[0]} good and {told[1]} bad turns"
    apart = math.fsum(many for codes, many, _, _ in weights if codes.get("broken") == 1)
    for name, pair in zip(names, model["seen"], strict=True):
        usual = (0.03, 0.3) if name in _HARD else (0.3, 0.4)
        # Where neither users nor answers tell the kinds apart, what is usual stands.
        rates = _seen_in(name, usual, weights, ordered=min(told) < 30) if min(told) >= 30 or apart >= 10 else usual
        if any(abs(rate - claimed) > _MOVES for rate, claimed in zip(rates, pair, strict=True)):
            return f"`{name}` is seen in another share of turns"
    return _miscalibrated(model, weights, told)


def _seen_in(name: str, usual: tuple[float, float], weights: Sequence[_Weight], *, ordered: bool) -> tuple[float, float]:
    """Return how often a signal is seen in good and in bad turns; if these are ordered, a hard one as often where it is more often in good ones."""
    ones, total = [0.0, 0.0], [0.0, 0.0]
    for kind in (0, 1):
        own = [(codes[name], many * (p if kind else 1 - p)) for codes, many, p, _ in weights if name in codes]
        ones[kind] = math.fsum(share for code, share in own if code == 1) + 20 * usual[kind]
        total[kind] = math.fsum(share for _, share in own) + 20
    good, bad = (ones[kind] / total[kind] for kind in (0, 1))
    return (sum(ones) / sum(total),) * 2 if ordered and name in _HARD and good > bad else (good, bad)


def _miscalibrated(model: Mapping[str, Any], weights: Sequence[_Weight], told: tuple[int, ...]) -> str:
    slope, shift = model["slope"], model["shift"]
    if min(told) < 30:
        return "" if (slope, shift) == (1, 0) else "too few users told how their turns went"
    rest = [(many, p, _odds(model, codes)) for codes, many, p, said in weights if said is None]
    excess = math.fsum(many * (_logistic(slope * odds + shift) - p) for many, p, odds in rest)
    if abs(excess) > 1e-4 * max(1.0, math.fsum(many for many, _, _ in rest)):
        return "recalibration changes how many turns failed"
    if not 0.05 <= slope <= 2:
        return "the slope of the recalibration is out of its range"
    if slope in (0.05, 2):
        return ""
    # At its slope, the logistic regression on what users said has no gradient.
    spoken = [(many, _odds(model, codes), said) for codes, many, _, said in weights if said is not None]
    level = _level(spoken, slope)
    gradient = math.fsum(many * odds * (said - _logistic(slope * odds + level)) for many, odds, said in spoken) - (slope - 1)
    curved = math.fsum(many * odds * odds * 0.25 for many, odds, _ in spoken) + 1
    return "" if abs(gradient) <= 1e-3 * curved else "the slope of the recalibration does not fit what users said"


def _level(spoken: Sequence[tuple[float, float, int]], slope: float) -> float:
    low, high = -60.0, 60.0
    for _ in range(100):
        middle = (low + high) / 2
        if math.fsum(many * (said - _logistic(slope * odds + middle)) for many, odds, said in spoken) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
