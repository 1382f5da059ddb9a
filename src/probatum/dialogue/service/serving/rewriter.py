"""What to do with a request: leave it, rewrite it, or ask; in time, or it is left.

Nothing that goes wrong here may keep an assistant from answering: whatever is
missing, damaged, late or unexpected, the request is kept as it was said, and a
counter says why.
"""

from __future__ import annotations

import math
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.denied import Denied
from probatum.dialogue.model.options import Option, Setting, likeness, option, options
from probatum.dialogue.model.recovery.offers import LONGEST, MOST_HEARD
from probatum.dialogue.model.teaching.preference import Preference
from probatum.dialogue.model.teaching.proposals import adds_risk, risky
from probatum.dialogue.model.teaching.taught import Use
from probatum.dialogue.semantics.circumstances import keys
from probatum.dialogue.service.holdout import draw
from probatum.dialogue.service.registry import Rewrite
from probatum.dialogue.service.serving.messages import Action, Answer, Report, Request
from probatum.dialogue.service.serving.personal import Person, Personal
from probatum.dialogue.service.serving.policies import WORKS, Policies
from probatum.dialogue.service.serving.policy_file import Policy, Rules
from probatum.dialogue.service.serving.recovering import recovered
from probatum.dialogue.service.serving.teacher import Teacher, Teaching

# What is found for a text that nobody is known to have said: texts, the likeliest first.
Search: TypeAlias = Callable[[str], Sequence[str]]

__all__ = ["Answer", "Report", "Request", "Rewriter"]

DEADLINE_S = 0.03
_SERVED = ("canary", "active")
_SESSIONS = 100_000  # whose questions are remembered
_RECENT = 100_000  # answers that feedback may be about
_LONGEST = 1000  # characters of a request; longer ones are kept


@dataclass(frozen=True, slots=True)
class _Decided:
    action: Action
    text: str
    reason: str
    rewrite: str = ""
    p: float | None = None
    arm: str = "none"
    propensity: float = 1.0
    steps: tuple[str, ...] = ()
    teaching: Teaching | None = None
    use: Use | None = None


