"""Labels of what was meant as training data, in the formats in which assistants take it.

Texts that fewer users than a threshold said stay out, and so do values of slots: what one person says belongs to no training
data that others see.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts.policy import Privacy
from probatum.dialogue.model.projection import Slot, tags
from probatum.errors import UnreadableArtefact
from probatum.source import Location

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

SCHEMA = "probatum-dialogue-labels/1"


@dataclass(frozen=True, slots=True)
class Trained:
    """An example.

    Attributes
    ----------
    text : str
        In normal form.
    intent : str
        "" where only the slots are known.
    slots : tuple of Slot
    p : float
        The least of its labels.
    users : int
        Who said the text, over all turns.
    """

    text: str
    intent: str
    slots: tuple[Slot, ...]
    p: float
    users: int


@dataclass(frozen=True, slots=True)
class Examples:
    """What labels give.

    Attributes
    ----------
    kept : list of Trained
        Each text with each of its meanings once, by intent and text; with slots alone where it has no meaning.
    private : int
        Labels whose text, or a value of whose slots, too few users said.
    gone : int
        Labels of turns that are not in the conversations.
    """

    kept: list[Trained]
    private: int
    gone: int


def read_labels(raw: bytes, path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read a table of labels: its head, and the labels.

    Raises
    ------
    UnreadableArtefact
        If it is none.
    """
    rows = []
    for number, line in enumerate(raw.splitlines(), start=1):
        try:
            row = json.loads(line.decode("utf-8"))
            right = row["schema"] == SCHEMA if number == 1 else _label(row)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            right = False
        if not right:
            raise UnreadableArtefact(
                f"line {number} of `{path}` is {'not the head of a table of labels' if number == 1 else 'no label'}",
                help="write labels with `probatum dialogue label turns`",
                location=Location(path, number),
            )
        rows.append(row)
    if not rows:
        raise UnreadableArtefact(
            f"`{path}` is empty", help="write labels with `probatum dialogue label turns`", location=Location(path)
        )
    return rows[0], rows[1:]


def _label(row: Any) -> bool:
    slots = row.get("slots", [])
    return (
        all(isinstance(row[name], str) for name in ("turn", "task", "value"))
        and isinstance(row.get("p", 0.0), int | float)
        and isinstance(slots, list)
        and all(isinstance(one["name"], str) and isinstance(one["value"], str) for one in slots)
        and all(isinstance(one.get(end, -1), int) for one in slots for end in ("begin", "end"))
    )


def examples(conversations: Conversations, rows: Iterable[Mapping[str, Any]], privacy: Privacy) -> Examples:
    """Return what may be trained on, of labels that were released."""
    texts = {row["turn"]: row for row in conversations.sql(_texts)}
    kept: dict[tuple[str, str, tuple[tuple[str, str], ...]], Trained] = {}
    said: dict[str, set[str]] = {}  # words of slots -> users
    released = [row for row in rows if row["task"] in ("meaning", "slots") and row.get("released")]
    for row in released:
        for slot in row.get("slots", ()):
            said.setdefault(str(slot["value"]).casefold(), set()).add(texts[row["turn"]]["user"] if row["turn"] in texts else "")
    private = gone = 0
    for row in released:
        own = texts.get(row["turn"])
        if own is None:
            gone += 1
            continue
        slots = tuple(
            Slot(str(s["name"]), str(s["value"]), int(s.get("begin", -1)), int(s.get("end", -1))) for s in row.get("slots", ())
        )
        few = own["users"] < privacy.users or own["households"] < privacy.households
        if few or any(len(said[slot.value.casefold()]) < privacy.users for slot in slots):
            private += 1
            continue
        intent = row["value"] if row["task"] == "meaning" else ""
        key = (own["text"], intent, tuple((slot.name, slot.value) for slot in slots))
        before = kept.get(key)
        p = float(row.get("p", 0.0))
        kept[key] = Trained(own["text"], intent, slots, min(p, before.p) if before else p, own["users"])
    meant = {one.text for one in kept.values() if one.intent}
    of_use = [one for one in kept.values() if one.intent or one.text not in meant]
    return Examples(
        sorted(of_use, key=lambda one: (one.intent, one.text, one.slots[0].value if one.slots else "")), private, gone
    )


