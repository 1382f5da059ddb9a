"""The failing stages of SLURP: what a log would show of each recording, and the stage that replay gives it.

Labels are derived as the data's README says: HerMiT's output on the text of Google's recogniser, its output on the true text, and the true
meaning; they are those of definition B. A log would have the first of these three alone, and only that makes signs here: what was understood
(scenario, action, entities with their words as they were heard), which microphone it was (the name of the file ends in `-headset`), what was
understood from the other microphone that heard the same request (the same file without the ending; a home with two devices logs as much), and
in how many other requests of the log the same was understood. The true text, what was understood from it, the true meaning, the
word errors (which another recogniser made, and which need the true text) and which recordings are of the same sentence make no signs. The text that was
heard is not published; the words of entities are all that is known of it.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rephrase_corpus import DATA

from probatum.dialogue.artefacts.turn import Stage
from probatum.dialogue.semantics.stage_signs import Seen

_USUAL = ("meaning", "slots", "intent", "kinds", "value", "word")
LABELS = ("correct", "recognition", "understanding", "resolution")
Slots = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording.

    Attributes
    ----------
    sentence : str
        Number of the sentence, for grouping alone.
    label : str
    seen : Seen
    """

    sentence: str
    label: str
    seen: Seen


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / "slurp" / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _meaning(said: Mapping[str, Any]) -> tuple[str, Slots]:
    slots = tuple(sorted((one["type"], one["filler"].lower()) for one in said["entities"]))
    return f"{said['scenario']}_{said['action']}", slots


def _true(said: Mapping[str, Any]) -> tuple[str, Slots]:
    words = [token["surface"].lower() for token in said["tokens"]]
    slots = tuple(sorted((one["type"], " ".join(words[at] for at in one["span"])) for one in said["entities"]))
    return f"{said['scenario']}_{said['action']}", slots


def recordings() -> list[Recording]:
    """Return all recordings of the test part."""
    sentences = {str(one["slurp_id"]): one for one in _lines("test.jsonl.gz")}
    of = {record["file"]: number for number, one in sentences.items() for record in one["recordings"]}
    on_text = {str(one["slurp_id"]): _meaning(one) for one in _lines("gold_hermit_predictions.jsonl.gz")}
    heard = [(one["file"], _meaning(one)) for one in _lines("google_hermit_predictions.jsonl.gz") if one["file"] in of]
    spoken: dict[str, list[tuple[str, tuple[str, Slots]]]] = defaultdict(list)
    where: dict[Hashable, set[str]] = defaultdict(set)
    for file, meaning in heard:
        moment = file.replace("-headset", "")
        spoken[moment].append((file, meaning))
        for part in _parts(meaning).values():
            for key in part:
                where[key].add(moment)
    found = []
    for file, (intent, slots) in heard:
        number, moment = of[file], file.replace("-headset", "")
        usual = {
            name: float(min(len(where[key] - {moment}) for key in keys)) for name, keys in _parts((intent, slots)).items() if keys
        }
        seen = Seen(
            text=None,
            intent=intent,
            slots=slots,
            stages=(Stage(name="understanding", ok=True, output=intent),),
            others=tuple(meaning for other, meaning in spoken[moment] if other != file),
            context={"microphone": "near" if "-headset" in file else "far"},
            usual=usual,
        )
        label = _label((intent, slots), on_text[number], _true(sentences[number]))
        found.append(Recording(sentence=number, label=label, seen=seen))
    return found


def _parts(meaning: tuple[str, Slots]) -> dict[str, list[Hashable]]:
    intent, slots = meaning
    return {
        "meaning": [("meaning", intent, slots)],
        "slots": [("slots", slots)],
        "intent": [("intent", intent)],
        "kinds": [("kinds", intent, tuple(name for name, _ in slots))],
        "value": [("value", name, value) for name, value in slots],
        "word": [("word", word) for _, value in slots for word in value.split()],
    }


def _label(heard: tuple[str, Slots], text: tuple[str, Slots], true: tuple[str, Slots]) -> str:
    if heard == true:
        return "correct"
    if text == true:
        return "recognition"
    return "understanding" if text[0] != true[0] else "resolution"


def own_numbers(seen: list[Seen]) -> NDArray[np.float64]:
    """Return what only SLURP has as numbers, for trees: the intent, the microphone, counts, agreement, and how usual each part is."""
    intents = {name: n for n, name in enumerate(sorted({one.intent for one in seen}))}
    kinds = sorted({name for one in seen for name, _ in one.slots})
    rows = []
    for one in seen:
        other = one.others[0] if one.others else None
        agrees = [np.nan] * 3 if other is None else [
            float(other[0] == one.intent), float(other[1] == one.slots),
            float([name for name, _ in other[1]] == [name for name, _ in one.slots]),
        ]  # fmt: skip  # one quantity each
        many = Counter(name for name, _ in one.slots)
        rows.append([
            float(intents[one.intent]), float(one.context["microphone"] == "near"), float(len(one.slots)),
            float(sum(len(value.split()) for _, value in one.slots)), float(max((len(value) for _, value in one.slots), default=0)),
            *agrees, *(np.log1p(one.usual.get(name, 50.0)) for name in _USUAL), *(float(many[kind]) for kind in kinds),
        ])  # fmt: skip  # as above
    return np.array(rows)
