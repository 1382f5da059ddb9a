"""Matches that are filtered by what a home has are those that `hassil` finds with the lists of that home."""

import random

import pytest

from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.assistant import Assistant
from probatum.synth.dialogue.frames import Frame
from probatum.synth.dialogue.homes import draw_home
from probatum.synth.dialogue.people import wish_for
from probatum.synth.dialogue.phrasing import Wish
from probatum.synth.dialogue.pipelines.grammar import Grammar, _loaded, _parse

pytest.importorskip("hassil")
pytest.importorskip("home_assistant_intents")
pytestmark = pytest.mark.slow  # a text takes hassil milliseconds


def own(text, home):
    """Return what `hassil` makes of a text with the names and rooms of one home."""
    from hassil import recognize_best
    from hassil.intents import TextSlotList

    intents, _ = _loaded()
    made_up = [(name, domain) for name in catalogue.NICKNAMES for domain in set(catalogue.KINDS.values())]
    names = [(device.name, device.domain) for device in home.devices.values()] + made_up
    lists = {
        "name": TextSlotList.from_tuples([(name, name, {"domain": domain}) for name, domain in names], name="name"),
        "area": TextSlotList.from_tuples([(area, area) for area in home.areas], name="area"),
        "floor": TextSlotList.from_tuples([], name="floor"),
    }
    found = recognize_best(text, intents, slot_lists=lists, intent_context={"area": "@here"}, best_slot_name="name")
    return None if found is None else _parse(found).frame


def test_one_recognition_for_all_homes_finds_what_each_would_find():
    rng = random.Random(3)
    assistant = Assistant(Grammar())
    homes = [draw_home(rng) for _ in range(4)]
    understood = 0
    for _ in range(120):
        home = rng.choice(homes)
        kind = rng.choice([k for k in phrasing.KINDS.values() if k.domains or k.area])
        area = rng.choice(catalogue.AREAS)  # which the home may have or not
        there = [device.name for device in home.devices.values() if device.domain in kind.domains]
        thing = rng.choice(there) if there and rng.random() < 0.7 else rng.choice(catalogue.device_names())[0]
        text, _ = phrasing.say(Wish(kind.name, thing, area, 40), rng.choice(kind.templates), thing)
        expected = own(text, home)
        run = assistant.run(text, home, home.areas[0])
        if expected is None:
            # What no list of the home has is said not to be there; it is never acted on.
            assert run.effect is None, text
        else:
            assert run.frame == expected, text
            understood += 1
    assert understood > 20


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("turn on the kitchen lamp", Frame("HassTurnOn", "kitchen lamp")),
        ("turn on the lights", Frame("HassTurnOn", "@here/light")),
        ("set a timer for fifteen minutes", Frame("HassStartTimer", "", "900")),
        ("play the movie midnight highway", Frame("HassMediaSearchAndPlay", "midnight highway", "movie")),
        ("open the garage door", Frame("HassTurnOn", "garage door")),
    ],
)
def test_plain_requests_are_understood(text, frame):
    assert frame in [parse.frame for parse in Grammar().parses(text)]


def test_the_example_of_the_garage_is_as_it_is_told():
    assert Grammar().parses("open garage door")
    assert not Grammar().parses("open the garbage door")


def test_some_phrasings_the_grammars_have_and_some_they_lack():
    rng = random.Random(0)
    home = draw_home(rng)
    known = {True: 0, False: 0}
    for kind in ("on", "open", "dim"):
        domain = phrasing.KINDS[kind].domains[0]
        thing = next(name for name, of in catalogue.device_names() if of == domain)
        wish = wish_for(kind, min(home.devices), home, rng)
        for template in phrasing.KINDS[kind].templates:
            text, meant = phrasing.say(Wish(kind, thing, "kitchen", wish.value), template, thing)
            known[any(parse.frame == meant for parse in Grammar().parses(text))] += 1
    assert min(known.values()) >= 5
