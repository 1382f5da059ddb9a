"""A stage that fails by replay: the runs are judged once more, and run once more where the pipeline is in the project.

Own few lines: sentences are recognised here by `hassil` itself, and what was wrong is read off the runs that the table keeps. Other pipelines
are elsewhere, and their runs are taken as they were written; the answer says so.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from probatum.dialogue.artefacts import Policy, beside
from probatum.dialogue.artefacts.requirements.stage_fails import StageFailsRequirement
from probatum.dialogue.recheck.told import stage_lines
from probatum.dialogue.semantics.conversations import Conversations, opened
from probatum.dialogue.semantics.replayed import misheard
from probatum.errors import ProbatumError
from probatum.evidence import Estimate, Evidence, Recheck
from probatum.source import DATA, Data, Source

_NEAR = 1e-9
_Text: TypeAlias = tuple[str, list[str], dict[str, str]]
_MOST = 200  # different texts that are recognised again


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute in which share of turns a stage failed, by replay."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "how often a stage fails is an estimate")
    counts = evidence.counts
    requirement = next((r for r in policy.of_kind(StageFailsRequirement) if r.id == counts["requirement"]), None)
    if requirement is None or requirement.stage not in ("", counts["stage"]):
        return Recheck("refuted", "the policy does not require it")
    head, *rows = (json.loads(line) for line in stage_lines(policy, inputs) if line.strip())
    stages = head["stages"]
    with opened(policy, inputs) as conversations:
        isolated = [row for row in rows if row["by"] == "replay" and row["stage"] in stages]
        texts = _texts(conversations, isolated)
        for row in isolated:
            wrong = _misjudged(row, texts, stages)
            if wrong:
                return Recheck("refuted", f"of the request `{row['turn']}`, {wrong}")
        total, units, turns, failed = _counted(conversations, {row["turn"]: row["stage"] for row in isolated}, counts["stage"])
    if (units, turns, failed) != (counts["units"], counts["turns"], counts["failed"]) or abs(total - counts["total"]) > 1e-6:
        return Recheck("refuted", f"it failed in {failed} of {turns} turns of {units}, {total:.6f} in all")
    family = 1 if requirement.stage else len({row["stage"] for row in isolated})
    mean = total / units
    if abs(mean - evidence.value) > _NEAR or evidence.family != family or abs(evidence.confidence - (1 - policy.alpha)) > _NEAR:
        return Recheck("refuted", f"the mean is {mean:.6f}, for {family} stages together")
    if evidence.low is None or evidence.high is not None or not requirement.bound < evidence.low <= mean:
        return Recheck("refuted", "the bound does not show what is claimed")
    d = sum(p * math.log(p / q) for p, q in ((mean, evidence.low), (1 - mean, 1 - evidence.low)) if p > 0)
    if units * d < math.log(family / policy.alpha) - 1e-6:
        return Recheck("refuted", f"the bound {evidence.low:.6f} is too near to the mean")
    if head["pipeline"] != "hassil":
        return Recheck(
            "confirmed", "judged from the runs that the table keeps; its pipeline is not in the project and was not run again"
        )
    return _run_again(policy, inputs, head, isolated, texts)


def _texts(conversations: Conversations, rows: Sequence[Mapping[str, Any]]) -> dict[str, _Text]:
    """Return the text of each turn that is named, the other ways to hear it, and its context."""
    named = [turn for row in rows for turn in (row["turn"], row["right_turn"])]
    words = {row["text_id"]: row["normalised"] for row in conversations.sql("select text_id, normalised from {texts}")}
    query = "select turn_id, text_id, hypotheses, context from {turns} where list_contains($named, turn_id)"
    return {
        row["turn_id"]: (
            words.get(row["text_id"], ""),
            [words.get(one["text_id"], "") for one in row["hypotheses"] or ()],
            {one["name"]: one["value"] for one in row["context"] or ()},
        )
        for row in conversations.sql(query, named=named)
    }


def _misjudged(row: Mapping[str, Any], texts: Mapping[str, _Text], stages: Sequence[str]) -> str:
    """Return what is not as the table says; "" if all is."""
    if row["turn"] not in texts or row["right_turn"] not in texts or row["heard"] is None or row["right"] is None:
        return "the logs or the table lack a run"
    heard, others, _ = texts[row["turn"]]
    whole = texts[row["right_turn"]][0]
    rights = [whole, *(" ".join(whole.split()[at:]) for at in (1, 2))]  # without what corrects: "no ..."
    sounds = next((right for right in rights if misheard(heard, right, others)), "")
    if (
        (row["said"] == "right" and not sounds)
        or (row["said"] == "other" and not others)
        or row["said"] not in ("heard", "right", "other")
    ):
        return "something else was said"
    spoken = {"heard": [heard], "right": rights, "other": others}[row["said"]]
    got = {stage: (value, mentions) for stage, value, _, mentions in row["heard"]}
    should = {stage: (value, mentions) for stage, value, _, mentions in row["right"]}
    if not all(ok for _, _, ok, _ in row["right"]) or len(should) != len(stages) - 3:
        return "the right words were not done either"
    wrong = [False, row["said"] != "heard"]
    for stage, (value, mentions) in should.items():
        same = stage in got and got[stage][0] == value
        own = got[stage][1] if same else None
        foreign = (
            own is not None
            and mentions is not None
            and own != mentions
            and not any(all(f" {m} " in f" {said} " for m in own) for said in spoken)
        )
        wrong.append(not same or foreign)
    wrong.append(True)
    start = max((at for at, bad in enumerate(wrong) if not bad), default=-1) + 1
    return "" if stages[start] == row["stage"] else f"`{stages[start]}` failed, by its runs"


def _counted(conversations: Conversations, told: Mapping[str, str], stage: str) -> tuple[float, int, int, int]:
    units: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for batch in conversations.stream("select turn_id, coalesce(user_id, conversation_id) as unit from {turns}"):
        for row in batch:
            own = units[row["unit"]]
            own[0] += told.get(row["turn_id"]) == stage
            own[1] += 1
    return (
        math.fsum(bad / every for bad, every in units.values()),
        len(units),
        sum(every for _, every in units.values()),
        sum(bad for bad, _ in units.values()),
    )


def _run_again(
    policy: Policy,
    inputs: Mapping[str, Source],
    head: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    texts: Mapping[str, _Text],
) -> Recheck:
    """Recognise what was heard and the right words once more: the same intents, and recognised where it says so."""
    try:
        from hassil import Intents, recognize_best
        from hassil.util import merge_dict
    except ImportError:
        return Recheck("cannot", "`hassil` is not installed, so nothing can be run again")
    assistant = policy.assistant
    every: dict[str, Any] = {"language": "en", "intents": {}, "lists": {}}
    files = {name: () if assistant is None else assistant.options.get(name, ()) for name in ("sentences", "lists")}
    language = (
        ("" if files["sentences"] else "en")
        if assistant is None
        else assistant.options.get("language", ("" if files["sentences"] else "en",))[0]
    )
    if language:
        from home_assistant_intents import get_intents

        merge_dict(every, get_intents(language) or {})
    try:
        for path in files["sentences"]:
            merge_dict(every, _document(policy, inputs, path))
        lists = [_document(policy, inputs, path) for path in files["lists"]]
    except LookupError:
        return Recheck(
            "confirmed",
            "judged from the runs that the table keeps; its sentences are no files of the policy, and were not run again",
        )
    names: dict[str, Any] = {name: values for one in lists for name, values in one.get("lists", one).items()}
    for name in ("name", "area", "floor"):
        if name not in every["lists"] and name not in names:
            names[name] = () if files["lists"] else head["names"].get(name, ())
    every["lists"] |= {name: {"values": list(_listed(name, values))} for name, values in names.items()}
    intents = Intents.from_dict(every)
    runs = {
        (text, _room(texts, row["turn"]), json.dumps(row[which]))
        for row in rows
        for which, text in (("heard", texts[row["turn"]][0]), ("right", texts[row["right_turn"]][0]))
    }
    checked = sorted(runs)[:_MOST]
    for text, room, run in checked:
        outputs = json.loads(run)
        done = len(outputs) > 1 and all(ok for _, _, ok, _ in outputs)
        context = {"area": room} if room else None
        # Of right words, what corrects ("no ...") was left out.
        found = [
            recognize_best(part, intents, slot_lists=intents.slot_lists, intent_context=context, best_slot_name="name")
            for part in (text, *(" ".join(text.split()[at:]) for at in (1, 2)))
        ]
        named = {one.intent.name for one in found if one is not None}
        if (done and outputs[0][1] not in named) or (not done and found[0] is not None):
            return Recheck("refuted", "a request is recognised otherwise when it is run again")
    return Recheck("confirmed", f"{len(checked):,} different requests were recognised again")


def _room(texts: Mapping[str, _Text], turn: str) -> str:
    return next((value for name in ("area", "room", "preferred_area_id") if (value := texts[turn][2].get(name))), "")


def _document(policy: Policy, inputs: Mapping[str, Source], path: str) -> dict[str, Any]:
    from probatum.project.document import parse

    source = inputs[DATA + str(beside(policy.location.path, path))]
    raw = Path(source.place).read_bytes() if isinstance(source, Data) else source.raw
    found = parse(Source(source.path, raw).text(), extra="dialogue").plain()
    if not isinstance(found, dict):
        raise ProbatumError(f"`{path}` is no file of sentences", help="write it again")
    return found


def _listed(name: str, values: Any) -> Iterator[dict[str, Any]]:
    items = values.get("values", []) if isinstance(values, dict) else values
    for one in items:
        value = dict(one) if isinstance(one, dict) else {"in": str(one), "out": str(one)}
        if name == "name" and "context" not in value:
            yield from (
                {**value, "context": {"domain": domain}}
                for domain in ("light", "switch", "fan", "cover", "climate", "media_player", "lock")
            )
        else:
            yield value
