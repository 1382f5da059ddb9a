"""One exchange: something is said, heard, perhaps rewritten, understood and done, the user reacts, and all of it is logged."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from probatum.dialogue.artefacts.turn import Signal, Stage, Turn
from probatum.synth.dialogue import catalogue, phrasing, reactions
from probatum.synth.dialogue.assistant import Assistant, Run
from probatum.synth.dialogue.frames import Frame, Understanding
from probatum.synth.dialogue.homes import Effect
from probatum.synth.dialogue.lexicon import frequency
from probatum.synth.dialogue.online import Decision, Request, Rewriting
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.people import Speaker, User
from probatum.synth.dialogue.phrasing import Wish
from probatum.synth.dialogue.reactions import Reaction, react
from probatum.synth.dialogue.recognition import Heard, Lexicon, Recogniser
from probatum.synth.dialogue.truth import ASIDE, BAD, CANNOT, GOOD, REWRITING, Trial, Truth, isolate

UNKNOWN = Frame("")  # nothing is meant by what no request is
_TAKES_S = 1.1  # from the end of a request to the answer
_DONE = Stage(name="result", ok=True)
_FAILED = Stage(name="result", ok=False, code="failed_to_handle")
_LIKED = (Signal(kind="thumbs", value=1.0, source="person"),)
_DISLIKED = (Signal(kind="thumbs", value=-1.0, source="person"),)


@dataclass(slots=True)
class Try:
    """One thing that a user says."""

    said: str
    meant: Frame
    wish: Wish | None
    wanted: Effect | None
    goal: str
    attempt: int
    marks: tuple[str, ...]
    outcome: str = ""  # where it is known beforehand: `aside`


@dataclass(slots=True)
class Session:
    """A session while it lasts.

    Attributes
    ----------
    user : User
    speaker : Speaker
    name : str
    at : float
        The time, in seconds since 1970, UTC.
    rng : random.Random
    part : float
        Which part of the time that the log covers has passed.
    app : str
        What is in front on the device; "" for nothing.
    out : list of (time, turn, truth)
        What was said so far.
    """

    user: User
    speaker: Speaker
    name: str
    at: float
    rng: random.Random
    part: float
    app: str = ""
    out: list[tuple[float, Turn, Truth]] = field(default_factory=list)
    goals: int = 0
    context: tuple[tuple[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        front = (("app", self.app),) if self.app else ()
        self.context = (*front, ("device", "display" if self.speaker.screen else "speaker"), ("room", self.speaker.room))


@dataclass
class Exchange:
    """What exchanges are made with: a recogniser, and the assistant before and after its catalogue is brought up to date.

    Attributes
    ----------
    parameters : Parameters
    understanding : Understanding
    secrets : frozenset of str
        Words that only single users say.
    """

    parameters: Parameters
    understanding: Understanding
    secrets: frozenset[str]
    _best: dict[tuple[int, str, Wish, bool], str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.before = Assistant(self.understanding)
        self.after = Assistant(self.understanding, (*catalogue.titles(), catalogue.NEW_TITLE))
        known = dict(frequency())
        for word in sorted(catalogue.words() | self.secrets):
            known.setdefault(word, 1e-3)
        for kind in phrasing.KINDS.values():
            for word in " ".join(kind.templates).split():
                if "{" not in word:
                    known.setdefault(word, 2e-3)
        rare = catalogue.rare_words() | self.secrets
        channel = self.parameters.channel
        lexicon = Lexicon(known, channel, self.secrets)
        self._recognisers = [Recogniser(lexicon, f"accent {n}", rare) for n in range(channel.accents)]

    def say(self, session: Session, turn: Try, rewriting: Rewriting | None, articulated: float = 1.0) -> tuple[Reaction, Run]:
        """Let it be said, heard, understood and done, and the user react."""
        of, user, rng = self.parameters, session.user, session.rng
        spread = of.channel.spread
        quality = user.quality * rng.gammavariate(spread, 1 / spread) * articulated
        heard = self._recognisers[user.accent].hear(turn.said, quality, rng)
        home, room = user.home, session.speaker.room
        request = Request(
            text=heard.text,
            hypotheses=heard.hypotheses,
            confidence=heard.confidence,
            user=user.name,
            household=user.household,
            device=session.speaker.identifier,
            at=session.at,
            context=session.context,
        )
        assistant = self.after if session.part >= of.traps.listed else self.before
        decision = rewriting(request) if rewriting is not None and heard.text else None
        acted = decision.text if decision is not None else heard.text
        run = assistant.run(acted, home, room)
        if rewriting is not None and decision is not None and acted == heard.text and not decision.rewrite and run.effect is None:
            decision = rewriting(replace(request, refused=True))
            if decision.text != acted:
                acted = decision.text
                run = assistant.run(acted, home, room)
        outage = of.traps.outage
        out_of_order = (
            run.frame is not None and run.frame.intent == "HassMediaSearchAndPlay" and outage[0] <= session.part < outage[1]
        )
        broke = run.effect is not None and rng.random() < (outage[2] if out_of_order else of.broken)
        marks = (*turn.marks, "outage") if broke and out_of_order else turn.marks
        outcome = turn.outcome or self._outcome(turn, run, broke=broke)
        if outcome == ASIDE:
            reaction = Reaction(reactions.DONE)
        else:
            reaction = react(
                outcome,
                acted=run.effect is not None and not broke and run.effect[0] in ("HassTurnOn", "HassTurnOff"),
                playing=turn.wish is not None and turn.wish.kind == "play",
                patience=user.patience,
                settles=turn.wish is not None and bool(catalogue.CANNOT.get(turn.wish.thing)),
                reactions=of.reactions,
                rng=rng,
            )
        without = ""
        if acted != heard.text:
            plain = assistant.run(heard.text, home, room)
            without = turn.outcome or self._outcome(turn, plain, broke=broke)
        wrong: tuple[str, ...] = ()
        first = least = best = ""
        if outcome == BAD and turn.wanted is not None:
            best = self._best_words(session, turn, assistant)
            # Where the request would have failed anyway, it is what failed then; otherwise the rewrite did it.
            trial = Trial(
                heard=heard.text, said=turn.said, meant=turn.meant, wanted=turn.wanted, home=home, room=room, broke=broke
            )
            wrong, first, least = ((REWRITING,), REWRITING, REWRITING) if without == GOOD else isolate(assistant, trial)
        single = of.conversation == "request"
        conversation = of.opaque("conversation", session.name, len(session.out) if single else 0)
        wish = turn.wish
        truth = Truth(
            conversation, 0 if single else len(session.out), turn.goal, turn.attempt, turn.said,
            () if wish is None else (wish.kind, wish.thing, wish.area, str(wish.value)),
            outcome, first, least, wrong, reaction.kind, best, without, marks,
        )  # fmt: skip  # in the order of its fields
        said = self._logged(session, truth, heard, decision, run, reaction, broke=broke)
        if rewriting is not None:
            said = replace(said, policy=rewriting.version)
        session.out.append((session.at, said, truth))
        session.at += _TAKES_S
        return reaction, run

    def _logged(  # noqa: PLR0917 - all that became of it
        self,
        session: Session,
        truth: Truth,
        heard: Heard,
        decision: Decision | None,
        run: Run,
        reaction: Reaction,
        *,
        broke: bool,
    ) -> Turn:
        user = session.user
        stages = (Stage(name="recognition", ok=heard.text != "", confidence=heard.confidence, output=heard.text), *run.stages)
        if run.effect is not None:
            stages = (*stages, _FAILED if broke else _DONE)
        return Turn(
            conversation=truth.conversation,
            position=truth.position,
            user=user.name,
            device=session.speaker.identifier,
            household=user.household,
            asked_at=session.at,
            answered_at=session.at + _TAKES_S,
            text=heard.text,
            hypotheses=heard.hypotheses,
            rewritten=decision.text if decision is not None and decision.text != heard.text else "",
            rewrite=decision.rewrite if decision is not None else "",
            arm=decision.arm if decision is not None else "",
            propensity=decision.propensity if decision is not None else None,
            domain=run.domain,
            intent=run.frame.intent if run.frame is not None else "",
            slots=run.slots,
            response="An unexpected error occurred" if broke else run.response,
            interrupted_ms=reaction.interrupted_ms,
            stages=stages,
            signals=(_LIKED if reaction.thumb > 0 else _DISLIKED) if reaction.thumb else (),
            context=session.context,
            locale="en",
            channel="voice",
        )

    def _outcome(self, turn: Try, run: Run, *, broke: bool) -> str:
        if turn.wanted is None:
            return CANNOT
        return GOOD if run.effect == turn.wanted and not broke else BAD

    def _best_words(self, session: Session, turn: Try, assistant: Assistant) -> str:
        """Return the plainest words that fulfil the wish, or "" if none do."""
        if turn.wish is None or turn.wish.kind not in phrasing.KINDS:
            return ""
        home, room = session.user.home, session.speaker.room
        key = (id(home), room, turn.wish, assistant is self.after)
        if key not in self._best:
            self._best[key] = ""
            for template in phrasing.KINDS[turn.wish.kind].templates:
                text, _ = phrasing.say(turn.wish, template, turn.wish.thing)
                if assistant.run(text, home, room).effect == turn.wanted:
                    self._best[key] = text
                    break
        return self._best[key]

    def overheard(self, session: Session, words: str, rewriting: Rewriting | None, mark: str = "false wake") -> None:
        """Let a device wake where nobody asked it, and hear what a television says."""
        turn = Try(words, UNKNOWN, None, None, f"{session.name}/tv", 0, (mark,), ASIDE)
        self.say(session, turn, rewriting)
        at, said, truth = session.out[-1]
        # Nothing was wanted, so whatever was done is not what was wanted.
        wake = replace(truth, outcome=BAD, first_unrepaired="wake", least_repair="wake", wrong=("wake",), reaction="")
        session.out[-1] = (at, said, wake)