@dataclass(slots=True)
class Rewriter:
    """Decides about requests, one thread at a time.

    Parameters
    ----------
    policies : Policies
    key : bytes
        Of pseudonyms and of the hold-out: the key of the folder that the logs were imported into.
    personal : Personal or None
    teacher : Teacher or None
        Notices what there is to learn; without one, users are never asked.
    search : callable or None
        Looks for texts like one that nobody is known to have said, in place of what the policy has for that. It runs in a
        thread of its own, and is not waited for beyond the deadline.
    deadline_s : float

    Attributes
    ----------
    counts : Counter of str
        Actions, and reasons for which requests were kept.
    """

    policies: Policies
    key: bytes
    personal: Personal | None = None
    teacher: Teacher | None = None
    search: Search | None = None
    deadline_s: float = DEADLINE_S
    counts: Counter[str] = field(default_factory=Counter, init=False)
    _denied: Denied = field(default_factory=Denied, init=False)
    _asked: OrderedDict[str, int] = field(default_factory=OrderedDict, init=False)
    _recent: OrderedDict[str, tuple[str, str, str, str]] = field(default_factory=OrderedDict, init=False)
    _searching: ThreadPoolExecutor = field(init=False)
    _turns: int = field(default=0, init=False)
    # So that feedback about what was answered before a restart is about nothing of now.
    _run: str = field(default_factory=lambda: f"{secrets.token_hex(4)}-", init=False)

    def __post_init__(self) -> None:
        """Make the thread for searches."""
        self._searching = ThreadPoolExecutor(1, "probatum-search")

    def warm(self) -> None:
        """Load what the first request would otherwise wait for."""
        likeness("open the garage", "open the garage door")
        normalised("Straße")

    def answer(self, request: Request) -> Answer:
        """Decide about a request; never raises, and searches no longer than the deadline."""
        begun = time.perf_counter()
        first = self.at_once(request)
        if first is not None:
            return first
        try:
            left = self.deadline_s - (time.perf_counter() - begun)
            found = self._searching.submit(self.look, request).result(max(0.0, left))
        except Late:
            return self.kept(request, "late", begun)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the assistant must answer
            return self.kept(request, f"failed: {type(problem).__name__}", begun)
        return self.at_last(request, found, begun)

    def at_once(self, request: Request) -> Answer | None:
        """Decide by what is in memory; None if it is worth a search (`look`, then `at_last`)."""
        begun = time.perf_counter()
        try:
            decided = self._noticed(request) or self._decide(request, None)
        except Exception as problem:  # noqa: BLE001 - as above
            return self.kept(request, f"failed: {type(problem).__name__}", begun)
        return self._said(request, decided, begun) if decided is not None else None

    def look(self, request: Request) -> Sequence[str]:
        """Search for texts like what was said; may be called from any thread."""
        search = self._search()
        if search is None:
            return ()
        if not request.refused:
            return search(normalised(request.text))
        every = dict.fromkeys(normalised(one) for one in (request.text, *request.heard) if len(one) <= LONGEST)
        return tuple({found: None for one in list(every)[:MOST_HEARD] for found in search(one)})

    def at_last(self, request: Request, found: Sequence[str], begun: float) -> Answer:
        """Decide after a search."""
        try:
            decided = self._decide(request, found) or _Decided("keep", request.text, "nothing known")
        except Exception as problem:  # noqa: BLE001 - as above
            return self.kept(request, f"failed: {type(problem).__name__}", begun)
        return self._said(request, decided, begun)

    def kept(self, request: Request, reason: str, begun: float) -> Answer:
        """Return that a request is kept, and count why."""
        return self._said(request, _Decided("keep", request.text, reason), begun)

    def meant(self, request: Request, user: str) -> str:
        """Return the normalised text that a request would be acted on as if nobody were held out and nothing could be asked.

        Parameters
        ----------
        request : Request
            Without a user and a session.
        user : str
            The pseudonym of who says it; "" for nobody.
        """
        decided = self._decide(request, None, user, draws=False)
        if decided is None:
            decided = self._decide(request, self.look(request), user, draws=False)
        return normalised(decided.text if decided is not None and decided.action == "rewrite" else request.text)

    def feedback(self, turn: str, *, well: bool) -> bool:
        """Take whether an answer was what somebody wanted; return whether it is known which one is meant.

        What was rewritten and was not wanted is not rewritten so again for this user.
        """
        said = self._recent.get(turn)
        if said is None:
            return False
        self._learn(said, well=well)
        # Only now: what could not be stored may be sent again.
        del self._recent[turn]
        return True

    def _learn(self, said: tuple[str, str, str, str], *, well: bool) -> None:
        user, text, meant, used = said
        if self.personal is None or not user:
            return
        if used and not well:
            self.personal.unteach(user, used, "not wanted")
        person = self.personal.get(user)
        if well:
            person.habits.add(text, meant, well=1.0, at=time.time())
        elif text != meant:
            person.habits.drop(text, meant)
        self.personal.put(user, person)

    def report(self, turn: str, report: Report) -> Teaching | None:
        """Take what an assistant tells of a request, besides `feedback`; return a question, where there is something to learn.

        To be called before `feedback` about the same turn.
        """
        said = self._recent.get(turn)
        if said is None or self.teacher is None or not said[0]:
            return None
        try:
            return self.teacher.reported(
                said[0],
                turn,
                well=report.well,
                intent=report.intent,
                slots=report.slots,
                unknown=report.unknown,
                household=self._pseudonym(report.household, "household"),
                at=report.at if report.at is not None else time.time(),
                may_ask=lambda: self._has_budget(report.session or said[0]),
            )
        except Exception as problem:  # noqa: BLE001 - as above
            self.counts[f"reason teaching failed: {type(problem).__name__}"] += 1
            return None

    def teach(self, user: str, said: str, meant: str, *, at: float | None = None) -> Preference:
        """Store what a user says that something means, and return it: it holds from the very next request.

        It was typed, or confirmed elsewhere, so nobody is asked; it is checked where there is something to check it against.

        Raises
        ------
        ValueError
            If there is nobody, or nothing, to learn, or it is not understood.
        """
        own, one, other = self._pseudonym(user), normalised(said), normalised(meant)
        if self.personal is None or not own or not one or not other or one == other:
            raise ValueError("a user, what is said and what else it means are needed, and a place to store it")
        why = self._denied.why(one) or self._denied.why(other)
        if why:
            raise ValueError(f"this is not to be touched: {why}")
        grounded = None
        if self.teacher is not None and self.teacher.can_check:
            if risky(other) or risky(one):
                raise ValueError("this is not to be touched: it asks for what is hard to undo")
            grounded = self.teacher.understood(other)
            if grounded is None:
                raise ValueError("the assistant does not understand what it is to mean")
        now = at if at is not None else time.time()
        made = Preference(kind="alias", phrase=one, means=other, created=now, grounded=grounded)
        self.personal.teach(own, made)
        return made

    def lesson(self, user: str, text: str, *, at: float | None = None, lesson: str = "") -> Teaching:
        """Take the answer of a user to a question of a lesson, "" for silence, and return what follows.

        Raises
        ------
        ValueError
            If nothing is taught here.
        """
        return self.taught_by().answer(self._pseudonym(user), text, at=at if at is not None else time.time(), lesson=lesson)

    def taught_by(self) -> Teacher:
        """Return the teacher.

        Raises
        ------
        ValueError
            If there is none.
        """
        if self.teacher is None:
            raise ValueError("nothing is taught here: the service was started without a place to store it")
        return self.teacher

    def pseudonym(self, user: str, kind: str = "user") -> str:
        """Return the pseudonym of a user, or of a household, "" for ""."""
        return self._pseudonym(user, kind)

    def forget(self, user: str) -> bool:
        """Forget a user; return whether anything was known."""
        own = self._pseudonym(user)
        if not own:
            return False
        known = self.personal.forget(own) if self.personal is not None else False
        for turn in [turn for turn, said in self._recent.items() if said[0] == own]:
            del self._recent[turn]
        if self.teacher is not None:
            self.teacher.forget_user(own)
        self._asked.pop(user, None)
        self._asked.pop(own, None)
        return known

    def close(self) -> None:
        """End the thread for searches."""
        self._searching.shutdown(wait=False, cancel_futures=True)

    def _search(self) -> Search | None:
        policy = self.policies.policy
        return self.search if self.search is not None else policy.nearest if policy is not None else None

    def _pseudonym(self, user: str, kind: str = "user") -> str:
        return pseudonym(user, self.key, kind) or ""

    def _noticed(self, request: Request) -> _Decided | None:
        """Decide whether there is something to learn, or to forget, before anything else."""
        if self.teacher is None or not request.user or len(request.text) > _LONGEST:
            return None
        text = normalised(request.text)
        user = self._pseudonym(request.user)
        if not text or not user:
            return None
        turn = f"{self._run}{self._turns + 1:x}"
        if request.refused and self.teacher.again(user, text, turn):
            return None
        found = self.teacher.heard(
            user,
            text,
            request.context,
            household=self._pseudonym(request.household, "household"),
            at=request.at if request.at is not None else time.time(),
            turn=turn,
            may_ask=lambda: self._has_budget(request.session or user),
        )
        if found is None:
            return None
        return _Decided(
            "say" if found.state == "forgotten" else "ask", request.text, f"teaching {found.trigger}".strip(), teaching=found
        )

    def _decide(self, request: Request, found: Sequence[str] | None, user: str = "", *, draws: bool = True) -> _Decided | None:
        policy = self.policies.policy
        if len(request.text) > _LONGEST:
            return _Decided("keep", request.text, "long")
        text = normalised(request.text)
        if not any(map(str.isalnum, text)):
            return _Decided("keep", request.text, "no words")
        if self._denied.why(text):
            return _Decided("keep", request.text, "denied")
        user = user or self._pseudonym(request.user)
        person = self.personal.get(user) if self.personal is not None and user else None
        now = request.at if request.at is not None else time.time()
        taught = self._taught(request, text, user, person, now) if person is not None else None
        if taught is not None:
            return taught
        if policy is None:
            return _Decided("keep", request.text, "no policy")
        setting = _setting(request, now)
        if request.refused:
            return self._refused(request, text, policy, person, setting, found, now, user)
        offered = options(text, policy, person.habits if person is not None else None, setting, now=now)
        if found:
            there = {one.text for one in offered}
            offered += [_found(other, text, policy, setting) for other in found if other not in there]
        elif found is None and len(offered) == 1 and self._search() is not None and policy.known(text) is None:
            return None
        given_up = person.habits.given_up(text) if person is not None else 0
        return self._weighed(request, text, offered, policy, user, draws=draws, given_up=given_up)

    def _taught(self, request: Request, text: str, user: str, person: Person, now: float) -> _Decided | None:
        """Decide by what this user taught, or else another of the household for all."""
        circumstances = frozenset(f"{name}={value}" for name, value in request.context.items())
        use = person.taught.find(text, circumstances, now=now)
        if (use is None or not use.fits) and request.household and self.personal is not None:
            for other in self.personal.household(self._pseudonym(request.household, "household"), user):
                found = other.find(text, circumstances, now=now)
                if found is not None and found.fits and found.preference.reach == "household":
                    use = found
        if use is None or self._denied.why(use.text) or adds_risk(text, use.text):
            return None
        if use.fits:
            own = Rewrite(source=text, target=use.text, scope=f"user:{user}")
            steps = use.preference.steps if use.preference.whole else ()
            return _Decided("rewrite", own.target, "taught", own.identifier, 1.0, steps=steps, use=use)
        asked = None
        if self.teacher is not None:
            asked = self.teacher.elsewhere(
                user,
                use,
                request.context,
                household=self._pseudonym(request.household, "household"),
                at=now,
                turn=f"{self._run}{self._turns + 1:x}",
                may_ask=lambda: self._has_budget(request.session or user),
            )
        return _Decided("ask", request.text, "teaching elsewhere", teaching=asked) if asked is not None else None

    def _refused(  # noqa: PLR0917 - all that is known of a request
        self,
        request: Request,
        text: str,
        policy: Policy,
        person: Person | None,
        setting: Setting,
        found: Sequence[str] | None,
        now: float,
        user: str,
    ) -> _Decided | None:
        """Decide about a request that the assistant made nothing of."""
        recovery = policy.recovery
        if recovery is None:
            return _Decided("keep", request.text, "refused requests are left")
        if found is None and self._search() is not None:
            return None
        best = recovered(
            text, policy, person.habits if person is not None else None, setting, found or (), denied=self._denied, now=now
        )
        if best.p >= recovery.weighed.least:
            if recovery.state not in _SERVED:
                return _Decided("keep", request.text, f"shadow {recovery.identifier}", p=best.p)
            drawn = draw(user or request.session, recovery.identifier, recovery.state, key=self.key)
            treated = drawn.arm == "treated"
            action: Action = "rewrite" if treated else "keep"
            return _Decided(
                action,
                best.text if treated else request.text,
                "recovered" if treated else "held out",
                recovery.identifier,
                best.p,
                drawn.arm,
                drawn.propensity,
            )
        if recovery.state in _SERVED and best.text and best.p >= recovery.weighed.ask and self._may_ask(request, policy):
            return _Decided("ask", best.text, "unsure", recovery.identifier, best.p)
        return _Decided("keep", request.text, "not likely enough", p=best.p)

    def _weighed(
        self, request: Request, text: str, offered: list[Option], policy: Policy, user: str, *, draws: bool, given_up: int
    ) -> _Decided:
        served = [one for one in offered[1:] if one.link is None or one.link.state in _SERVED]
        shadow = [one for one in offered[1:] if one.link is not None and one.link.state == "shadow"]
        reason = f"shadow {shadow[0].link.identifier}" if shadow and shadow[0].link else "nothing known"
        if not served:
            return _Decided("keep", request.text, reason if len(offered) == 1 or shadow else "nothing served")
        chance = _chances([offered[0], *served], policy.weights)
        keep = chance[0]
        ranked = sorted(zip(chance[1:], served, strict=True), key=lambda pair: (-pair[0], pair[1].text))
        known = policy.known(text)
        works = known is not None and known.works >= WORKS
        for p, best in ranked:
            if self._denied.why(best.text):
                continue
            # What works for nearly everybody is only left for what this user means by it; anything else also for what they say.
            own = best.times >= policy.rules.served_uses if works else max(best.times, best.uses) >= policy.rules.personal_uses
            # Who mostly gives up and sometimes says something else settles for that, and may not mean it.
            sure = best.link is not None or (own and (not given_up or best.times > given_up))
            lead = p - keep
            if lead >= policy.rules.margin and sure:
                if not draws:
                    return _Decided("rewrite", best.text, best.scope, p=p)
                return self._drawn(request, text, best, p, user)
            if lead >= policy.rules.ask_margin and self._may_ask(request, policy):
                return _Decided("ask", best.text, "unsure", _identifier(text, best, user), p)
        return _Decided("keep", request.text, "not likelier by enough", p=keep)

    def _drawn(self, request: Request, text: str, best: Option, p: float, user: str) -> _Decided:
        identifier = _identifier(text, best, user)
        state = best.link.state if best.link is not None else "active"
        drawn = draw(user or request.session, identifier, state, key=self.key)
        if drawn.arm == "holdout":
            return _Decided("keep", request.text, "held out", identifier, p, drawn.arm, drawn.propensity)
        return _Decided("rewrite", best.text, best.scope, identifier, p, drawn.arm, drawn.propensity)

    def _may_ask(self, request: Request, policy: Policy) -> bool:
        name = request.session or request.user
        return bool(name) and self._has_budget(name, policy.rules.asks)

    def _has_budget(self, name: str, asks: int = -1) -> bool:
        """Whether a session may be asked once more; if so, it has been."""
        policy = self.policies.policy
        most = asks if asks >= 0 else policy.rules.asks if policy is not None else Rules().asks
        asked = self._asked.get(name, 0)
        if asked >= most:
            return False
        self._asked[name] = asked + 1
        if len(self._asked) > _SESSIONS:
            self._asked.popitem(last=False)
        return True

    def _said(self, request: Request, decided: _Decided, begun: float) -> Answer:
        self.counts[f"action {decided.action}"] += 1
        self.counts[f"reason {decided.reason.partition(' ')[0] if decided.reason.startswith('shadow') else decided.reason}"] += 1
        self._turns += 1
        turn = f"{self._run}{self._turns:x}"
        said = normalised(request.text[:_LONGEST])
        meant = normalised(decided.text) if decided.action == "rewrite" else said
        user = self._pseudonym(request.user)
        used = decided.use.preference.identifier if decided.use is not None else ""
        self._recent[turn] = (user, said, meant, used)
        if self.teacher is not None and decided.use is not None:
            self.teacher.used(user, turn, decided.use)
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        policy = self.policies.policy
        return Answer(
            turn=turn,
            action=decided.action,
            text=decided.text,
            rewrite=decided.rewrite,
            p=decided.p,
            arm=decided.arm,
            propensity=decided.propensity,
            policy=policy.digest if policy is not None else "",
            reasons=(decided.reason,),
            steps=decided.steps,
            teaching=decided.teaching,
            took_ms=round(1000 * (time.perf_counter() - begun), 3),
        )


def _setting(request: Request, now: float) -> Setting:
    hour = datetime.fromtimestamp(now, UTC).hour
    before = normalised(request.before) if request.before else ""
    confidence = request.confidence if request.confidence is not None and math.isfinite(request.confidence) else None
    return Setting(keys(request.context, before=before, hour=hour), confidence, tuple(map(normalised, request.heard)))


def _found(other: str, text: str, policy: Policy, setting: Setting) -> Option:
    return option(other, text, policy, setting=setting)


def _identifier(text: str, best: Option, user: str) -> str:
    if best.link is not None and best.link.identifier:
        return best.link.identifier
    scope = "global" if best.link is not None else f"user:{user}"
    return Rewrite(source=text, target=best.text, scope=scope).identifier


def _chances(offered: Sequence[Option], weights: Sequence[float]) -> list[float]:
    scores = [sum(w * x for w, x in zip(weights, one.features, strict=True)) for one in offered]
    highest = max(scores)
    above = [math.exp(score - highest) for score in scores]
    total = sum(above)
    return [one / total for one in above]
