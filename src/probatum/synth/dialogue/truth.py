"""What is true of a turn, and what no log says: what was wanted, whether it came about, and which stage failed, by running it again."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.synth.dialogue.assistant import Assistant
from probatum.synth.dialogue.frames import Frame
from probatum.synth.dialogue.homes import Effect, Home

STAGES = ("wake", "recognition", "understanding", "resolution", "result")
REWRITING = "rewriting"  # what failed where the request was fine before it was rewritten
GOOD, BAD, CANNOT, ASIDE = "good", "bad", "out of capability", "aside"


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one turn.

    Attributes
    ----------
    conversation : str
    position : int
    goal : str
        Turns with the same one are tries at the same wish.
    attempt : int
        From 0.
    said : str
        Before it was recognised.
    wish : tuple of str
        Kind, thing, room, value; () where nothing was asked for.
    outcome : str
        `good`, `bad`, `out of capability`, or `aside` for what is no request (stop, thanks).
    first_unrepaired : str
        Definition A: the stage at which the unbroken run of wrong outputs begins that reaches the result; "" if good,
        `rewriting` if it would have been good as it was heard.
    least_repair : str
        Definition B: the first stage that, with all before it, need be right for the outcome to be good.
    wrong : tuple of str
        Stages whose output was not what it should have been.
    reaction : str
        What the user did about it.
    best : str
        Words that would have brought it about; "" if there are none.
    without : str
        Outcome if the request had not been rewritten; "" if it was not.
    marks : tuple of str
        `canary`, `burst`, `advert`, `false wake`, `halved`, `alternative`, `settled`, `new title`, `outage`, `nickname`, `film`.
    """

    conversation: str
    position: int
    goal: str
    attempt: int
    said: str
    wish: tuple[str, ...]
    outcome: str
    first_unrepaired: str = ""
    least_repair: str = ""
    wrong: tuple[str, ...] = ()
    reaction: str = ""
    best: str = ""
    without: str = ""
    marks: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Trial:
    """All that is needed to run a turn again.

    Attributes
    ----------
    heard, said : str
    meant : Frame
        What understanding should have made of what was said.
    wanted : Effect
    home : Home
    room : str
    broke : bool
        Whether doing it failed, for reasons of its own.
    """

    heard: str
    said: str
    meant: Frame
    wanted: Effect
    home: Home
    room: str
    broke: bool


def isolate(assistant: Assistant, trial: Trial) -> tuple[tuple[str, ...], str, str]:
    """Return the stages with wrong outputs, and the failing one by definitions A and B, of a turn that failed.

    Both are as in Khaziev et al., *FPI: Failure Point Isolation in Large-scale Conversational Assistants*,
    NAACL 2022 (the first stage from which nothing was repaired), and the counterfactual one: right outputs are put
    in from the front until the rest of the pipeline, run again, brings about what was wanted.
    """
    home, room, wanted = trial.home, trial.room, trial.wanted
    run = assistant.run(trial.heard, home, room)
    wrong = {
        "recognition": trial.heard != trial.said,
        "understanding": run.frame != trial.meant,
        "resolution": run.effect != wanted,  # things and what is to be done with them
        "result": True,
    }
    stages = STAGES[1:]
    first = next(stage for at, stage in enumerate(stages) if all(wrong[later] for later in stages[at:]))
    repaired = {
        "recognition": assistant.run(trial.said, home, room).effect,
        "understanding": assistant.act(trial.meant, home, room).effect,
        "resolution": wanted,
    }
    least = "result" if trial.broke else next(stage for stage in stages if stage == "result" or repaired[stage] == wanted)
    return tuple(stage for stage in stages if wrong[stage]), first, least
