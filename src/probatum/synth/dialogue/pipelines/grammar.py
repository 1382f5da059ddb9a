"""The sentences of Home Assistant in English, as `hassil` recognises them.

Recognition is asked once for a text, with the names and rooms of all homes, for all
its matches; those that a home has the names and rooms for are what it would have found with its own lists.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from probatum.errors import MissingExtra
from probatum.source import digest_of
from probatum.synth.dialogue import catalogue
from probatum.synth.dialogue.frames import Frame, Parse

_HERE = "@here"
_times = {"hours": 3600, "minutes": 60, "seconds": 1}
_values = ("brightness", "temperature", "volume_step", "color", "volume_level")


class Grammar:
    """Understands by grammar."""

    name = "grammar"

    def parses(self, text: str) -> tuple[Parse, ...]:
        """Return the ways to understand a text."""
        return _parses(text)

    @property
    def version(self) -> str:
        """Of the grammars, of what matches them, and of the names they are matched with."""
        from importlib.metadata import version

        names = [catalogue.device_names(), catalogue.AREAS, catalogue.NICKNAMES]
        return digest_of([version("hassil"), version("home-assistant-intents"), names])[:16]


@cache
def _loaded() -> tuple[Any, dict[str, Any]]:
    try:
        from hassil import Intents
        from hassil.intents import TextSlotList
        from home_assistant_intents import get_intents
    except ImportError as error:
        raise MissingExtra(
            "the simulated assistant understands by grammars, which are not installed", help="pip install 'probatum[dialogue]'"
        ) from error
    return Intents.from_dict(get_intents("en") or {}), {
        # Names that users made up are taken for names: that there is no such thing, only a home knows.
        "name": TextSlotList.from_tuples(
            [(n, n, {"domain": d}) for n, d in (*catalogue.device_names(), *_made_up())], name="name"
        ),
        "area": TextSlotList.from_tuples([(area, area) for area in catalogue.AREAS], name="area"),
        "floor": TextSlotList.from_tuples([], name="floor"),
    }


@cache
def _domains() -> dict[str, str]:
    return dict(catalogue.device_names())


def _made_up() -> list[tuple[str, str]]:
    return [(name, domain) for name in catalogue.NICKNAMES for domain in sorted(set(catalogue.KINDS.values()))]


@cache
def _parses(text: str) -> tuple[Parse, ...]:
    from hassil.recognize import recognize_all

    intents, lists = _loaded()
    found: dict[tuple[Frame, tuple[Any, ...], tuple[str, ...]], Parse] = {}
    for result in recognize_all(text, intents, slot_lists=lists, intent_context={"area": _HERE}):
        parse = _parse(result)
        key = (parse.frame, parse.names, parse.areas)
        if key not in found or parse.order < found[key].order:
            found[key] = parse
    frames = len({parse.frame for parse in found.values()})
    return tuple(
        Parse(p.frame, p.names, p.areas, p.order, round(1 / frames, 3))
        for p in sorted(found.values(), key=lambda parse: parse.order)
    )


def _parse(result: Any) -> Parse:
    entities = result.entities
    name, area = entities.get("name"), entities.get("area")
    is_name = name is not None and not name.is_wildcard
    names = ((str(name.value), _domains()[str(name.value)]),) if is_name and str(name.value) in _domains() else ()
    areas = (str(area.value),) if area is not None and area.value != _HERE else ()
    intent = result.intent.name
    value = ""
    if seconds := sum(int(entities[unit].value) * size for unit, size in _times.items() if unit in entities):
        value = str(seconds)
    for slot in _values:
        if slot in entities:
            value = f"{entities[slot].value:g}" if isinstance(entities[slot].value, float) else str(entities[slot].value)
    mention = ""
    if is_name:
        mention = str(name.value)
    elif "search_query" in entities:
        mention = str(entities["search_query"].text).strip()
        value = "movie" if "media_class" in entities and entities["media_class"].value == "movie" else ""
    elif "item" in entities:
        mention = str(entities["item"].text).strip()
    elif area is not None and intent not in ("HassSetVolumeRelative", "HassMediaNext"):
        mention = f"{area.value}/{_domain(intent, entities)}"
    wild = [entity for entity in result.entities_list if entity.is_wildcard]
    # In the order of `hassil.recognize_best` with `best_slot_name="name"`.
    order = (
        0.0 if is_name else 1.0,
        -float(len(name.text)) if is_name else 0.0,
        float(len(wild)),
        -float(result.text_chunks_matched),
        float(sum(len(entity.text or "") for entity in wild)),
        intent,
    )
    return Parse(Frame(intent, mention, value), names, areas, order)


def _domain(intent: str, entities: Any) -> str:
    if intent == "HassClimateSetTemperature":
        return "climate"
    return str(entities["domain"].value) if "domain" in entities else "light" if intent == "HassLightSet" else ""
