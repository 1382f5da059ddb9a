"""Chat messages as OpenAI's interfaces and most fine-tuning sets have them: one conversation a record.

A record is `{"messages": [{"role": ..., "content": ...}, ...]}`, or the list alone. The
conversation is called by its `conversation_id`, `session_id`, `chat_id` or `id`, and by its
content where it has none. Times, if there are any, are `created_at`, `timestamp` or `create_time` of
messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event, by_content
from probatum.dialogue.artefacts.importers.messages import turns_of
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.tables import named
from probatum.dialogue.artefacts.turn import Turn

_names = ("conversation_id", "session_id", "thread_id", "chat_id", "id")
_times = ("created_at", "timestamp", "create_time", "time")
_users = ("user_id", "user")


class Chat:
    """Reads chat messages; see the module."""

    name = "openai-chat"

    def recognises(self, record: Any) -> bool:
        """Whether there is a list of messages with roles."""
        messages = _messages(record)
        return bool(messages) and all(isinstance(m, dict) and isinstance(m.get("role"), str) for m in messages or ())

    def events(self, record: Any) -> Iterable[Event]:
        """Return the messages of a conversation.

        Raises
        ------
        Broken
            If there is no list of messages.
        """
        messages = _messages(record)
        if messages is None:
            raise Broken("it has no list `messages`")
        about: Mapping[str, Any] = record if isinstance(record, dict) else {}
        user = _first(about, _users)
        conversation = _first(about, _names) or by_content([user, messages])
        for message in messages:
            if not isinstance(message, dict) or not isinstance(message.get("role"), str):
                yield Event(conversation=conversation, kind="unknown", payload={"message": message})
                continue
            at = seconds(next((message[name] for name in _times if name in message), None))
            yield Event(conversation=conversation, kind="message", at=at, payload={"user": user, **message})

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each message of the user, with all that follows it."""
        return turns_of(events, channel="chat")


def _messages(record: Any) -> list[Any] | None:
    found = record.get("messages") if isinstance(record, dict) else record
    return found if isinstance(found, list) else None


def _first(about: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((text for name in names if isinstance(about.get(name), str | int) and (text := named(str(about[name])))), "")
