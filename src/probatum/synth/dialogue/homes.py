"""Homes: rooms, devices, and what becomes of a frame in one of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from probatum.synth.dialogue import catalogue
from probatum.synth.dialogue.frames import Frame

# What happened: an intent, the things it happened to, a value.
Effect: TypeAlias = tuple[str, tuple[str, ...], str]
_LEAST_ALIKE = 0.82  # of titles, for one to be taken for the other


@dataclass(frozen=True, slots=True)
class Device:
    """A thing with a name, which no other in the home has."""

    name: str
    domain: str
    area: str


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """A home.

    Attributes
    ----------
    areas : tuple of str
    devices : dict of str to Device
        By name.
    """

    areas: tuple[str, ...]
    devices: dict[str, Device] = field(default_factory=dict)

    def of(self, domain: str) -> list[Device]:
        """Devices of a domain, in the order of their names."""
        return sorted((device for device in self.devices.values() if device.domain == domain), key=lambda device: device.name)


def draw_home(rng: random.Random, half: int | None = None) -> Home:
    """Draw rooms, of one half of them or all, and devices."""
    rooms = catalogue.half(catalogue.AREAS, half)
    areas = tuple(rng.sample(rooms, rng.randint(3, min(8, len(rooms)))))
    devices: dict[str, Device] = {}
    for area in areas:
        kinds = [kind for kind in catalogue.KINDS if kind not in ("door", "coffee machine")]
        chosen = {"lamp" if rng.random() < 0.7 else "ceiling light", *rng.sample(kinds, rng.randint(1, 3))}
        if area == "garage":
            chosen.add("door")
        if area == "kitchen":
            chosen.add("coffee machine")
        for kind in sorted(chosen):
            devices[f"{area} {kind}"] = Device(f"{area} {kind}", catalogue.KINDS[kind], area)
    return Home(areas, devices)


@dataclass(frozen=True, slots=True)
class Found:
    """What a mention stands for.

    Attributes
    ----------
    things : tuple of str
    code : str
        Why there are none; "" if there are.
    confidence : float
    """

    things: tuple[str, ...] = ()
    code: str = ""
    confidence: float = 1.0


_BY_NAME = {
    "HassTurnOn": ("light", "fan", "switch", "cover"),
    "HassTurnOff": ("light", "fan", "switch", "cover"),
    "HassLightSet": ("light",),
    "HassClimateSetTemperature": ("climate",),
}


def resolve(frame: Frame, home: Home, room: str, *, titles: tuple[str, ...]) -> Found:
    """Return what a frame is about, in a home, said in a room.

    `<area>/<kind>` are all devices of a kind in a room, of which `@here` is the one in which it was said.
    """
    domains = _BY_NAME.get(frame.intent)
    if domains is not None:
        area, slash, kind = frame.mention.partition("/")
        if slash:
            area = room if area == "@here" else area
            things = tuple(d.name for d in home.of(kind) if d.area == area)
            return Found(things) if things else Found(code="no_valid_targets", confidence=0.0)
        device = home.devices.get(frame.mention)
        if device is None or device.domain not in domains:
            return Found(code="no_valid_targets", confidence=0.0)
        return Found((device.name,))
    if frame.intent == "HassMediaSearchAndPlay":
        title, alike = _title(frame.mention, titles)
        if title is None:
            return Found(code="not_found", confidence=round(alike, 3))
        film = frame.value == "movie" and title in catalogue.FILMS
        return Found((f"{title} (film)" if film else title,), confidence=round(alike, 3))
    if frame.intent == "HassShoppingListAddItem":
        return Found((frame.mention,)) if frame.mention else Found(code="no_valid_targets", confidence=0.0)
    return Found()


@cache
def _title(words: str, titles: tuple[str, ...]) -> tuple[str | None, float]:
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    if words in titles:
        return words, 1.0
    title, alike, _ = process.extractOne(words, titles, scorer=Indel.normalized_similarity)
    return (title if alike >= _LEAST_ALIKE else None), float(alike)


def effect(frame: Frame, found: Found) -> Effect:
    """Return what doing it changes."""
    return frame.intent, found.things, "" if frame.intent == "HassMediaSearchAndPlay" else frame.value
