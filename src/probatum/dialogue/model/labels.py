"""Labels of turns that nobody wrote: how a turn went, and what was meant by it, each with what a model gives for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.dialogue.artefacts.audited import Audited
from probatum.dialogue.model.projection import Slot, projected
from probatum.dialogue.model.release import Checked
from probatum.dialogue.semantics.dialogue_network import FAILING, OUTCOMES, Judgement
from probatum.dialogue.semantics.dialogues import Said
from probatum.dialogue.semantics.judged import digits
from probatum.dialogue.semantics.signals import SIGNALS
from probatum.dialogue.semantics.slot_reader import SlotReader

TASKS = ("outcome", "meaning", "begins", "failing", "slots")
_LATER = 4  # turns after one, by which its user may have said it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label of a turn.

    Attributes
    ----------
    turn, user : str
    task : str
        One of `TASKS`.
    value : str
        Of `OUTCOMES`, an intent, `yes` or `no`, of `FAILING`, or names of slots.
    slots : tuple of Slot
        For `meaning`; for `slots` those that the words say, which are right or wrong together.
    p : float
        What the model gives for it.
    source : str
        `model`; for `meaning` what it is from: `understood`, as the assistant did itself, or `rephrase`.
    of : str
        The turn that it is from; "" for the turn itself.
    """

    turn: str
    user: str
    task: str
    value: str
    p: float
    source: str = "model"
    of: str = ""
    slots: tuple[Slot, ...] = ()

    @property
    def meaning(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Intent and slots, as two who agree would write them."""
        return same(self.value, {slot.name: slot.value for slot in self.slots})


def same(intent: str, slots: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return an intent and slots without what does not matter: case, and order."""
    return intent, tuple(sorted((name, str(value).casefold().strip()) for name, value in slots.items()))


def labels(session: Sequence[Said], found: Judgement, intents: Sequence[str], slots: SlotReader | None = None) -> Iterator[Label]:
    """Yield the likeliest label of each task for each turn of a session.

    Parameters
    ----------
    session : sequence of Said
    found : Judgement
        What a model says of it.
    intents : sequence of str
        In the order of `found.intent`.
    slots : SlotReader, optional
        Without it, turns have no label of `slots`.
    """
    places = {name: place for place, name in enumerate(intents)}
    for at, one in enumerate(session):
        outcome = int(found.outcome[at].argmax())
        yield Label(turn=one.turn, user=one.user, task="outcome", value=OUTCOMES[outcome], p=float(found.outcome[at, outcome]))
        if at:
            begins = float(found.begins[at])
            yield Label(
                turn=one.turn, user=one.user, task="begins", value="yes" if begins >= 0.5 else "no", p=max(begins, 1 - begins)
            )
        if OUTCOMES[outcome] == "bad":
            stage = int(found.failing[at, 1:-1].argmax()) + 1
            yield Label(turn=one.turn, user=one.user, task="failing", value=FAILING[stage], p=float(found.failing[at, stage]))
        meant = _meaning(session, at, found, places)
        if meant is not None:
            yield meant
        read = None if slots is None else _read(one, session[at - 1].answer if at else "", slots)
        if read is not None:
            yield read


def _read(one: Said, before: str, slots: SlotReader) -> Label | None:
    """Return the slots that the words of a turn say; None where they say none.

    That there are none is no label: as it is right of most turns, it would show a precision that labels of slots do not have.
    """
    found, p = slots.read(one.text, before)
    own = tuple(Slot(*filled) for filled in found)
    value = " ".join(slot.name for slot in own)
    return Label(turn=one.turn, user=one.user, task="slots", value=value, p=p, slots=own) if own else None


def _meaning(session: Sequence[Said], at: int, found: Judgement, places: Mapping[str, int]) -> Label | None:
    """Return what was most likely meant by a turn: what it was understood as, or a later one by which its user said it again.

    The probability of the first is that the turn went well; of the others, that the goal went on until then, and that then it went well.
    Ways to the same meaning add up, to at most one. All are weighed by whether the words are ones that are said for the intent.
    """
    one = session[at]
    if not one.text:
        return None
    ways: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, int]]] = {}
    on = 1.0
    for later in range(at, min(len(session), at + _LATER + 1)):
        if later > at:
            on *= 1 - float(found.begins[later])
        other = session[later]
        if other.intent:
            before = 1.0 if later == at else 1 - float(found.outcome[at, 0])
            p = before * on * float(found.outcome[later, 0])
            ways.setdefault((other.intent, other.slots), []).append((p, later))
    if not ways:
        return None
    scored = [
        (min(1.0, sum(p for p, _ in each)) * _said_for(intent, at, found, places), -max(each)[1], intent, slots, max(each)[1])
        for (intent, slots), each in ways.items()
    ]
    p, _, intent, slots, source = max(scored)
    return Label(
        turn=one.turn,
        user=one.user,
        task="meaning",
        value=intent,
        p=p,
        source="understood" if source == at else "rephrase",
        of="" if source == at else session[source].turn,
        slots=projected(slots, one.text),
    )


def _said_for(intent: str, at: int, found: Judgement, places: Mapping[str, int]) -> float:
    # The square root: words and what came of them tell partly the same.
    return float(found.intent[at, places[intent]]) ** 0.5 if intent in places else 0.5


def check(label: Label, audited: Audited) -> Checked | None:
    """Return whether a label is right by what somebody says; None if they say nothing about it."""
    right: bool | None
    if label.task == "outcome":
        right = None if audited.outcome is None else label.value == audited.outcome
    elif label.task == "meaning":
        right = None if audited.intent is None else label.meaning == same(audited.intent, audited.slots)
    elif label.task == "slots":
        # Each slot by itself: one that is said twice is one too many, as those who check name each once.
        own = tuple(sorted((slot.name, slot.value.casefold().strip()) for slot in label.slots))
        right = None if audited.intent is None else own == same(audited.intent, audited.slots)[1]
    elif label.task == "begins":
        right = None if audited.begins is None else (label.value == "yes") == audited.begins
    else:
        right = None if audited.failing is None else label.value == audited.failing
    return None if right is None else Checked(label.user, label.turn, label.p, right, audited.chance)


def told(label: Label, said: Said) -> Checked | None:
    """Return whether a label is right by what the user said about the turn of their own accord; None if they said nothing of it."""
    codes = dict(zip(SIGNALS, digits(said.pattern), strict=True))
    if codes["praised"] == codes["blamed"]:
        return None
    well = codes["praised"] == 1
    if label.task == "outcome":
        return Checked(label.user, label.turn, label.p, (label.value == "good") == well, source="explicit")
    # That something else was meant, nobody says by a thumb; nor which words were the value of what was not executed.
    if label.task == "meaning" and label.source == "understood":
        return Checked(label.user, label.turn, label.p, well, source="explicit")
    return None
