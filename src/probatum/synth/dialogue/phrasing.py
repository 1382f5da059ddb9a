"""What people want of an assistant, and in which words they say it.

Some of these words the grammars of Home Assistant know and some they do not: which, only the grammars say.
`{m}` is the thing, `{a}` a room, `{v}` a number.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from probatum.synth.dialogue.frames import Frame


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of wish.

    Attributes
    ----------
    name : str
    intent : str
        Of the assistant.
    templates : tuple of str
        The first is the plainest.
    domains : tuple of str
        Of devices that it is about; () for none.
    area : str
        The domain, where it is about all of them in a room; "" otherwise.
    value : str
        That is always meant; "" where it varies, or where there is none.
    undone_by : str
        Kind that takes it back; "" for none.
    then : tuple of str
        Kinds that often follow, about the same thing.
    """

    name: str
    intent: str
    templates: tuple[str, ...]
    domains: tuple[str, ...] = ()
    area: str = ""
    value: str = ""
    undone_by: str = ""
    then: tuple[str, ...] = ()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().split(";"))


_on_off = ("light", "fan", "switch")
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "on",
            "HassTurnOn",
            _lines(
                "turn on the {m};turn the {m} on;switch on the {m};{m} on;get the {m} going;power up the {m};could you turn on the {m} please;"
                "put the {m} on;fire up the {m};i need the {m} on;start the {m}"
            ),
            domains=_on_off,
            undone_by="off",
            then=("dim", "off"),
        ),
        Kind(
            "off",
            "HassTurnOff",
            _lines(
                "turn off the {m};turn the {m} off;switch off the {m};{m} off;kill the {m};shut off the {m};could you turn off the {m} please;"
                "put the {m} out;cut the {m};power down the {m};stop the {m}"
            ),
            domains=_on_off,
            undone_by="on",
        ),
        Kind(
            "area on",
            "HassTurnOn",
            _lines(
                "turn on the {a} lights;turn on the lights in the {a};lights on in the {a};{a} lights on;light up the {a};"
                "make it bright in the {a};turn on the lights;get the {a} lights going;switch the lights on in the {a};i need light in the {a}"
            ),
            area="light",
            undone_by="area off",
            then=("area off",),
        ),
        Kind(
            "area off",
            "HassTurnOff",
            _lines(
                "turn off the {a} lights;turn off the lights in the {a};lights off in the {a};{a} lights off;kill the lights in the {a};"
                "make it dark in the {a};turn off the lights;lights out in the {a};switch the lights off in the {a};no more light in the {a}"
            ),
            area="light",
            undone_by="area on",
        ),
        Kind(
            "open",
            "HassTurnOn",
            _lines("open the {m};raise the {m};lift the {m};open up the {m};pull up the {m};roll up the {m};can you open the {m};get the {m} open"),
            domains=("cover",),
            undone_by="close",
            then=("close",),
        ),
        Kind(
            "close",
            "HassTurnOff",
            _lines("close the {m};shut the {m};lower the {m};close up the {m};pull down the {m};roll down the {m};can you close the {m};draw the {m}"),
            domains=("cover",),
            undone_by="open",
        ),
        Kind(
            "dim",
            "HassLightSet",
            _lines(
                "set the {m} to {v} percent;set the {m} brightness to {v} percent;dim the {m} to {v} percent;change the {m} to {v} percent;"
                "make the {m} {v} percent bright;bring the {m} down to {v} percent;{m} at {v} percent"
            ),
            domains=("light",),
        ),
        Kind(
            "heat",
            "HassClimateSetTemperature",
            _lines(
                "set the {m} to {v} degrees;set the temperature in the {a} to {v} degrees;adjust the {m} to {v} degrees;"
                "heat the {a} to {v};make it {v} degrees in the {a};warm the {a} up to {v} degrees;{v} degrees in the {a} please"
            ),
            domains=("climate",),
        ),
        Kind(
            "play",
            "HassMediaSearchAndPlay",
            _lines("play {m};play the song {m};can you play {m};put on {m};i want to hear {m};let's hear {m};start playing {m};{m} please"),
            then=("louder", "quieter", "next"),
        ),
        Kind(
            "film",
            "HassMediaSearchAndPlay",
            _lines("play {m};play the movie {m};put on {m};i want to watch {m};start {m}"),
            value="movie",
            then=("louder", "quieter"),
        ),
        Kind(
            "add",
            "HassShoppingListAddItem",
            _lines(
                "add {m} to my shopping list;put {m} on my shopping list;add {m} to the list;put {m} on the list;we need {m};"
                "we are out of {m};remember to buy {m};shopping list {m}"
            ),
            then=("add",),
        ),
        Kind(
            "timer",
            "HassStartTimer",
            _lines(
                "set a timer for {v} minutes;{v} minute timer;start a {v} minute timer;timer for {v} minutes;count down {v} minutes;"
                "wake me in {v} minutes;give me {v} minutes;create a timer for {v} minutes"
            ),
            then=("time",),
        ),
        Kind("weather", "HassGetWeather", _lines("what is the weather;what's the weather like;how is the weather;weather report;do i need an umbrella;will it rain")),
        Kind("time", "HassGetCurrentTime", _lines("what time is it;what's the time;tell me the time;how late is it;current time;do you have the time")),
        Kind("louder", "HassSetVolumeRelative", _lines("volume up;turn up the volume;turn the volume up;louder;make it louder;turn it up;more volume"), value="up"),
        Kind("quieter", "HassSetVolumeRelative", _lines("volume down;turn down the volume;turn the volume down;quieter;not so loud;turn it down;less volume"), value="down"),
        Kind("next", "HassMediaNext", _lines("next song;skip this song;next track;skip to the next song;another one;i don't like this one;something else please")),
    )
}  # fmt: skip  # phrases that belong together stay together
# Kinds that users have as habits, and how often: an assumption, roughly the order of use that surveys of smart speakers report.
USUAL = {
    "play": 5.0, "on": 3.0, "off": 3.0, "area on": 2.0, "area off": 2.0, "timer": 2.0, "weather": 1.5, "time": 1.0, "add": 1.5, "open": 1.0,
    "close": 1.0, "dim": 1.0, "heat": 0.7, "film": 0.6,
}  # fmt: skip  # a table
_tens = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_small = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
          "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip  # a table


