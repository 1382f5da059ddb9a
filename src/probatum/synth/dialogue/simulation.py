"""Days of conversations: users begin sessions, pursue wishes, and react to what really came of them.

A day of a user depends on the parameters and on what was rewritten on that day, and on nothing else: days
can be made in any order, and a policy of rewrites acts from the day on which it is handed in.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from probatum.dialogue.artefacts.turn import Turn
from probatum.synth.dialogue import catalogue, phrasing, planted, reactions
from probatum.synth.dialogue.assistant import Run
from probatum.synth.dialogue.exchange import UNKNOWN, Exchange, Session, Try
from probatum.synth.dialogue.frames import Understanding
from probatum.synth.dialogue.homes import Effect
from probatum.synth.dialogue.online import Rewriting
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.people import User, draw_users, draw_wish, zipf
from probatum.synth.dialogue.phrasing import Wish
from probatum.synth.dialogue.pipelines.classifier import Classifier
from probatum.synth.dialogue.pipelines.grammar import Grammar
from probatum.synth.dialogue.planted import Trap
from probatum.synth.dialogue.reactions import Reaction
from probatum.synth.dialogue.truth import ASIDE, Truth

_MOST_TRIES = 6
_BEAT_S = 2.5  # from an answer to stop, thanks, or taking it back
_IN_OWN_WORDS = 0.75  # share of times that a user calls a thing by the name that only they use
_NEAREST = 0.7  # share of sessions at the device that a user has nearest
_LISTENING = 0.2  # share of sessions in which music is in front
_ASIDES = {reactions.STOP: ("stop", "never mind"), reactions.THANK: ("thanks", "thank you", "great thanks")}
_understanding: dict[str, type[Understanding]] = {"grammar": Grammar, "classifier": Classifier}


@dataclass
class Simulation:
    """A world and what happens in it.

    Attributes
    ----------
    parameters : Parameters
    understanding : Understanding or None
        Instead of the one that the parameters name, whose digest then says nothing of it: a `Remembered` one, for example.
    """

    parameters: Parameters
    understanding: Understanding | None = None
    users: tuple[User, ...] = field(init=False)

    def __post_init__(self) -> None:
        of = self.parameters
        understanding = self.understanding or _understanding[of.understanding]()
        self.users = draw_users(of, lambda kind, template: _works(understanding, kind, template))
        secrets = frozenset(word for user in self.users for word in user.secret.split())
        self._exchange = Exchange(of, understanding, secrets)

    @property
    def secrets(self) -> dict[str, str]:
        """Secrets that were planted -> their users."""
        return {user.secret: user.name for user in self.users if user.secret}

    @property
    def traps(self) -> tuple[Trap, ...]:
        """Pairs of requests that a learner will meet, and should not make rewrites of."""
        return planted.traps(self.parameters)

    def run(self, first: int = 0, last: int | None = None, rewriting: Rewriting | None = None) -> Iterator[tuple[Turn, Truth]]:
        """Yield the turns of some days and the truth about them, in the order of their times.

        Parameters
        ----------
        first, last : int
            Days, from 0; the last is not made. None: all that the parameters say.
        rewriting : Rewriting or None
        """
        for day in range(first, self.parameters.days if last is None else last):
            sessions = [session for user in self.users for session in self._day(user, day, rewriting)]
            sessions += planted.bursts(self._exchange, self.users, day, rewriting)
            sessions += planted.adverts(self._exchange, self.users, day, rewriting)
            out = [one for session in sessions for one in session.out]
            out.sort(key=itemgetter(0))
            yield from ((turn, truth) for _, turn, truth in out)

    def _day(self, user: User, day: int, rewriting: Rewriting | None) -> Iterator[Session]:
        of = self.parameters
        rng = of.chance(user.name, day)
        for number in range(_poisson(user.activity, rng)):
            speaker = user.speakers[0] if rng.random() < _NEAREST else rng.choice(user.speakers)
            at = of.at(day, 3600.0 * (rng.choice(user.hours) + rng.random()))
            app = "music" if rng.random() < _LISTENING else ""
            session = Session(user, speaker, f"{user.name}-{day}-{number}", at, rng, of.part(day), app)
            if rng.random() < of.false_wakes:
                self._exchange.overheard(session, rng.choice(catalogue.BROADCAST), rewriting)
            else:
                for _ in range(1 + _poisson(of.wishes, rng)):
                    wish, marks = self._wish(session)
                    if wish is not None:
                        self._pursue(session, wish, marks, rewriting)
                        session.at += rng.lognormvariate(math.log(of.reactions.next_s[0]), of.reactions.next_s[1])
            yield session

    def _wish(self, session: Session) -> tuple[Wish | None, tuple[str, ...]]:
        of, user, rng = self.parameters, session.user, session.rng
        wish: Wish | None
        if user.habits and rng.random() < of.habitual:
            wish = user.habits[bisect_left(user.weights, rng.random() * user.weights[-1])]
        else:
            wish = draw_wish(user, of, rng, screen=session.speaker.screen)
        if wish is None or (wish.kind == "film" and not session.speaker.screen):
            return None, ()
        if wish.kind == "play" and session.part >= of.traps.released and rng.random() < of.traps.new_title:
            return Wish("play", catalogue.NEW_TITLE), ("new title",)
        marks = ("canary",) if user.secret and wish.thing == user.secret else ("film",) if wish.kind == "film" else ()
        return wish, marks

    def _pursue(self, session: Session, wish: Wish, marks: tuple[str, ...], rewriting: Rewriting | None) -> None:
        """Try for a wish until it is fulfilled or given up, and what follows from it."""
        of, user, rng = self.parameters, session.user, session.rng
        goal = f"{session.name}/{session.goals}"
        session.goals += 1
        called, prefix, articulated = wish.thing, "", 1.0
        if wish.thing in user.nicknames and wish.kind in phrasing.KINDS and rng.random() < _IN_OWN_WORDS:
            called, marks = user.nicknames[wish.thing], (*marks, "nickname")
        elif (short := _short(wish)) and rng.random() < of.traps.halved:
            called, marks = short, (*marks, "halved")
        template = self._template(session, wish)
        for attempt in range(_MOST_TRIES):
            text, meant = phrasing.say(wish, template, called)
            said = prefix + text
            turn = Try(said, meant or UNKNOWN, wish, self._wanted(session, wish), goal, attempt, marks)
            reaction, run = self._exchange.say(session, turn, rewriting, articulated)
            if reaction.kind in (reactions.SAME, reactions.OTHER_WORDS, reactions.CORRECT) and attempt + 1 < _MOST_TRIES:
                session.at += rng.lognormvariate(math.log(of.reactions.again_s[0]), of.reactions.again_s[1])
                prefix = "no " if reaction.kind == reactions.CORRECT else ""
                articulated = of.channel.articulated
                if reaction.kind == reactions.OTHER_WORDS:
                    called = self._renamed(wish, called, rng)
                    if wish.kind in phrasing.KINDS:
                        template = self._other(session, wish, template)
                continue
            self._after_all(session, turn, reaction, run, rewriting)
            return

    def _renamed(self, wish: Wish, called: str, rng: random.Random) -> str:
        if called != wish.thing and (_short(wish) == called or rng.random() < self.parameters.reactions.renamed):
            return wish.thing
        return called

    def _after_all(self, session: Session, last: Try, reaction: Reaction, run: Run, rewriting: Rewriting | None) -> None:
        """Do what a user does when a wish is fulfilled, or no longer pursued."""
        rng, wish, marks = session.rng, last.wish, last.marks
        if wish is None:
            return
        if reaction.kind in _ASIDES:
            session.at += rng.lognormvariate(math.log(_BEAT_S), 0.4)
            self._exchange.say(
                session,
                Try(rng.choice(_ASIDES[reaction.kind]), UNKNOWN, None, None, last.goal, last.attempt + 1, marks, ASIDE),
                rewriting,
            )
        elif reaction.kind == reactions.UNDO and run.effect is not None:
            opposite = {"HassTurnOn": "off", "HassTurnOff": "on"}.get(run.effect[0])
            things = run.effect[1]
            if opposite and things and (device := session.user.home.devices.get(things[0])):
                session.at += rng.lognormvariate(math.log(_BEAT_S), 0.4)
                kind = {"cover": {"on": "open", "off": "close"}[opposite]}.get(device.domain, opposite)
                self._pursue(session, Wish(kind, device.name, device.area), (*marks, "undo"), rewriting)
        elif reaction.kind == reactions.SETTLE:
            session.at += rng.lognormvariate(math.log(self.parameters.reactions.again_s[0]), 0.5)
            other = catalogue.CANNOT[wish.thing]
            instead = self._exchange.before.run(other, session.user.home, session.speaker.room)
            turn = Try(other, instead.frame or UNKNOWN, None, instead.effect, f"{last.goal}'", 0, (*marks, "settled"))
            self._exchange.say(session, turn, rewriting)
        elif reaction.kind == reactions.BROWSE:
            session.at += rng.lognormvariate(math.log(25.0), 0.6)
            self._pursue(
                session,
                Wish("play", zipf(catalogue.half(catalogue.titles(), self.parameters.entities), rng)),
                ("alternative",),
                rewriting,
            )
        elif reaction.kind == reactions.FOLLOW and wish.kind in phrasing.KINDS and phrasing.KINDS[wish.kind].then:
            follow = phrasing.KINDS[rng.choice(phrasing.KINDS[wish.kind].then)]
            session.at += rng.lognormvariate(math.log(30.0), 0.8)
            if follow.name == "add":
                self._pursue(
                    session, Wish("add", zipf(catalogue.half(catalogue.ITEMS, self.parameters.entities), rng)), (), rewriting
                )
            elif not follow.domains and not follow.area:
                self._pursue(session, Wish(follow.name), (), rewriting)
            elif follow.area or session.user.home.devices[wish.thing].domain in follow.domains:
                value = 10 * rng.randint(1, 9) if follow.name == "dim" else 0
                self._pursue(session, Wish(follow.name, wish.thing, wish.area, value), (), rewriting)

    def _template(self, session: Session, wish: Wish) -> str:
        if wish.kind not in phrasing.KINDS:
            return ""
        templates, weights = session.user.words[wish.kind]
        template = templates[min(bisect_left(weights, session.rng.random() * weights[-1]), len(templates) - 1)]
        return template if _told(session, wish, template) else templates[0]

    def _other(self, session: Session, wish: Wish, template: str) -> str:
        templates, rng = session.user.words[wish.kind][0], session.rng
        if rng.random() < self.parameters.reactions.plainer and template != templates[0]:
            # On a screen that played the song, who wants the film says so.
            return templates[1] if wish.kind == "film" and len(templates) > 1 else templates[0]
        chosen = rng.choice(templates)
        return chosen if _told(session, wish, chosen) else templates[0]

    def _wanted(self, session: Session, wish: Wish) -> Effect | None:
        """Return what the wish is fulfilled by, or None if the assistant is not made for it."""
        kind = phrasing.KINDS.get(wish.kind)
        if kind is None:
            return None
        value = kind.value if wish.kind != "film" else ""
        if wish.value:
            value = str(wish.value * 60 if wish.kind == "timer" else wish.value)
        if wish.kind == "film":
            return kind.intent, (f"{wish.thing} (film)",), ""
        if kind.area:
            things = tuple(d.name for d in session.user.home.of(kind.area) if d.area == wish.area)
            return kind.intent, things, value
        return kind.intent, (wish.thing,) if wish.thing else (), value


def _told(session: Session, wish: Wish, template: str) -> bool:
    """Whether words tell which room is meant: nobody leaves it out but in the room itself."""
    return not phrasing.KINDS[wish.kind].area or "{a}" in template or session.speaker.room == wish.area


def _works(understanding: Understanding, kind: str, template: str) -> bool:
    known = phrasing.KINDS[kind]
    thing = next((name for name, domain in catalogue.device_names() if domain in known.domains), "silver river")
    value = 20 if "{v}" in template else 0
    text, meant = phrasing.say(Wish(kind, thing, catalogue.AREAS[0], value), template, thing)
    return any(parse.frame == meant for parse in understanding.parses(text))


def _short(wish: Wish) -> str:
    """Return the shorter title that is the beginning of the one that is wanted; "" if there is none."""
    return next((short for short, more in catalogue.LONGER.items() if wish.thing == f"{short} {more}"), "")


def _poisson(mean: float, rng: random.Random) -> int:
    """Draw from a Poisson distribution of a small mean, by multiplying (Knuth)."""
    bound, product, many = math.exp(-mean), rng.random(), 0
    while product > bound:
        product *= rng.random()
        many += 1
    return many
