"""The queue of units that people look at: what a screen needs, and a journal beside the captures that loses nothing that was said.

    queue = Queue(folder)
    queue.add(draw, now=now)                      # from `model.asking.ask`
    question = queue.next("anna", now=now)        # the same again until it is answered; nobody else gets it meanwhile
    queue.answer("anna", question.unit, Answer(defect=True, types=("tear",)), now=now)
    queue.undo("anna", now=now)

Every call is written durably before it returns, by as many processes at once as there are screens. Time is an argument.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from probatum.inspection.artefacts.annotations import Answer, Draw, answer_json, draw_json
from probatum.inspection.model.opinions import Judged, judged
from probatum.inspection.service.queue_replies import Asking, Progress, Refused, Waiting
from probatum.inspection.service.queue_state import Asked, State
from probatum.store.journal import Journal

JOURNAL = "annotations.jsonl"  # in the folder of the captures
LEASE = timedelta(minutes=15)
_PAUSE = timedelta(minutes=5)  # after which somebody has not been working
_NOTE = 2000  # letters


class _Refusing(Exception):
    """Carries a refusal out of the journal, in which nothing is written then."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.why)
        self.refused = refused


class Queue:
    """Units to look at, in one folder."""

    def __init__(self, folder: Path, *, lease: timedelta = LEASE) -> None:
        """Open a queue, which need not exist.

        Raises
        ------
        DamagedJournal
            If its journal was altered.
        UnreadableArtefact, StateError
            If it is of a later version, or cannot be read.
        """
        self._journal = Journal(folder / JOURNAL)
        self._lease = lease
        self._state = State()
        cut = self._journal.cut_off
        self._notes = (f"the last line of `{JOURNAL}` was cut off after {cut} bytes, and is written over",) if cut else ()
        self._follow()

    @property
    def draws(self) -> tuple[Draw, ...]:
        """All that were added."""
        return tuple(self._state.draws)

    def add(self, draw: Draw, *, now: datetime) -> None:
        """Add units; those that are in the queue already are not asked about twice."""
        self._write(lambda: {"what": "drawn", "draw": draw_json(draw), "at": _time(now)})

    def next(self, annotator: str, *, now: datetime) -> Asking | Waiting | Refused:
        """Return what somebody looks at next, and keep it from others for a while.

        What they have in hand is returned again. Who looks at a unit first does not know that another one will.
        """
        if not annotator.strip():
            return Refused("nobody", "whoever looks must say who they are")
        self._catch_up()
        held = self._held(annotator, now)
        if held is not None:
            return held
        found: list[Asked] = []

        def leased() -> dict[str, Any]:
            one = next((one for one in self._state.units.values() if one.free_for(annotator, now)), None)
            if one is None:
                raise _Refusing(Refused("nothing", "there is nothing to look at"))
            found.append(one)
            return {
                "what": "leased",
                "unit": one.question.unit,
                "by": annotator,
                "at": _time(now),
                "until": _time(now + self._lease),
            }

        if self._write(leased) is not None:
            return Waiting(others=sum(not one.done and annotator not in one.opinions for one in self._state.units.values()))
        return self._held(annotator, now) or Waiting(others=0)

    def answer(
        self, annotator: str, unit: str, answer: Answer, *, now: datetime, took: timedelta | None = None
    ) -> Refused | None:
        """Take in what somebody says of a unit; return None, or why not.

        Also after others may have been given it, as long as another opinion is wanted.
        """
        took_s = {} if took is None else {"took_s": round(took.total_seconds(), 3)}
        return self._said(annotator, unit, {"what": "answered", "answer": answer_json(answer), "at": _time(now)} | took_s, answer)

    def skip(self, annotator: str, unit: str, *, now: datetime, note: str = "") -> Refused | None:
        """Take in that somebody cannot tell; somebody else is asked then, once."""
        return self._said(annotator, unit, {"what": "skipped", "note": note[:_NOTE], "at": _time(now)}, None)

    def undo(self, annotator: str, *, now: datetime) -> str | Refused:
        """Take back what somebody said last, and return of which unit; they have it in hand again. May be done again and again."""
        units: list[str] = []

        def undone() -> dict[str, Any]:
            told = self._state.told.get(annotator)
            if not told:
                raise _Refusing(Refused("nothing", "there is nothing to undo"))
            units.append(told[-1])
            return {"what": "undone", "unit": told[-1], "by": annotator, "at": _time(now), "until": _time(now + self._lease)}

        return self._write(undone) or units[-1]

    def gallery_out_of_date(self, annotator: str, unit: str, *, now: datetime, note: str = "") -> Refused | None:
        """Take in that the references of a product no longer look like it; the unit is still to be answered."""

        def stale() -> dict[str, Any]:
            self._known(annotator, unit)
            return {"what": "gallery", "unit": unit, "by": annotator, "at": _time(now), "note": note[:_NOTE]}

        return self._write(stale)

    def take(self, answers: Mapping[str, Answer], *, source: str, now: datetime) -> dict[str, Refused]:
        """Take in what came with a file; return of which units it was refused, and why.

        Units need not be in the queue. What was said there before does not count for the queue: nobody knows how those units were
        drawn.
        """
        refused: dict[str, Refused] = {}

        def imported() -> dict[str, Any]:
            refused.clear()
            taken = {}
            for unit, answer in answers.items():
                if any(one.by == source for one in self._state.imported.get(unit, ())):
                    refused[unit] = Refused("said", f"`{source}` said something of it already")
                elif why := answer.problem() or ("" if unit else "it names no unit"):
                    refused[unit] = Refused("impossible", why)
                else:
                    taken[unit] = answer_json(answer)
            if not taken:
                raise _Refusing(Refused("nothing", "there is nothing new"))
            return {"what": "imported", "answers": taken, "by": source, "at": _time(now)}

        self._write(imported)
        return refused

    def judged(self) -> dict[str, Judged]:
        """Return what was said of each unit of which somebody said something."""
        self._catch_up()
        return {unit: judged(own) for unit, own in self._state.opinions()}

    def said(self, draw: Draw) -> dict[str, bool | None]:
        """Return of each unit of a draw that is done whether it is damaged, None where nobody can tell: for `model.asking.estimate`."""
        self._catch_up()
        units = ((one.unit, self._state.units.get(one.unit)) for one in draw.questions)
        return {unit: judged(list(one.opinions.values())).defect for unit, one in units if one is not None and one.done}

    def progress(self, *, now: datetime) -> Progress:
        """Return how far it is."""
        self._catch_up()
        units = self._state.units.values()
        done = [judged(list(one.opinions.values())) for one in units if one.done]
        people: dict[str, list[datetime]] = defaultdict(list)
        for one in units:
            for opinion in one.opinions.values():
                people[opinion.by].append(opinion.at)
        stale = {(product, by) for product, _, by, _ in self._state.stale}
        return Progress(
            units=len(units),
            done=len(done),
            begun=sum(bool(one.opinions) and not one.done for one in units),
            leased=sum(any(until > now for until in one.leases.values()) for one in units),
            damaged=sum(one.defect is True for one in done),
            sound=sum(one.defect is False for one in done),
            open=sum(one.defect is None for one in done),
            contradicted=sum(one.contradicted for one in done),
            annotators={who: len(times) for who, times in sorted(people.items())},
            per_hour={who: rate for who, times in sorted(people.items()) if (rate := _per_hour(times)) is not None},
            stale=dict(sorted(Counter(product for product, _ in stale).items())),
            notes=self._notes,
        )

    def _said(self, annotator: str, unit: str, entry: dict[str, Any], answer: Answer | None) -> Refused | None:
        def said() -> dict[str, Any]:
            asked = self._known(annotator, unit)
            if annotator in asked.opinions:
                raise _Refusing(Refused("said", "you have said something of this unit already: undo that first"))
            if asked.done:
                raise _Refusing(Refused("taken", "others have said enough of this unit meanwhile"))
            if answer is not None and (why := answer.problem(asked.question.images)):
                raise _Refusing(Refused("impossible", why))
            return entry | {"unit": unit, "by": annotator}

        return self._write(said)

    def _known(self, annotator: str, unit: str) -> Asked:
        if not annotator.strip():
            raise _Refusing(Refused("nobody", "whoever looks must say who they are"))
        asked = self._state.units.get(unit)
        if asked is None:
            raise _Refusing(Refused("unknown", f"the unit `{unit[:60]}` is not in the queue"))
        return asked

    def _held(self, annotator: str, now: datetime) -> Asking | None:
        for one in self._state.units.values():
            until = one.leases.get(annotator)
            if until is not None and until > now and annotator not in one.opinions and not one.done:
                return Asking(question=one.question, until=until, second=bool(one.opinions))
        return None

    def _write(self, entry: Any) -> Refused | None:
        """Write what is to be said when nobody else can write, and all that others wrote is known."""
        made: dict[str, Any] = {}

        def check() -> None:
            self._follow()
            made.update(entry())

        try:
            self._journal.append(made, check=check)
        except _Refusing as refusing:
            return refusing.refused
        self._follow()
        return None

    def _catch_up(self) -> None:
        self._journal.catch_up()
        self._follow()

    def _follow(self) -> None:
        if self._state.read > len(self._journal.entries):  # the file was replaced by an older copy
            self._state = State()
        self._state.follow(self._journal.entries, self._journal.path.name)


def _per_hour(times: list[datetime]) -> float | None:
    ordered = sorted(times)
    worked = [later - before for before, later in pairwise(ordered) if later - before <= _PAUSE]
    total = sum(worked, timedelta())
    return len(worked) / (total / timedelta(hours=1)) if total else None


def _time(now: datetime) -> str:
    return now.astimezone(UTC).isoformat()
