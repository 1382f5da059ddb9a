"""Any log of records, by a mapping: which column, or path of keys, holds which field of a turn.

A record is a turn, or, where `role` is mapped, a message. A path names keys and places in lists
(`meta.user.id`, `results.0.text`); what stands in a column as JSON is entered as well. Names under
`context.` become the state of the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event, by_content
from probatum.dialogue.artefacts.importers.fields import number
from probatum.dialogue.artefacts.importers.messages import as_text, text_of
from probatum.dialogue.artefacts.importers.notation import ASSISTANT, USER, Notation
from probatum.dialogue.artefacts.importers.spans import parsed, signal_of
from probatum.dialogue.artefacts.tables import named
from probatum.dialogue.artefacts.turn import Hypothesis, Signal, Stage, Turn
from probatum.source import digest_of

# Fields of a turn that a mapping may name, besides `context.` and anything.
FIELDS = (
    "conversation", "turn", "user", "device", "household", "asked_at", "answered_at", "role", "text", "hypotheses", "rewritten",
    "rewrite", "policy", "arm", "propensity", "domain", "intent", "slots", "confidence", "response", "interrupted_ms", "feedback", "error",
    "locale", "channel",
)  # fmt: skip  # a list of names, in the order of the turn's fields
NAME = "mapping"
_texts = ("user", "device", "household", "rewritten", "rewrite", "policy", "arm", "domain", "intent", "locale", "channel")
_CONTEXT = "context."
_SHORT = 40  # characters of a role that is told


class Mapped:
    """Reads records by a mapping; see the module."""

    def __init__(self, mapping: Mapping[str, str], notation: Notation | None = None) -> None:
        """Read by `mapping`: field of a turn -> column or path; values are written by `notation`, None for the usual one."""
        self._paths = dict(mapping)
        self._notation = notation or Notation()
        read: Any = [self._paths, asdict(notation)] if notation else self._paths
        self.name = f"{NAME}-{digest_of(read)[:8]}"  # conversations go on only where they are read alike

    def recognises(self, record: Any) -> bool:
        """Whether the text is there; never asked where formats are told apart."""
        return isinstance(record, dict) and _at(record, self._paths.get("text", "text")) is not None

    def events(self, record: Any) -> Iterable[Event]:
        """Return the turn, or the message, of a record.

        Raises
        ------
        Broken
            If it has no columns, or none that the mapping names, or a role that the notation does not know.
        """
        if not isinstance(record, dict):
            raise Broken("it is no record with columns")
        found = {field: value for field, path in self._paths.items() if (value := _at(record, path)) not in (None, "")}
        if not found:
            there = ", ".join(f"`{name[:40]}`" for name in list(record)[:8])
            raise Broken(f"it has none of the columns that the mapping names, but {there or 'no column'}")
        if "role" in self._paths and not self._notation.role(found.get("role")):
            word = as_text(found.get("role"))
            raise Broken(
                f"its role `{word}` is none of `roles`" if 0 < len(word) <= _SHORT else "it has no role that `roles` names"
            )
        at = self._notation.seconds(found.get("asked_at"))
        # Without a conversation, what a user says on a device is one; sessions part it by its silences.
        names = [named(as_text(found.get(field))) for field in ("conversation", "user", "device")]
        conversation = names[0] or "/".join(part for part in names[1:] if part) or by_content(as_text(record))
        yield Event(conversation=conversation, kind="record", at=at, payload=found)

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each record, or for each message of a user with all that follows it."""
        ordered = list(events)
        if all(number(event.payload.get("turn")) is not None for _, event in ordered):
            ordered.sort(key=lambda one: number(one[1].payload["turn"]) or 0.0)
        if "role" not in self._paths:
            yield from (self._turn(line, event, "error" in self._paths) for line, event in ordered)
            return
        turn: Turn | None = None
        for line, event in ordered:
            role = self._notation.role(event.payload.get("role"))
            if role == USER:
                if turn is not None:
                    yield turn
                turn = self._turn(line, event, "error" in self._paths)
            elif turn is not None and role == ASSISTANT:
                turn = _answered(turn, event, self._turn(0, event, "error" in event.payload))
        if turn is not None:
            yield turn

    def _turn(self, line: int, event: Event, errors: bool) -> Turn:
        return _turn(line, event, errors, self._notation.seconds(event.payload.get("answered_at")))


