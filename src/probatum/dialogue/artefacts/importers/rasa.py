"""Rasa: trackers, lines of the event broker, and rows of the tracker store.

A tracker is `{"sender_id": ..., "events": [...]}`; the event broker writes events with a
`sender_id`; the SQL tracker store keeps each event as JSON in the column `data`. Kinds of
events are those of `rasa.shared.core.events` (`type_name`), and those of flows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event
from probatum.dialogue.artefacts.importers.fields import mapping, share
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.turn import Signal, Stage, ToolCall, Turn

# Kinds that tell how a turn went.
_kinds = frozenset(
    {
        "user", "bot", "action", "action_execution_rejected", "rewind", "undo", "pause", "agent", "flow_started",
        "flow_cancelled", "session_ended",
    }
)  # fmt: skip  # a list of names
# Kinds that do not, but are known.
_silent = frozenset(
    {
        "user_featurization", "slot", "entities", "session_started", "restart", "reset_slots", "reminder", "cancel_reminder",
        "resume", "followup", "export", "active_loop", "loop_interrupted", "form", "form_validation", "hide_rule_turn", "stack",
        "flow_completed", "flow_interrupted", "flow_resumed", "routing_session_ended", "slot_set", "user_utterance_reverted",
        "dialogue_stack_updated", "internal",
    }
)  # fmt: skip  # a list of names
_fallbacks = frozenset(
    {"action_default_fallback", "action_unlikely_intent", "action_default_ask_rephrase", "action_default_ask_affirmation"}
)
_own = frozenset(
    {
        "action_listen", "action_restart", "action_session_start", "action_deactivate_loop", "action_revert_fallback_events",
        "action_back", "action_extract_slots", "action_two_stage_fallback", "action_send_text", "action_run_slot_rejections",
    }
)  # fmt: skip  # actions of Rasa itself: they call nothing
_starts = ("/session_start", "/restart")


class Rasa:
    """Reads events of Rasa; see the module."""

    name = "rasa"

    def recognises(self, record: Any) -> bool:
        """Whether it is a tracker, or an event with its sender."""
        if not isinstance(record, dict) or not isinstance(record.get("sender_id"), str | int):
            return False
        if isinstance(record.get("events"), list):
            return True
        return isinstance(record.get("event"), str) or ("type_name" in record and "data" in record)

    def events(self, record: Any) -> Iterable[Event]:
        """Return the events of a tracker, a line or a row.

        Raises
        ------
        Broken
            If it is none of them.
        """
        if not isinstance(record, dict) or not isinstance(record.get("sender_id"), str | int):
            raise Broken("it has no `sender_id`")
        sender = str(record["sender_id"])
        held = record.get("events")
        if isinstance(held, list):
            for one in held:
                yield from _event(sender, one)
        elif "event" in record:
            yield from _event(sender, record)
        elif "data" in record:
            data = record["data"]
            try:
                yield from _event(sender, json.loads(data) if isinstance(data, str) else data)
            except ValueError:
                raise Broken("its `data` is not JSON") from None
        else:
            raise Broken("it has neither `event` nor `events` nor `data`")

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each message of the user, with what the bot did next."""
        turn: _Open | None = None
        for line, event in events:
            if event.kind == "user":
                if turn is not None:
                    yield turn.closed()
                    turn = None
                if event.payload.get("text") not in _starts:
                    turn = _Open(line, event)
            elif turn is not None:
                turn.follows(event)
        if turn is not None:
            yield turn.closed()


def _event(sender: str, one: Any) -> Iterator[Event]:
    kind = one.get("event") if isinstance(one, dict) else None
    if isinstance(kind, str) and kind in _silent:
        return
    known = isinstance(kind, str) and kind in _kinds
    payload = {key: value for key, value in one.items() if key != "sender_id"} if isinstance(one, dict) else {"event": one}
    at = seconds(one.get("timestamp")) if isinstance(one, dict) else None
    yield Event(conversation=sender, kind=str(kind) if known else "unknown", at=at, payload=payload)


@dataclass(slots=True)
class _Open:
    """A turn that is being put together."""

    line: int
    said: Event
    answered: float | None = None
    response: list[str] = field(default_factory=list)
    tools: list[ToolCall] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    flow: str = ""
    failed: str = ""  # the fallback that was taken

    def follows(self, event: Event) -> None:
        """Take what happened next."""
        of = event.payload
        named = of.get("name")
        name = named if isinstance(named, str) else ""
        if event.kind == "bot":
            text = _shown(of)
            if text:
                self.response.append(text)
                self.answered = self.answered if self.answered is not None else event.at
        elif event.kind == "action" and name in _fallbacks:
            self.failed = self.failed or name
        elif event.kind == "action" and name.startswith(("action_", "validate_")) and name not in _own:
            self.tools.append(ToolCall(name=name))
        elif event.kind == "action_execution_rejected" and name:
            self.tools.append(ToolCall(name=name, ok=False, error="rejected"))
        elif event.kind in ("rewind", "undo"):
            self.signals.append(Signal(kind="reverted"))
        elif event.kind in ("pause", "agent"):
            self.signals.append(Signal(kind="escalated"))
        elif event.kind == "flow_cancelled":
            self.signals.append(Signal(kind="cancelled"))
        elif event.kind == "flow_started":
            self.flow = self.flow or str(of.get("flow_id") or "")

    def closed(self) -> Turn:
        """Return it."""
        of = self.said.payload
        parsed = mapping(of.get("parse_data"))
        intent = mapping(parsed.get("intent"))
        named = str(intent.get("name") or "") or self.flow
        confidence = share(intent.get("confidence"))
        listed = parsed.get("commands")
        commands = [c for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
        bad = next((str(c["command"]) for c in commands if c.get("command") in ("error", "cannot handle")), "")
        failed = self.failed or bad or (named if named in ("nlu_fallback", "out_of_scope") else "")
        understood = None if not (named or failed) else not failed
        stages = (
            (Stage(name="understanding", ok=understood, confidence=confidence, code=failed, output=named),)
            if understood is not None
            else ()
        )
        metadata = mapping(of.get("metadata"))
        language = next((metadata[k] for k in ("locale", "language", "lang") if isinstance(metadata.get(k), str)), "")
        return Turn(
            conversation=self.said.conversation,
            user=str(metadata.get("user_id") or self.said.conversation),
            asked_at=self.said.at,
            answered_at=self.answered,
            text=of["text"] if isinstance(of.get("text"), str) else "",
            intent=named,
            slots=tuple(_entities(parsed.get("entities"))),
            response="\n".join(self.response),
            stages=stages,
            tools=tuple(self.tools),
            signals=tuple(self.signals),
            locale=language,
            channel=str(of.get("input_channel") or ""),
            line=self.line,
        )


def _shown(bot: Mapping[str, Any]) -> str:
    """Return what a bot's message shows: its text, the titles of its buttons, what an own channel was sent."""
    data = mapping(bot.get("data"))
    listed = data.get("buttons")
    buttons = [mapping(b).get("title") for b in listed] if isinstance(listed, list) else []
    own = [as_text(data["custom"])] if data.get("custom") else []
    return "\n".join(part for part in [bot.get("text") or "", *buttons, *own] if isinstance(part, str) and part)


def _entities(entities: Any) -> Iterator[tuple[str, str]]:
    for one in entities if isinstance(entities, list) else ():
        if isinstance(one, dict) and isinstance(one.get("entity"), str):
            role = f".{one['role']}" if isinstance(one.get("role"), str) else ""
            yield f"{one['entity']}{role}", as_text(one.get("value"))
