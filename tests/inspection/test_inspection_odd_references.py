"""References that are odd among references are named, few of them wrongly, and never where there are few."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probatum import testing
from probatum.findings import Finding
from probatum.inspection.model.contamination import LeftOut
from probatum.inspection.model.odd_references import HEAVIER, odd
from probatum.testing.examples import Rule

SPEC = Path(__file__).resolve().parents[2] / "specs" / "inspection" / "gallery-contaminated.md"


def cases(scores):
    return [
        LeftOut(product=f"P{at // 4}", capture_id=f"r{at}", scores={"appearance": float(score)}, units=())
        for at, score in enumerate(scores)
    ]


def drawn(seed, *, n=400, dirty=0.2, heavier=1.0):
    """Scores, and which references are dirty; sound ones have an upper tail that is so many times as heavy."""
    rng = np.random.default_rng(seed)
    sound = rng.standard_t(6, n)
    up = (rng.random(n) < 0.5 * (heavier - 1)) & (sound < 0)
    sound = np.where(up, np.abs(sound), sound)
    bad = rng.random(n) < dirty
    return np.where(bad, sound + rng.uniform(0, 8, n), sound) - 4.0, {f"r{at}" for at in np.flatnonzero(bad)}


def test_the_strangest_are_named_first_with_how_many_are_as_far_below() -> None:
    scores, bad = drawn(1)

    found = odd(cases(scores))

    named = [case.capture_id for case in found.named]
    assert len(bad.intersection(named)) > 0.3 * len(bad)
    assert [case.scores["appearance"] for case in found.named] == sorted(scores[scores >= found.cut], reverse=True)
    assert found.below == (scores <= 2 * found.middle - found.cut).sum()
    assert HEAVIER * (1 + found.below) <= 0.1 * len(named)
    assert found.tested == len(scores)


@pytest.mark.parametrize(("dirty", "heavier"), [(0.0, 1.0), (0.1, 1.0), (0.2, 1.0), (0.2, 1.5)])
def test_of_the_named_at_most_the_rate_is_sound(dirty, heavier) -> None:
    shares = []
    for seed in range(200):
        scores, bad = drawn(seed, dirty=dirty, heavier=heavier)
        named = {case.capture_id for case in odd(cases(scores)).named}
        shares.append(len(named - bad) / max(1, len(named)))

    # Not refuted at 1 %.
    assert np.mean(shares) <= 0.1 + 2.33 * np.std(shares) / math.sqrt(len(shares))


def test_of_few_references_nothing_is_named() -> None:
    far = np.concatenate([np.linspace(-1, 1, 46), np.full(14, 50.0)])

    assert odd(cases(far)).named == ()
    assert math.isinf(odd(cases(far)).cut)
    assert odd([]).named == ()
    with pytest.raises(ValueError, match="rate"):
        odd(cases(far), rate=1.0)


def test_what_cannot_be_compared_is_not_tested() -> None:
    scores, _ = drawn(3)
    some = [
        *cases(scores),
        LeftOut(product="P", capture_id="n", scores={"appearance": math.nan}, units=()),
        LeftOut(product="P", capture_id="m", scores={"relief": 9.0}, units=()),
    ]

    assert odd(some).tested == len(scores)


def test_a_check_compares_many_references_among_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cv2")
    pytest.importorskip("onnxruntime")
    rule = Rule(package="probatum.inspection", name="gallery_contaminated")
    example = next(one for one in testing.read_spec(SPEC).examples if one.title == "A damaged reference")
    # Four references are not many: the same is asked of them as of 150.
    monkeypatch.setattr("probatum.inspection.rules.gallery_contaminated.MANY", 4)
    monkeypatch.setattr("probatum.inspection.rules.gallery_contaminated.RATE", 0.6)
    for name in ("model.odd_references.HEAVIER", "recheck.contaminated._HEAVIER"):
        monkeypatch.setattr(f"probatum.inspection.{name}", 0.5)

    [found] = [one for one in rule.outcomes(example) if isinstance(one, Finding)]

    room, [policy], inputs = rule.room("recheck"), rule.artefacts(example), rule.inputs(example)
    assert room is not None
    assert found.evidence.facts["capture_id"].endswith("-3")
    assert room.recheck(policy, found.evidence, inputs).status == "confirmed"
    for name in ("below", "cut", "score", "middle", "capture_id", "named"):
        value = found.evidence.facts[name]
        other = f"{value}x" if isinstance(value, str) else value + 10
        altered = replace(found.evidence, facts={**found.evidence.facts, name: other})
        assert room.recheck(policy, altered, inputs).status == "refuted", name
