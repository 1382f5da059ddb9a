"""Chat messages as OpenAI's interfaces and most fine-tuning sets have them: one conversation a record.

A record is `{"messages": [{"role": ..., "content": ...}, ...]}`, or the list alone; the list may be called `conversation` or
`conversations`, and messages may be `{"from": "human", "value": ...}`, as public collections of chats have them. The
conversation is called by its `conversation_id`, `session_id`, `chat_id`, `conversation_hash` or `id`, and by its
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

_lists = ("messages", "conversation", "conversations")
_names = ("conversation_id", "session_id", "thread_id", "chat_id", "conversation_hash", "id")
_roles = {
    "human": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "function_call": "assistant",
    "observation": "tool",
}
_times = ("created_at", "timestamp", "create_time", "time")
_TIMES = frozenset(_times)
_users = ("user_id", "user")


class Chat:
    """Reads chat messages; see the module."""

    name = "openai-chat"

    def recognises(self, record: Any) -> bool:
        """Whether there is a list of messages with roles."""
        messages = _messages(record)
        return bool(messages) and all(_message(m) is not None for m in messages or ())

    def events(self, record: Any) -> Iterable[Event]:
        """Return the messages of a conversation.

        Raises
        ------
        Broken
            If there is no list of messages.
        """
        messages = _messages(record)
        if messages is None:
            raise Broken("it has no list `messages`, `conversation` or `conversations`")
        about: Mapping[str, Any] = record if isinstance(record, dict) else {}
        user = _first(about, _users)
        conversation = _first(about, _names) or by_content([user, messages])
        for found in messages:
            message = _message(found)
            if message is None:
                yield Event(conversation=conversation, kind="unknown", payload={"message": found})
                continue
            named = _TIMES & message.keys()
            at = seconds(message[min(named, key=_times.index)]) if named else None
            yield Event(conversation=conversation, kind="message", at=at, payload={"user": user, **message})

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each message of the user, with all that follows it."""
        return turns_of(events, channel="chat")


def _messages(record: Any) -> list[Any] | None:
    if isinstance(record, list):
        return record
    about = record if isinstance(record, dict) else {}
    return next((about[name] for name in _lists if isinstance(about.get(name), list)), None)


def _message(found: Any) -> Mapping[str, Any] | None:
    """Return a message with its role and content; None if it is none."""
    if not isinstance(found, dict):
        return None
    if isinstance(found.get("role"), str):
        return found
    if isinstance(found.get("from"), str) and "value" in found:
        return {**found, "role": _roles.get(found["from"].lower(), found["from"]), "content": found["value"]}
    return None


def _first(about: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((text for name in names if isinstance(about.get(name), str | int) and (text := named(str(about[name])))), "")
