"""The assistant: text to frame, frame to things, things to effect; each stage runs, and each one may fail."""

from __future__ import annotations

from dataclasses import dataclass, field

from probatum.dialogue.artefacts.turn import Stage
from probatum.synth.dialogue import catalogue
from probatum.synth.dialogue.frames import Frame, Parse, Understanding
from probatum.synth.dialogue.homes import Effect, Found, Home, effect, resolve

_things = {"HassTurnOn": "Turned on {}", "HassTurnOff": "Turned off {}", "HassLightSet": "Brightness of {} set", "HassClimateSetTemperature": "Temperature set",
           "HassMediaSearchAndPlay": "Playing {}", "HassShoppingListAddItem": "Added {}", "HassStartTimer": "Timer started",
           "HassGetWeather": "It is cloudy and 12 degrees", "HassGetCurrentTime": "It is half past", "HassSetVolumeRelative": "Volume changed",
           "HassMediaNext": "Playing next"}  # fmt: skip  # a table


@dataclass(frozen=True, slots=True)
class Run:
    """What the assistant made of a text, up to doing it.

    Attributes
    ----------
    frame : Frame or None
    sure : float
        Confidence of understanding.
    found : Found
    effect : Effect or None
        What doing it would change.
    response : str
        If it is done; or why it is not.
    stages : tuple of Stage
        What is logged of it, up to resolution.
    domain : str
        Of the first thing.
    slots : tuple of (name, value)
    """

    frame: Frame | None
    sure: float
    found: Found
    effect: Effect | None
    response: str
    stages: tuple[Stage, ...] = ()
    domain: str = ""
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(eq=False)
class Assistant:
    """An assistant, which remembers what it made of texts: the same text in the same home and room gives the same run.

    Attributes
    ----------
    understanding : Understanding
    titles : tuple of str
        That its catalogue has.
    """

    understanding: Understanding
    titles: tuple[str, ...] = field(default_factory=catalogue.titles)
    _runs: dict[tuple[int, str, str], Run] = field(default_factory=dict, init=False)
    _acts: dict[tuple[int, str, Frame, float], Run] = field(default_factory=dict, init=False)
    _homes: list[Home] = field(default_factory=list, init=False)  # kept, so that their numbers are no others'

    def run(self, text: str, home: Home, room: str) -> Run:
        """Return what it makes of a text, said in a room of a home."""
        key = (id(home), room, text)
        found = self._runs.get(key)
        if found is None:
            self._homes.append(home)
            found = self._runs[key] = self._ran(text, home, room)
        return found

    def _ran(self, text: str, home: Home, room: str) -> Run:
        if text in catalogue.ASIDES:
            return self.act(Frame(catalogue.ASIDES[text]), home, room)
        parses = self.understanding.parses(text) if text else ()
        if not parses:
            stages = (Stage(name="understanding", ok=False, confidence=0.0, code="no_intent_match"),) if text else ()
            return Run(None, 0.0, Found(), None, "Sorry, I couldn't understand that", stages)
        # What the home has not, its own lists would not have matched: but if nothing else fits, it is said that it is not there.
        parse = next((one for one in parses if _fits(one, home)), parses[0])
        return self.act(parse.frame, home, room, sure=parse.confidence)

    def act(self, frame: Frame, home: Home, room: str, *, sure: float = 1.0) -> Run:
        """Return what it makes of a frame."""
        key = (id(home), room, frame, sure)
        done = self._acts.get(key)
        if done is None:
            self._homes.append(home)
            done = self._acts[key] = self._acted(frame, home, room, sure)
        return done

    def _acted(self, frame: Frame, home: Home, room: str, sure: float) -> Run:
        found = resolve(frame, home, room, titles=self.titles)
        output = " and ".join(found.things)
        stages = (
            Stage(name="understanding", ok=True, confidence=sure, output=str(frame)),
            Stage(name="resolution", ok=not found.code, confidence=found.confidence, code=found.code, output=output),
        )
        device = home.devices.get(found.things[0]) if found.things else None
        slots = tuple((name, value) for name, value in (("name", frame.mention), ("value", frame.value)) if value)
        did: Effect | None
        if found.code:
            words = frame.mention.replace("@here", room).replace("/", " ")
            did, response = None, f"Sorry, I am not aware of any {words}"
        elif frame.intent not in _things:
            did, response = (frame.intent, (), frame.value), "Done"
        else:
            did, response = effect(frame, found), _things[frame.intent].format(output)
        return Run(frame, sure, found, did, response, stages, device.domain if device is not None else "", slots)


def _fits(parse: Parse, home: Home) -> bool:
    return all(
        (device := home.devices.get(name)) is not None and device.domain == domain for name, domain in parse.names
    ) and all(area in home.areas for area in parse.areas)
