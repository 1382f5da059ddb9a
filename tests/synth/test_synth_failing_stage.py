"""What a world is made of: which stage failed is told by running again; secrets, phrasings and parameters are told apart."""

from dataclasses import replace

import pytest
from simulated import SMALL

from probatum.dialogue.artefacts.utterance import normalised
from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.assistant import Assistant
from probatum.synth.dialogue.homes import Device, Home
from probatum.synth.dialogue.parameters import Parameters, Traps
from probatum.synth.dialogue.pipelines.classifier import Classifier
from probatum.synth.dialogue.pipelines.remembered import Remembered
from probatum.synth.dialogue.truth import Trial, isolate

pytest.importorskip("rapidfuzz")
ALL = ("recognition", "understanding", "resolution", "result")
HOME = Home(
    ("kitchen", "bedroom"),
    {
        name: Device(name, domain, area)
        for name, domain, area in (("kitchen lamp", "light", "kitchen"), ("bedroom fan", "fan", "bedroom"))
    },
)


@pytest.mark.parametrize(
    ("heard", "said", "called", "broke", "wrong", "first", "least"),
    [
        # Misheard: the words alone were enough.
        ("turn on the rich and land", "turn on the kitchen lamp", "kitchen lamp", False, ALL, "recognition", "recognition"),
        # Heard right, in words that nobody taught it.
        ("stop the bedroom fan", "stop the bedroom fan", "bedroom fan", False, ALL[1:], "understanding", "understanding"),
        # Two faults: definition A blames the first, B what is left when that is repaired.
        ("stop the bathroom van", "stop the bedroom fan", "bedroom fan", False, ALL, "recognition", "understanding"),
        # A name that only its user knows.
        ("turn on the monster", "turn on the monster", "the monster", False, ALL[2:], "resolution", "resolution"),
        # Everything was right, and it did not work.
        ("turn on the kitchen lamp", "turn on the kitchen lamp", "kitchen lamp", True, ALL[3:], "result", "result"),
    ],
)
def test_the_failing_stage_is_told_by_running_again(heard, said, called, broke, wrong, first, least):  # noqa: PLR0917 - columns of a table
    thing = called if called in HOME.devices else "kitchen lamp"
    kind = "off" if said.startswith("stop") else "on"
    meant = phrasing.say(phrasing.Wish(kind, thing, HOME.devices[thing].area), phrasing.KINDS[kind].templates[0], called)[1]
    wanted = (phrasing.KINDS[kind].intent, (thing,), "")
    trial = Trial(heard=heard, said=said, meant=meant, wanted=wanted, home=HOME, room="bedroom", broke=broke)

    stages, one, other = isolate(Assistant(Classifier()), trial)

    assert (one, other) == (first, least)
    assert stages == wrong


def test_secrets_have_no_word_in_common():
    words = [word for number in range(2000) for word in catalogue.secret(number).split()]

    assert len(set(words)) == len(words)
    assert all(normalised(word) == word for word in words)


def test_the_first_half_of_phrasings_is_not_the_second():
    kinds = [kind for kind, known in phrasing.KINDS.items() if len(known.templates) > 2]
    for kind in kinds:
        one, other = (set(phrasing.chosen(kind, half)) for half in (0, 1))
        assert one & other == {phrasing.KINDS[kind].templates[0]}
        assert one | other == set(phrasing.KINDS[kind].templates)


def test_the_digest_of_parameters_is_of_every_one_of_them():
    assert replace(SMALL, channel=replace(SMALL.channel, tail=0.5)).digest != SMALL.digest
    assert replace(SMALL, traps=Traps(canaries=6)).digest != SMALL.digest
    assert Parameters().digest == Parameters().digest


def test_the_first_half_of_things_is_not_the_second():
    one, other = (set(catalogue.half(catalogue.ITEMS, which)) for which in (0, 1))

    assert not one & other
    assert one | other == set(catalogue.ITEMS) == set(catalogue.half(catalogue.ITEMS, None))


def test_what_is_remembered_is_what_was_understood(tmp_path):
    texts = ["turn on the kitchen lamp", "set the bedroom lamp to forty percent", "order a large pizza", "turn on the lights", ""]
    first = Remembered(Classifier(), tmp_path / "memory", "1")
    made = [first.parses(text) for text in texts]
    first.keep()

    class Never:
        name = "never"

        def parses(self, text):
            raise AssertionError(text)

    again = Remembered(Never(), tmp_path / "memory", "1")
    assert [again.parses(text) for text in texts] == made == [Classifier().parses(text) for text in texts]
    with pytest.raises(AssertionError):
        Remembered(Never(), tmp_path / "memory", "2").parses(texts[0])
