"""Who is being taught what: the open question of each user, what the last requests of each came to, and what follows for the store.

A user has one open question at most. What users said lately is kept in memory only, for as long as it can matter.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from probatum.dialogue.artefacts.teaching import TeachingRules
from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.teaching.checking import Checker, Listed, Working, carry_out
from probatum.dialogue.model.teaching.lesson import OPEN, Lesson, Step, begin, checked, confirm, hear, tell, widen
from probatum.dialogue.model.teaching.moments import Alike, Moment, Turn, forgets, never_now, said, told
from probatum.dialogue.model.teaching.preference import Grounded, Preference
from probatum.dialogue.model.teaching.proposals import Check, Found
from probatum.dialogue.model.teaching.taught import Use
from probatum.dialogue.semantics.similar import similar
from probatum.dialogue.service.serving.personal import Personal

_PEOPLE = 10_000  # whose last requests are remembered
_TURNS = 8  # of each
_LONGEST = 1000  # characters of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """Where a lesson stands, for the assistant.

    Attributes
    ----------
    lesson : str
        By which the answer names it; "" where none is open.
    state : str
        `asked` or `confirming`: `say` is to be put to the user, and what is said next belongs to the lesson. `stored`, `forgotten`,
        `dropped`: it is over.
    say : str
        "" for nothing.
    act : str
        Request to act on now, "" for none: after a drop what the user said instead.
    trigger, phrase : str
        Why and about what it was asked.
    why : str
        It was dropped.
    learnt : dict or None
        What was stored.
    """

    lesson: str = ""
    state: str = "dropped"
    say: str = ""
    act: str = ""
    trigger: str = ""
    phrase: str = ""
    why: str = ""
    learnt: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """An answer that has to be checked: see `Teacher.conclude`."""

    user: str
    household: str
    context: Mapping[str, str]
    lesson: Lesson
    checks: tuple[Check, ...]


@dataclass(slots=True)
class _Open:
    name: str
    lesson: Lesson
    household: str
    context: Mapping[str, str]


@dataclass(slots=True)
class Teacher:
    """Leads the lessons of all users, one thread at a time.

    Parameters
    ----------
    personal : Personal
    rules : TeachingRules
    checker : Checker or None
        That may be called from any thread, and may take its time; besides the catalogue of the rules.
    works : callable or None
        Whether a normalised request is known to work for most; called from this thread only.
    alike : callable
        Whether a request is a second try of another.
    """

    personal: Personal
    rules: TeachingRules = field(default_factory=TeachingRules)
    checker: Checker | None = None
    works: Callable[[str], bool] | None = None
    alike: Alike = similar
    _open: dict[str, _Open] = field(default_factory=dict, init=False)
    _recent: OrderedDict[str, deque[Turn]] = field(default_factory=OrderedDict, init=False)
    _stored: dict[str, tuple[str, float]] = field(default_factory=dict, init=False)
    _count: int = field(default=0, init=False)
    _listed: Listed | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Make the catalogue's tables."""
        self._listed = Listed(self.rules.catalogue) if self.rules.catalogue is not None else None

    def heard(
        self,
        user: str,
        text: str,
        context: Mapping[str, str],
        *,
        household: str,
        at: float,
        turn: str,
        may_ask: Callable[[], bool],
    ) -> Teaching | None:
        """Take a request, before it is decided about; return what is to be said of it, None for nothing.

        An open question that nobody answered is closed by it.

        Parameters
        ----------
        user, household : str
            Pseudonyms.
        text : str
            Normalised.
        context : mapping of str to str
        at : float
        turn : str
        may_ask : callable
            Whether the session's budget has room; called only where a question is to be put.
        """
        self._open.pop(user, None)
        own = Turn(turn, text, at, context)
        earlier = tuple(self._recent.get(user, ()))
        wanted = forgets(text)
        if wanted is not None:
            if wanted.what == "that":
                last = self._stored.get(user, ("", 0.0))
                used = earlier[-1].used if earlier and at - earlier[-1].at <= self.rules.window_s else ""
                name = used or (last[0] if 0 <= at - last[1] <= self.rules.window_s else "")
                return self.forget(user, name) if name else None
            return self._forget_about(user, normalised(wanted.about) if wanted.what == "about" else "")
        moment = said(own, earlier, self.rules, self.alike)
        self._take(user, own)
        return self._begun(user, moment, own, household, may_ask) if moment is not None else None

    def again(self, user: str, text: str, turn: str) -> bool:
        """Take that an assistant asks once more about what was last said: it was said once, and is `turn` from now on.

        Returns whether that is what was last said.
        """
        turns = self._recent.get(user)
        if not turns or turns[-1].text != text:
            return False
        turns[-1].turn = turn
        return True

    def used(self, user: str, turn: str, use: Use) -> None:
        """Take that a request was rewritten by what was taught."""
        for one in self._recent.get(user, ()):
            if one.turn == turn:
                one.used = use.preference.identifier

    def elsewhere(
        self,
        user: str,
        use: Use,
        context: Mapping[str, str],
        *,
        household: str,
        at: float,
        turn: str,
        may_ask: Callable[[], bool],
    ) -> Teaching | None:
        """Ask whether what was taught in other circumstances holds here too, if it may be asked; the parameters are those of `heard`."""
        if not self._may(user, context, at) or not may_ask():
            return None
        lesson = Lesson(trigger="elsewhere", about="request", at=at, phrase=use.preference.phrase, request=use.text, turn=turn)
        return self._put(user, widen(lesson, use.preference), household, context, asked=at)

    def reported(
        self,
        user: str,
        turn: str,
        *,
        well: bool | None,
        intent: str = "",
        slots: Sequence[tuple[str, str]] = (),
        unknown: str = "",
        household: str = "",
        at: float,
        may_ask: Callable[[], bool],
    ) -> Teaching | None:
        """Take what became of a request; return what is to be said of it.

        Parameters
        ----------
        user, turn, household, at, may_ask
            As in `heard`.
        well : bool or None
            Whether it was what was wanted; None if nobody knows.
        intent, slots
            What it was understood as.
        unknown : str
            Value of a slot that nothing was found for.
        """
        turns = self._recent.get(user, deque())
        found = next((one for one in turns if one.turn == turn), None)
        if found is None:
            return None
        found.failed = None if well is None else not well
        found.intent, found.slots, found.unknown = intent, tuple(sorted(slots)), normalised(unknown)
        if user in self._open or found is not turns[-1]:
            return None
        earlier = [one for one in turns if one is not found]
        moment = told(found, earlier, self.rules, self.alike)
        return self._begun(user, moment, found, household, may_ask, at=at) if moment is not None else None

    def start(self, user: str, phrase: str, context: Mapping[str, str], *, household: str = "", at: float) -> Teaching:
        """Ask what a phrase means, or what to learn for "", because the user wants it: no budget counts."""
        text = normalised(phrase)
        if never_now(context, self.rules):
            return Teaching(why="not now")
        self._open.pop(user, None)
        moment = Moment("asked", "request" if text else "open", text, text)
        return self._put(user, begin(self._lesson(moment, Turn("", text, at, context), at)), household, context)

    def hear(self, user: str, text: str, *, at: float, lesson: str = "") -> Teaching | Pending:
        """Take the answer to the open question of a user; what has to be checked goes to `conclude`."""
        own = self._open.get(user)
        if own is None or (lesson and own.name != lesson):
            return Teaching(why="nothing was asked", act=text)
        heard = normalised(text[:_LONGEST])
        return self._after(user, own, hear(own.lesson, heard, at=at, rules=self.rules), said=text)

    def confirm(self, user: str, *, yes: bool, at: float, lesson: str = "") -> Teaching | Pending:
        """Take a confirmation by a button."""
        own = self._open.get(user)
        if own is None or own.lesson.state != "confirming" or (lesson and own.name != lesson):
            return Teaching(why="nothing is to be confirmed")
        return self._after(user, own, confirm(own.lesson, yes=yes, at=at, rules=self.rules))

    def check(self, pending: Pending) -> list[Found | None]:
        """Carry out the checks of an answer; may be called from any thread."""
        found: list[Found | None] = [None] * len(pending.checks)
        for one in (self._listed, self.checker):
            if one is not None and all(result is None for result in found):
                found = carry_out(pending.checks, one, pending.context)
        return found

    @property
    def can_check(self) -> bool:
        """Whether there is something to check against that knows what the assistant does."""
        return self.checker is not None or self.rules.catalogue is not None

    def understood(self, text: str) -> Grounded | None:
        """Return what a normalised request would do, None for nothing."""
        pending = Pending("", "", {}, Lesson(trigger="asked", about="open", at=0.0), (Check(((text,),), text),))
        [found] = self.check(pending)
        return found.grounded if found is not None else None

    def conclude(self, pending: Pending, found: Sequence[Found | None]) -> Teaching | Pending:
        """Take what `check` found."""
        own = self._open.get(pending.user)
        if own is None or own.lesson is not pending.lesson:
            return Teaching(why="another request came")
        if self.works is not None and all(one is None for one in found):
            found = carry_out(pending.checks, Working(self.works), pending.context)
        return self._after(pending.user, own, checked(own.lesson, found, rules=self.rules))

    def answer(self, user: str, text: str, *, at: float, lesson: str = "") -> Teaching:
        """Take an answer, and check it at once."""
        return self.finish(self.hear(user, text, at=at, lesson=lesson))

    def finish(self, found: Teaching | Pending) -> Teaching:
        """Check until there is something to say."""
        while isinstance(found, Pending):
            found = self.conclude(found, self.check(found))
        return found

    def forget(self, user: str, identifier: str) -> Teaching:
        """Forget a preference."""
        gone = [one for one in self.personal.get(user).taught.current if one.identifier == identifier]
        if not self.personal.unteach(user, identifier):
            return Teaching(why="there is no such thing")
        self._stored.pop(user, None)
        return Teaching(
            state="forgotten", say="\n".join(f'I have forgotten that "{one.phrase}" means "{one.means}".' for one in gone)
        )

    def forget_about(self, user: str, text: str) -> int:
        """Forget what a user taught about some words, or all for ""; return how many preferences."""
        self._stored.pop(user, None)
        self._open.pop(user, None)
        return self.personal.unteach_about(user, normalised(text))

    def forget_user(self, user: str) -> None:
        """Forget what is in memory of a user; the store is emptied by itself."""
        self._open.pop(user, None)
        self._recent.pop(user, None)
        self._stored.pop(user, None)

    def _forget_about(self, user: str, text: str) -> Teaching | None:
        many = self.forget_about(user, text) if self.personal.get(user).taught.current else 0
        if not many:
            return None
        about = f' about "{text}"' if text else ""
        return Teaching(state="forgotten", say=f"I have forgotten {many} thing{'s' if many > 1 else ''}{about}.")

    def _begun(
        self, user: str, moment: Moment, turn: Turn, household: str, may_ask: Callable[[], bool], *, at: float | None = None
    ) -> Teaching | None:
        now = turn.at if at is None else at
        if never_now(turn.context, self.rules):
            return None
        # Whoever wants to teach is not held up by how often others like to be asked.
        wanted = moment.trigger == "asked"
        if not wanted and (not self._may(user, turn.context, now) or self._knows(user, moment, turn, now) or not may_ask()):
            return None
        lesson = self._lesson(moment, turn, now)
        step = tell(lesson, moment.told, self.rules) if moment.told else begin(lesson)
        if step.lesson.state not in OPEN or (moment.told and step.lesson.state != "confirming" and not wanted):
            return None
        return self._put(user, step, household, turn.context, asked=None if wanted else now)

    def _lesson(self, moment: Moment, turn: Turn, at: float) -> Lesson:
        bound = tuple(sorted(f"{name}={value}" for name, value in turn.context.items() if name in self.rules.bound and value))
        return Lesson(
            trigger=moment.trigger,
            about=moment.about,
            at=at,
            phrase=moment.phrase,
            request=moment.request,
            circumstances=bound,
            turn=turn.turn,
        )

    def _knows(self, user: str, moment: Moment, turn: Turn, at: float) -> bool:
        known = frozenset(f"{name}={value}" for name, value in turn.context.items())
        use = self.personal.get(user).taught.find(moment.request, known, now=at) if moment.request else None
        return use is not None and use.fits and moment.trigger in {"repeated", "unknown"}

    def _may(self, user: str, context: Mapping[str, str], at: float) -> bool:
        return not never_now(context, self.rules) and not 0 <= at - self.personal.get(user).asked < self.rules.pause_s

    def _put(self, user: str, step: Step, household: str, context: Mapping[str, str], *, asked: float | None = None) -> Teaching:
        if asked is not None:
            self.personal.asked(user, asked)
        self._count += 1
        own = _Open(f"t{self._count:x}", step.lesson, household, context)
        if len(self._open) >= _PEOPLE:
            self._open.pop(next(iter(self._open)))
        self._open[user] = own
        return _teaching(own.name, step)

    def _after(self, user: str, own: _Open, step: Step, said: str = "") -> Teaching | Pending:
        lesson = step.lesson
        if step.checks:
            own.lesson = lesson
            return Pending(user, own.household, own.context, lesson, step.checks)
        if lesson.state in OPEN:
            own.lesson = lesson
            return _teaching(own.name, step)
        del self._open[user]
        stored = step.store
        if stored is not None:
            if stored.reach == "household" and not own.household:
                stored = replace(stored, reach="user")
            self.personal.teach(user, stored, own.household)
            self._stored[user] = (stored.identifier, lesson.at)
        # A request that was no answer is passed on as it was written.
        whole = step.serve and step.serve == normalised(said)
        return _teaching("", step, stored, act=said if whole else step.serve)

    def _take(self, user: str, turn: Turn) -> None:
        turns = self._recent.setdefault(user, deque(maxlen=_TURNS))
        turns.append(turn)
        self._recent.move_to_end(user)
        if len(self._recent) > _PEOPLE:
            gone, _ = self._recent.popitem(last=False)
            self._stored.pop(gone, None)


def _teaching(name: str, step: Step, stored: Preference | None = None, act: str = "") -> Teaching:
    lesson = step.lesson
    return Teaching(
        lesson=name,
        state=lesson.state,
        say=step.say,
        act=act or step.serve,
        trigger=lesson.trigger,
        phrase=lesson.phrase,
        why=lesson.why,
        learnt=stored.to_json() if stored is not None else None,
    )
