"""Evidence about goods that was altered anywhere is confirmed nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from probatum import testing
from probatum.evidence import Counterexample, Estimate, Evidence, Exemplars
from probatum.findings import Cleared, Finding
from probatum.testing.examples import Example, Rule

pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")

SPECS = Path(__file__).resolve().parents[2] / "specs" / "inspection"
# What only explains the rest: nobody decides by it.
_WORDS = {"streams", "named", "rate"}
_LOOKED_AT = ("capture_id", "channel", "score", "units", "p")  # of a reference: each takes seconds


def cases() -> Iterator[Any]:
    for path in sorted(SPECS.glob("*.md")):
        for example in testing.read_spec(path).examples:
            if any(expected.verdict == "finds" for expected in example.expects) or path.stem == "threshold-uncertified":
                rule = Rule(package="probatum.inspection", name=path.stem.replace("-", "_"))
                yield pytest.param(rule, example, id=f"{path.stem}:{example.line}")


def altered(evidence: Evidence) -> Iterator[tuple[str, Evidence]]:
    """Yield the evidence with one thing changed, and which."""
    if isinstance(evidence, Counterexample):
        for name in evidence.given:
            yield name, replace(evidence, given={**evidence.given, name: _other(evidence.given[name])})
    elif isinstance(evidence, Estimate):
        for name in evidence.counts:
            yield name, replace(evidence, counts={**evidence.counts, name: _other(evidence.counts[name])})
        if evidence.high is not None:
            yield "high", replace(evidence, high=evidence.high / 2)
        if evidence.low is not None:
            yield "low", replace(evidence, low=evidence.low * 2)
        yield "confidence", replace(evidence, confidence=0.5 + evidence.confidence / 2)
    elif isinstance(evidence, Exemplars):
        for name in _LOOKED_AT:
            yield name, replace(evidence, facts={**evidence.facts, name: _other(evidence.facts[name])})


def _other(value: Any) -> Any:
    match value:
        case bool() | None:
            return "something else"
        case str():
            return f"{value}x"
        case int() | float():
            return value + 1
        case list() if value:
            return value[1:]
        case dict():
            return {**value, "else": 1}
        case _:
            return ["else"]


def evidence_of(rule: Rule, example: Example) -> list[Evidence]:
    outcomes = rule.outcomes(example)
    return [one.evidence for one in outcomes if isinstance(one, Finding | Cleared) and one.evidence is not None][:1]


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "example"), [*cases()])
def test_altered_evidence_is_not_confirmed(rule: Rule, example: Example) -> None:
    recheck = rule.room("recheck")
    assert recheck is not None
    for evidence in evidence_of(rule, example):
        [policy], inputs = rule.artefacts(example), rule.inputs(example)
        assert recheck.recheck(policy, evidence, inputs).status == "confirmed"
        confirmed = {name for name, other in altered(evidence) if recheck.recheck(policy, other, inputs).status == "confirmed"}
        assert confirmed - _WORDS == set()
