"""Stages that fail by replay, under `probatum check`: the finding, and that every part of its evidence is checked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from isolated_logs import POLICY, write

from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.model.failures import failures
from probatum.dialogue.model.isolation import isolate
from probatum.dialogue.recheck import recheck
from probatum.dialogue.rules import stage_fails
from probatum.dialogue.semantics.conversations import opened
from probatum.dialogue.semantics.pipelines.opening import calling
from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate
from probatum.findings import Finding
from probatum.source import DATA, Source, decode
from probatum.tools import Tools

pytest.importorskip("duckdb")
pytest.importorskip("hassil")
pytest.importorskip("scipy")
pytestmark = pytest.mark.slow  # reads logs several times

REQUIRED = POLICY + "stages: stages.jsonl\nrequire:\n- {id: stages, kind: stage-fails, at_most: 0.05}\n"


def project(folder: Path, users: int = 60) -> tuple[Policy, dict[str, Source]]:
    write(folder, users)
    policy = read_policy(decode(REQUIRED.encode(), "dialogue.yaml"))
    inputs: dict[str, Source] = {
        DATA + name: Source(name, (folder / name).read_bytes()) for name in ("log.jsonl", "sentences.yaml", "names.yaml")
    }
    assert policy.assistant is not None
    with opened(policy, inputs) as conversations:
        failed = failures(conversations, policy.sessions)
    with calling(policy.assistant, folder) as pipeline:
        table = isolate(failed, pipeline, STAGES, kind="hassil")
    inputs[DATA + "stages.jsonl"] = Source("stages.jsonl", "".join(f"{line}\n" for line in table.lines()).encode())
    return policy, inputs


def found(policy: Policy, inputs: dict[str, Source]) -> dict[str, Finding]:
    outcomes = stage_fails.check(policy, Tools(inputs=inputs))
    return {one.anchor[1]: one for one in outcomes if isinstance(one, Finding) and one.anchor[-1] == "replay"}


def altered(inputs: dict[str, Source], change: Any) -> dict[str, Source]:
    head, *rows = map(json.loads, inputs[DATA + "stages.jsonl"].raw.splitlines())
    for row in rows:
        change(row)
    raw = "".join(json.dumps(one) + "\n" for one in (head, *rows)).encode()
    return {**inputs, DATA + "stages.jsonl": Source("stages.jsonl", raw)}


def test_stages_that_do_not_know_that_they_fail_are_found(tmp_path: Path) -> None:
    policy, inputs = project(tmp_path)

    findings = found(policy, inputs)

    assert set(findings) == {"recognition", "understanding"}
    evidence = findings["recognition"].evidence
    assert isinstance(evidence, Estimate)
    assert evidence.value == pytest.approx(1 / 6)
    assert "garbage" not in json.dumps(evidence.to_json()) + findings["recognition"].message + findings["recognition"].cause
    for finding in findings.values():
        assert finding.evidence is not None
        answer = recheck(policy, finding.evidence, inputs)
        assert (answer.status, answer.reason) == ("confirmed", "4 different requests were recognised again")


def test_every_number_of_the_evidence_is_checked(tmp_path: Path) -> None:
    policy, inputs = project(tmp_path)
    evidence = found(policy, inputs)["recognition"].evidence
    assert isinstance(evidence, Estimate)
    assert evidence.low is not None

    for name in ("units", "turns", "failed", "total"):
        wrong = replace(evidence, counts={**evidence.counts, name: evidence.counts[name] + 1})
        assert recheck(policy, wrong, inputs).status == "refuted", name
    for change in (
        {"value": 0.2},
        {"low": evidence.low + 0.01},
        {"low": 0.01},
        {"family": 1},
        {"confidence": 0.9},
        {"high": 0.9},
    ):
        assert recheck(policy, replace(evidence, **change), inputs).status == "refuted", change


def test_a_table_that_was_altered_is_found_out(tmp_path: Path) -> None:
    policy, inputs = project(tmp_path)
    evidence = found(policy, inputs)["recognition"].evidence
    assert evidence is not None

    def other_stage(row: dict[str, Any]) -> None:
        row["stage"] = "recognition" if row["stage"] == "understanding" else row["stage"]

    def other_run(row: dict[str, Any]) -> None:
        if row["stage"] == "understanding":
            row["heard"] = [["understanding", "Open", True, ["lamp"]], ["resolution", "{}", True, None]]

    def other_words(row: dict[str, Any]) -> None:
        row["said"] = "heard" if row["said"] == "right" else row["said"]

    for change in (other_stage, other_run, other_words):
        assert recheck(policy, evidence, altered(inputs, change)).status == "refuted", change.__name__


def test_sentences_that_changed_since_are_found_out(tmp_path: Path) -> None:
    policy, inputs = project(tmp_path)
    evidence = found(policy, inputs)["understanding"].evidence
    assert evidence is not None

    raw = inputs[DATA + "sentences.yaml"].raw.replace(b'"dim [the] {name}"', b'"dim [the] {name}", "make [the] {name} dimmer"')
    changed = {**inputs, DATA + "sentences.yaml": Source("sentences.yaml", raw)}

    assert recheck(policy, evidence, changed).status == "refuted"


def test_of_another_pipeline_the_runs_are_judged_and_that_is_said(tmp_path: Path) -> None:
    policy, inputs = project(tmp_path)
    raw = inputs[DATA + "stages.jsonl"].raw.replace(b'"pipeline":"hassil"', b'"pipeline":"url"')
    inputs[DATA + "stages.jsonl"] = Source("stages.jsonl", raw)
    evidence = found(policy, inputs)["recognition"].evidence
    assert evidence is not None

    answer = recheck(policy, evidence, inputs)

    assert answer.status == "confirmed"
    assert "was not run again" in answer.reason


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    policy, inputs = project(tmp_path, users=3)
    del inputs[DATA + "stages.jsonl"]

    with pytest.raises(UnreadableArtefact, match=r"`stages\.jsonl` is not there"):
        found(policy, inputs)
