"""Turns of simulated logs as a log shows them, with the stage that the sealed truth says; and replay of them, against that truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.policy import SessionRule
from probatum.dialogue.artefacts.store import import_logs
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.artefacts.turn import STAGES, Turn
from probatum.dialogue.fit.stage_hidden import Meaning
from probatum.dialogue.model.requests import window
from probatum.dialogue.semantics.conversations import Conversations, stored
from probatum.dialogue.semantics.pipelines import Asked, Output, Run
from probatum.dialogue.semantics.replayed import Case, Replay, replay
from probatum.dialogue.semantics.stage_signs import Seen
from probatum.dialogue.semantics.stages_seen import stages_seen
from probatum.source import digest
from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.assistant import Assistant
from probatum.synth.dialogue.exchange import Session
from probatum.synth.dialogue.frames import Frame
from probatum.synth.dialogue.homes import Home
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.phrasing import Wish
from probatum.synth.dialogue.pipelines.classifier import Classifier
from probatum.synth.dialogue.pipelines.grammar import Grammar
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.truth import BAD, CANNOT, GOOD, REWRITING, Truth
from probatum.synth.dialogue.writing import write

Kind = Literal["grammar", "classifier"]
KEY = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A turn and its truth: `least` by definition B; and what a second device would have understood, if it is known who spoke."""

    user: str
    least: str
    seen: Seen
    again: Meaning | None


def simulated(parameters: Parameters) -> list[Told]:
    """Return the requests of one simulated log."""
    with logged(parameters) as (conversations, labels, again):
        return [
            Told(user=f"{parameters.seed} {labels[turn][0]}", least=labels[turn][1], seen=one, again=again[turn])
            for turn, one in shown(conversations)
            if turn in labels
        ]


def shown(conversations: Conversations) -> Iterator[tuple[str, Seen]]:
    """Return what a log shows of its turns."""
    rule = SessionRule()
    return stages_seen(conversations, gap_s=rule.gap_s, window_s=window(conversations, rule))


@contextmanager
def logged(
    parameters: Parameters,
) -> Iterator[tuple[Conversations, dict[str, tuple[str, str]], dict[str, Meaning | None]]]:
    """Give a simulated log, the users and labels of its turns, and what a second device would have understood."""
    simulation = Simulation(parameters)
    made = list(simulation.run())
    labels: dict[str, tuple[str, str]] = {}
    again: dict[str, Meaning | None] = {}
    second = _second(simulation, parameters)
    for said, truth in made:
        turn = digest(f"{pseudonym(truth.conversation, KEY, 'conversation')}\0{truth.position}")[:16]
        if truth.outcome in (GOOD, CANNOT):
            labels[turn] = (said.user, "correct" if truth.outcome == GOOD else "out of capability")
        elif truth.outcome == BAD and truth.least_repair not in {"", REWRITING}:
            labels[turn] = (said.user, truth.least_repair)
        again[turn] = second(said, truth)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "log" / "log.jsonl"
        write(made, log, folder / "truth.jsonl", parameters=parameters, secrets=simulation.secrets)
        import_logs([LogFile("log.jsonl", log)], folder / "tables", IMPORTERS, key=KEY)
        with stored(folder / "tables") as conversations:
            yield conversations, labels, again


def _second(simulation: Simulation, parameters: Parameters) -> Callable[[Turn, Truth], Meaning | None]:
    """Return what says what a second device would have understood: the same words are heard again, better or worse, and run."""
    random = parameters.chance("second device")
    users = {user.name: user for user in simulation.users}
    recognisers, assistant = simulation._exchange._recognisers, simulation._exchange.before  # noqa: SLF001 - who hears has no other door
    spread = parameters.channel.spread

    def heard(turn: Turn, truth: Truth) -> Meaning | None:
        user = users.get(turn.user)
        if user is None or not truth.said:
            return None
        quality = user.quality * random.gammavariate(spread, 1 / spread) * random.choice((0.5, 1.0, 2.0))
        text = recognisers[user.accent].hear(truth.said, quality, random).text
        run = assistant.run(text, user.home, dict(turn.context).get("room", ""))
        return ("", ()) if run.frame is None else (run.frame.intent, run.slots)

    return heard


def least_sure(seen: Seen) -> tuple[str, float]:
    """Return the stage that is least sure of itself, and how sure it is; one that says that it failed is not sure at all."""
    found = ("correct", 1.0)
    for stage in seen.stages:
        sure = 0.0 if stage.ok is False or stage.code else 1.0 if stage.confidence is None else stage.confidence
        if sure < found[1]:
            found = (stage.name, sure)
    return found