def _answered(turn: Turn, event: Event, own: Turn) -> Turn:
    """Return the turn, with a message that is not a user's, and what that is by itself."""
    first = turn.answered_at if turn.answered_at is not None else event.at
    return replace(
        turn,
        answered_at=first if own.text else turn.answered_at,
        response="\n".join(part for part in (turn.response, own.text) if part),
        intent=turn.intent or own.intent,
        signals=(*turn.signals, *own.signals),
        stages=tuple({stage.name: stage for stage in (*turn.stages, *own.stages)}.values()),
    )


def _turn(line: int, event: Event, errors: bool, answered_at: float | None) -> Turn:
    of = event.payload
    confidence, propensity = number(of.get("confidence")), number(of.get("propensity"))
    stages: list[Stage] = []
    if confidence is not None and 0 <= confidence <= 1:
        stages.append(Stage(name="understanding", confidence=confidence, output=as_text(of.get("intent"))))
    if errors:
        error = of.get("error")
        failed = error not in (None, "", False, 0) and as_text(error).strip().lower() not in ("false", "0", "none", "null", "ok")
        stages.append(Stage(name="result", ok=not failed, code=("error" if error is True else as_text(error)) if failed else ""))
    interrupted = of.get("interrupted_ms")
    plain: dict[str, Any] = {field: as_text(of.get(field)) for field in _texts}
    return Turn(
        conversation=event.conversation,
        asked_at=event.at,
        answered_at=answered_at,
        text=text_of(of.get("text")) or as_text(of.get("text")),
        hypotheses=tuple(_hypotheses(parsed(of.get("hypotheses")))),
        propensity=propensity if propensity is not None and 0 <= propensity <= 1 else None,
        slots=tuple(_slots(parsed(of.get("slots")))),
        response=text_of(of.get("response")) or as_text(of.get("response")),
        interrupted_ms=0.0 if interrupted is True else number(interrupted),
        stages=tuple(stages),
        signals=tuple(_feedback(of.get("feedback"))),
        context=tuple(
            sorted((key.removeprefix(_CONTEXT), as_text(value)) for key, value in of.items() if key.startswith(_CONTEXT))
        ),
        line=line,
        **plain,
    )


def _feedback(value: Any) -> Iterator[Signal]:
    if isinstance(value, bool):
        yield Signal(kind="thumbs", value=1.0 if value else -1.0, source="person")
    elif isinstance(value, str | int | float):
        yield signal_of({"name": "feedback", "value": value, "source": "person"})


def _hypotheses(value: Any) -> Iterator[Hypothesis]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one:
            yield Hypothesis(text=one)
        elif isinstance(one, dict):
            text = next((one[key] for key in ("text", "transcript", "hyp", "utterance") if isinstance(one.get(key), str)), "")
            score = next((number(one[key]) for key in ("score", "confidence", "probability") if key in one), None)
            if text:
                yield Hypothesis(text=text, score=score)


def _slots(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((str(name), as_text(inner)) for name, inner in value.items())
        return
    for one in value if isinstance(value, list) else ([value] if value not in (None, "") else []):
        if isinstance(one, dict):
            name = next((as_text(one[key]) for key in ("name", "entity", "slot", "type") if key in one), "")
            yield name, as_text(next((one[key] for key in ("value", "text", "id") if key in one), None))
        elif isinstance(one, list) and len(one) == 2:
            yield as_text(one[0]), as_text(one[1])
        else:
            yield "", as_text(one)


def _at(record: Mapping[str, Any], path: str) -> Any:
    """Return what a path leads to: a column of that name, or key by key; None if nothing does."""
    if path in record:
        return record[path]
    value: Any = record
    for step in path.split("."):
        value = parsed(value)
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
