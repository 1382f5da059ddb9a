"""Sentences as `hassil` recognises them: those of Home Assistant, and those of a user.

Understanding is the intent, resolution what the names and numbers of the request stand for in the lists. A name that no
list has is a request that is understood and not resolved, as in Home Assistant.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from probatum.dialogue.semantics.pipelines import Asked, Output, Run, Unanswered
from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.source import Location, digest_of

_ROOMS = ("area", "room", "preferred_area_id")
_NAMED = ("name", "area", "floor")
# Sentences of Home Assistant ask of which sort a thing is; one of which that is not said may be of any.
_DOMAINS = (
    "light", "switch", "fan", "cover", "climate", "lock", "media_player", "vacuum", "scene", "script", "sensor", "binary_sensor", "todo",
    "valve", "lawn_mower", "input_boolean", "automation", "person", "weather",
)  # fmt: skip  # names


class Grammar:
    """Understands by sentences.

    Parameters
    ----------
    sentences : sequence of mapping
        Files of sentences, as they were read: `intents`, `lists`, `expansion_rules`, `skip_words`.
    lists : sequence of mapping
        Files of lists: name of a list -> its values, each a text or `{in, out, context}`.
    language : str
        Of the sentences of Home Assistant, which are there too; "" for those that are named alone.
    """

    stages = ("understanding", "resolution")

    def __init__(self, sentences: Sequence[Mapping[str, Any]], lists: Sequence[Mapping[str, Any]], *, language: str) -> None:
        try:
            from hassil import Intents
            from hassil.util import merge_dict
        except ImportError as error:
            raise MissingExtra(
                "sentences are recognised by `hassil`, which is not installed", help="pip install 'probatum[dialogue]'"
            ) from error
        every: dict[str, Any] = {"language": language or "en", "intents": {}, "lists": {}, "expansion_rules": {}}
        if language:
            merge_dict(every, _of_home_assistant(language))
        for one in sentences:
            merge_dict(every, json.loads(json.dumps(one)))
        named: dict[str, Any] = {name: {"values": []} for name in _NAMED if name not in every["lists"]}
        for one in lists:
            for name, values in one.items():
                named[name] = {"values": _values(name, values)}
        every["lists"] = {**every["lists"], **named}
        self.digest = digest_of([every["intents"], every["lists"], every["expansion_rules"], _version()])[:16]
        try:
            for one in sentences:  # hassil reads a sentence when it is first needed
                own = {"language": every["language"], **json.loads(json.dumps(one))}
                for intent in Intents.from_dict({**own, "intents": own.get("intents", {})}).intents.values():
                    for data in intent.data:
                        list(data.sentences)
            self._intents = Intents.from_dict(every)
            self._lists = dict(self._intents.slot_lists)
        except Exception as problem:
            raise UnreadableArtefact(
                f"the sentences cannot be read ({type(problem).__name__}: {str(problem)[:200]})",
                help="write them as Home Assistant's custom sentences are written",
                location=Location("sentences"),
            ) from problem
        self._known: dict[tuple[str, str], Run] = {}

    def run(self, asked: Asked) -> Run:
        """Recognise a text; see `Pipeline.run`."""
        if asked.given:
            raise Unanswered("sentences are recognised as a whole")
        room = next((asked.context[name] for name in _ROOMS if asked.context.get(name)), "")
        key = (asked.text, room)
        if key not in self._known:
            self._known[key] = self._ran(*key)
        return self._known[key]

    def close(self) -> None:
        """Nothing was started."""

    def _ran(self, text: str, room: str) -> Run:
        best = self._best(text, room)
        if best is not None:
            found = {entity.name: entity for entity in best.entities_list if entity.text}
            values = {name: _plain(entity.value) for name, entity in found.items() if not entity.is_wildcard}
            values |= {name: entity.text_clean for name, entity in found.items() if entity.is_wildcard}
            said = tuple(sorted(entity.text_clean.lower() for entity in found.values() if isinstance(entity.value, str)))
            return Run(outputs=(_understood(best, said), Output(stage="resolution", value=_text(values))), done=True)
        nearly = self._nearly(text, room)
        if nearly is None:
            return Run(outputs=(Output(stage="understanding", value="", ok=False),), done=False)
        texts, best = nearly
        named = _understood(best, tuple(name for _, name in texts))
        return Run(outputs=(named, Output(stage="resolution", value="", ok=False)), done=False)

    def _best(self, text: str, room: str) -> Any:
        from hassil.recognize import recognize_best

        try:
            return recognize_best(text, self._intents, **self._about(room), best_slot_name="name")
        except Exception as problem:
            raise _unmatchable(problem) from problem

    def _nearly(self, text: str, room: str) -> tuple[list[tuple[str, str]], Any] | None:
        """Return what a text would be recognised as if a name in it were known, as Home Assistant tells which name it does not know."""
        from hassil.recognize import MISSING_ENTITY, recognize_all

        try:
            found = [
                (texts, one)
                for one in recognize_all(text, self._intents, **self._about(room), allow_unmatched_entities=True)
                if one.text_chunks_matched > 0
                for texts in [_unmatched(one, MISSING_ENTITY)]
                if len(texts) <= 1 and all(name in _NAMED for name, _ in texts)
            ]
        except Exception as problem:
            raise _unmatchable(problem) from problem
        return min(found, key=_order, default=None)

    def _about(self, room: str) -> dict[str, Any]:
        return {"slot_lists": self._lists, "intent_context": {"area": room} if room else None}


def _unmatchable(problem: Exception) -> Unanswered:
    return Unanswered(f"the sentences cannot be matched ({type(problem).__name__}: {str(problem)[:120]})")


def _unmatched(result: Any, missing: str) -> list[tuple[str, str]]:
    every = [(one.name, str(getattr(one, "text", "")).strip().lower()) for one in result.unmatched_entities_list]
    return [(name, text) for name, text in every if text and text != missing.lower()]


def _order(found: tuple[list[tuple[str, str]], Any]) -> tuple[int, int, int, str]:
    texts, result = found
    return len(texts), -result.text_chunks_matched, sum(len(text) for _, text in texts), result.intent.name


def _understood(result: Any, mentions: tuple[str, ...]) -> Output:
    return Output(stage="understanding", value=result.intent.name, mentions=mentions)


def _of_home_assistant(language: str) -> dict[str, Any]:
    try:
        from home_assistant_intents import get_intents
    except ImportError as error:
        raise MissingExtra(
            "the sentences of Home Assistant are not installed", help="pip install 'probatum[dialogue]'"
        ) from error
    try:
        found = get_intents(language)
    except (KeyError, ValueError, OSError):
        found = None
    if not found:
        raise UnreadableArtefact(
            f"Home Assistant has no sentences in `{language}`", help="name another `language`", location=Location("language")
        )
    return dict(found)


def _values(name: str, values: Any) -> list[dict[str, Any]]:
    items = values.get("values", []) if isinstance(values, Mapping) else values
    found: list[dict[str, Any]] = []
    for one in items:
        value = dict(one) if isinstance(one, Mapping) else {"in": str(one), "out": str(one)}
        if name == "name" and "context" not in value:
            found += ({**value, "context": {"domain": domain}} for domain in _DOMAINS)
        else:
            found.append(value)
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else str(value)


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, ensure_ascii=False)


def _version() -> list[str]:
    from importlib.metadata import version

    return [version("hassil"), version("home-assistant-intents")]