def spoken(number: int) -> str:
    """Return a number below a hundred as it is said."""
    if number < 20:
        return _small[number]
    return f"{_tens[number // 10]} {_small[number % 10]}" if number % 10 else _tens[number // 10]


@cache
def numbers() -> dict[str, int]:
    """Return numbers below a hundred as they are said."""
    return {spoken(n): n for n in range(100)}


def part(template: str) -> int:
    """Return the half, 0 or 1, to which a template belongs."""
    return hashlib.sha256(template.encode()).digest()[0] % 2


@cache
def chosen(kind: str, half: int | None) -> tuple[str, ...]:
    """Return the templates of a kind, of one half or all; the plainest is in both, as everybody says it."""
    templates = KINDS[kind].templates
    return templates if half is None else (templates[0], *(t for t in templates[1:] if part(t) == half))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user wants.

    Attributes
    ----------
    kind : str
    thing : str
        Name of a device, title, item, or request that nobody serves; "" for none.
    area : str
    value : int
        0 for none.
    """

    kind: str
    thing: str = ""
    area: str = ""
    value: int = 0


CANNOT = "cannot"  # kind of a wish that the assistant is not made for: its thing is what is said


@cache
def say(wish: Wish, template: str, called: str) -> tuple[str, Frame | None]:
    """Return a wish in words, and what an assistant should make of them; None where there is nothing to make.

    Parameters
    ----------
    wish : Wish
    template : str
    called : str
        What the user calls the thing.
    """
    if wish.kind == CANNOT:
        return wish.thing, None
    kind = KINDS[wish.kind]
    text = template.format(m=called, a=wish.area, v=spoken(wish.value))
    # A name may come with an article of its own.
    text = text.replace("the the ", "the ").replace("the my ", "my ")
    # Without the word, that it is a film is told by the screen on which it is wanted, and by nothing that was said.
    named = kind.value if kind.name != "film" or "movie" in template else ""
    value = named or ("" if not wish.value else str(wish.value * 60 if wish.kind == "timer" else wish.value))
    mention = called
    if kind.area or "{m}" not in template:
        domain = kind.area or (kind.domains[0] if kind.domains else "")
        mention = f"{wish.area if '{a}' in template else '@here'}/{domain}" if domain else ""
    return text, Frame(kind.intent, mention, value)