_texts = """
    with said as (
      select text_id, count(distinct coalesce(user_id, conversation_id)) as users,
             count(distinct coalesce(household_id, user_id, conversation_id)) as households from {turns} group by text_id
    )
    select t.turn_id as turn, x.normalised as text, coalesce(t.user_id, t.conversation_id) as user, s.users, s.households
    from {turns} t join said s using (text_id) join {texts} x using (text_id)"""


def with_intent(kept: Sequence[Trained]) -> list[Trained]:
    """Return examples of which more is known than slots."""
    return [one for one in kept if one.intent]


def rasa(kept: Sequence[Trained]) -> str:
    """Return training data for Rasa 3, with the words of slots marked. What has no intent has no place in it."""
    found: dict[str, list[str]] = {}
    for one in with_intent(kept):
        found.setdefault(one.intent, []).append(_marked(one))
    lines = ['version: "3.1"', "nlu:" if found else "nlu: []"]
    for intent, sentences in sorted(found.items()):
        lines += [f"- intent: {_quoted(intent)}", "  examples: |", *(f"    - {text}" for text in dict.fromkeys(sentences))]
    return "\n".join(lines) + "\n"


def jsonl(kept: Sequence[Trained]) -> str:
    """Return JSON lines with text, intent (null where only slots are known), slots and the probability, and a tag for each word."""
    return "".join(
        json.dumps(
            {
                "text": one.text,
                "intent": one.intent or None,
                "slots": {slot.name: slot.value for slot in one.slots},
                "tags": tags(one.slots, one.text),
                "p": one.p,
            },
            ensure_ascii=False,
        )
        + "\n"
        for one in kept
    )


def table(kept: Sequence[Trained]) -> str:
    """Return CSV with the columns text, intent, slots (JSON) and p."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("text", "intent", "slots", "p"))
    for one in kept:
        slots = json.dumps({slot.name: slot.value for slot in one.slots}, ensure_ascii=False)
        writer.writerow((_cell(one.text), _cell(one.intent), slots, one.p))
    return out.getvalue()


def home_assistant(kept: Sequence[Trained]) -> str:
    """Return custom sentences for Home Assistant, with slots as they were executed. What has no intent has no place in it."""
    found: dict[str, list[Trained]] = {}
    for one in with_intent(kept):
        found.setdefault(one.intent, []).append(one)
    lines = ["language: en", "intents:" if found else "intents: {}"]
    for intent, own in sorted(found.items()):
        lines += [f"  {_quoted(intent)}:", "    data:"]
        for one in own:
            plain = "".join(" " if character in "[](){}|<>" else character for character in one.text)
            lines.append(f"      - sentences: [{_quoted(plain)}]")
            if one.slots:
                lines += ["        slots:", *(f"          {_quoted(slot.name)}: {_quoted(slot.value)}" for slot in one.slots)]
    return "\n".join(lines) + "\n"


FORMATS: dict[str, tuple[str, Callable[[Sequence[Trained]], str]]] = {
    "rasa": ("training examples, slots marked", rasa),
    "jsonl": ("text, intent, slots, tags of words, p", jsonl),
    "csv": ("text, intent, slots, p", table),
    "home-assistant": ("custom sentences", home_assistant),
}


def _marked(one: Trained) -> str:
    words = [_plain(word) for word in one.text.split()]
    for slot in sorted(one.slots, key=lambda slot: -slot.begin):
        if slot.begin < 0:
            continue
        own = " ".join(words[slot.begin : slot.end])
        said = (
            f"[{own}]({slot.name})"
            if own == slot.value
            else f'[{own}]{{"entity": "{slot.name}", "value": {_quoted(slot.value)}}}'
        )
        words[slot.begin : slot.end] = [said]
    return " ".join(words)


def _plain(word: str) -> str:
    """Return a word without what has a meaning in Rasa's examples."""
    return "".join(character for character in word if character not in "[](){}\\")


def _cell(text: str) -> str:
    # A spreadsheet takes such a cell for a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _quoted(text: str) -> str:
    # A JSON string is a YAML string.
    return json.dumps(text, ensure_ascii=False)