class Simulated:
    """The simulated assistant in one home and room, as a pipeline that can be called from its middle."""

    stages = ("understanding", "resolution")
    digest = ""

    def __init__(self, assistant: Assistant, home: Home, room: str) -> None:
        self.assistant, self.home, self.room = assistant, home, room
        self.frames: dict[str, Frame] = {}

    def run(self, asked: Asked) -> Run:
        """Run it; an effect that is put in is done as it is."""
        if "resolution" in asked.given:
            effect, frame = asked.given["resolution"], asked.given["understanding"]
            return self._of(frame, effect)
        if "understanding" in asked.given:
            run = self.assistant.act(self.frames[asked.given["understanding"]], self.home, self.room)
        else:
            run = self.assistant.run(asked.text, self.home, self.room)
        if run.frame is None:
            return Run(outputs=(Output(stage="understanding", value="", ok=False),), done=False)
        self.frames[repr(run.frame)] = run.frame
        return self._of(repr(run.frame), "" if run.effect is None else repr(run.effect))

    def close(self) -> None:
        """Nothing was started."""

    @staticmethod
    def _of(frame: str, effect: str) -> Run:
        outputs = (Output(stage="understanding", value=frame), Output(stage="resolution", value=effect, ok=bool(effect)))
        return Run(outputs=outputs, done=bool(effect))


def replayed(seed: int, users: int, understanding: Kind, *, told: bool, days: int = 14) -> list[tuple[Truth, Replay]]:
    """Replay the requests of a simulated world that failed, outside of planted bursts.

    Parameters
    ----------
    seed, users, understanding, days
    told : bool
        Whether a person says what was said, what it meant and what was wanted, and whether the result failed for reasons of its own.
        Otherwise the words that work are all that is known.
    """
    parameters = Parameters(seed=seed, users=users, days=days, understanding=understanding)
    simulation = Simulation(parameters)
    own = {user.name: user for user in simulation.users}
    understands = Grammar() if understanding == "grammar" else Classifier()
    before = Assistant(understands)
    after = Assistant(understands, (*catalogue.titles(), catalogue.NEW_TITLE))
    found = []
    for turn, truth in simulation.run():
        if truth.outcome != BAD or not truth.wish or turn.user not in own:
            continue
        user = own[turn.user]
        part = parameters.part(int((turn.asked_at or 0.0) - parameters.begins) // 86_400)
        assistant = after if part >= parameters.traps.listed else before
        room = dict(turn.context)["room"]
        pipeline = Simulated(assistant, user.home, room)
        case = Case(
            heard=turn.text, right=truth.best, hypotheses=tuple(one.text for one in turn.hypotheses), failed=True, assumed=False
        )
        if told:
            wish = Wish(truth.wish[0], truth.wish[1], truth.wish[2], int(truth.wish[3]))
            meant = _meant(wish, truth.said, [*user.nicknames.values()])
            wanted = simulation._wanted(cast("Session", _Anywhere(user)), wish)  # noqa: SLF001 - the truth about a wish has no other door
            if meant is None:
                continue
            pipeline.frames[repr(meant)] = meant
            broke = any(stage.name == "result" and stage.ok is False for stage in turn.stages)
            did = assistant.run(turn.text, user.home, room).effect
            # What the log calls a failed result was one of its own only where the rest was right or done.
            case = Case(
                heard=turn.text, said=truth.said, meant={"understanding": repr(meant), "resolution": repr(wanted)}, failed=True,
                broke=broke and did is not None,
            )  # fmt: skip  # one case
        found.append((truth, replay(case, pipeline, STAGES)))
    return found


@dataclass
class _Anywhere:
    """As much of a session as a wish depends on."""

    user: object


def _meant(wish: Wish, said: str, nicknames: Sequence[str]) -> Frame | None:
    """Return what understanding should have made of what was said: of the ways to say the wish, the one that it was."""
    shorter = [short for short, more in catalogue.LONGER.items() if wish.thing == f"{short} {more}"]
    for called in (wish.thing, *nicknames, *shorter):
        for template in phrasing.KINDS[wish.kind].templates if wish.kind in phrasing.KINDS else ():
            text, meant = phrasing.say(wish, template, called)
            if said in (text, f"no {text}"):
                return meant
    return None
