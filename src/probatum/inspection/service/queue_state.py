"""What the entries of the queue's journal come to: which units are asked about, who has which in hand, and who said what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.annotations import Draw, Question, answer_of, draw_of
from probatum.inspection.model.opinions import Opinion
from probatum.source import Location


@dataclass(slots=True)
class Asked:
    """A unit in the queue.

    Attributes
    ----------
    question : Question
    confirm : bool
        Whether a second person is to look if the first one calls it damaged.
    opinions : dict of str to Opinion
        By whoever has it, in the order in which they came.
    leases : dict of str to datetime
        Who has it in hand, and until when.
    """

    question: Question
    confirm: bool
    opinions: dict[str, Opinion] = field(default_factory=dict)
    leases: dict[str, datetime] = field(default_factory=dict)

    @property
    def wanted(self) -> int:
        """How many people are to say what they think."""
        said = [one.answer for one in self.opinions.values()]
        first = next((one for one in said if one is not None), None)
        twice = self.question.again or (self.confirm and first is not None and first.defect)
        # Somebody else looks where one cannot tell; where two cannot, a third will not.
        return (2 if twice else 1) + min(1, sum(one is None for one in said))

    @property
    def done(self) -> bool:
        """Whether nobody needs to look any more."""
        return len(self.opinions) >= self.wanted

    def free_for(self, annotator: str, now: datetime) -> bool:
        """Whether somebody may be given it."""
        others = sum(until > now and who != annotator and who not in self.opinions for who, until in self.leases.items())
        return annotator not in self.opinions and len(self.opinions) + others < self.wanted


@dataclass(slots=True)
class State:
    """All of the queue.

    Attributes
    ----------
    draws : list of Draw
    units : dict of str to Asked
        In the order in which they are asked about.
    told : dict of str to list of str
        Units of which each person has said something, the last at the end: what they can take back.
    imported : dict of str to list of Opinion
        What came with files, by unit, of units that are not in the queue as well.
    stale : list of (str, str, str, str)
        Product, unit, by whom and what they wrote, where the references are out of date.
    """

    draws: list[Draw] = field(default_factory=list)
    units: dict[str, Asked] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    imported: dict[str, list[Opinion]] = field(default_factory=dict)
    stale: list[tuple[str, str, str, str]] = field(default_factory=list)
    _read: int = 0

    @property
    def read(self) -> int:
        """How many entries are taken in."""
        return self._read

    def follow(self, entries: list[dict[str, Any]], path: str) -> None:
        """Take in entries that are not known yet.

        Raises
        ------
        UnreadableArtefact
            If one is of a later version.
        """
        for number in range(self._read, len(entries)):
            try:
                self._take(entries[number])
            except (LookupError, TypeError, ValueError, AttributeError) as problem:
                raise UnreadableArtefact(
                    f"line {number + 1} of `{path}` cannot be understood ({type(problem).__name__}: {str(problem)[:60]})",
                    help="use the version of probatum that wrote it",
                    location=Location(path, number + 1),
                ) from None
            self._read = number + 1

    def opinions(self) -> Iterator[tuple[str, list[Opinion]]]:
        """Yield what was said, by unit."""
        for unit, asked in self.units.items():
            own = [*self.imported.get(unit, ()), *asked.opinions.values()]
            if own:
                yield unit, own
        yield from ((unit, own) for unit, own in self.imported.items() if unit not in self.units)

    def _take(self, entry: Mapping[str, Any]) -> None:
        what = entry["what"]
        if what == "drawn":
            draw = draw_of(entry["draw"])
            self.draws.append(draw)
            for question in draw.questions:
                self.units.setdefault(question.unit, Asked(question, draw.confirm))
            return
        by, at = str(entry["by"]), datetime.fromisoformat(entry["at"])
        if what == "imported":
            for name, said in entry["answers"].items():
                self.imported.setdefault(name, []).append(Opinion(by=by, answer=answer_of(said), at=at, imported=True))
            return
        unit = str(entry["unit"])
        asked = self.units[unit]
        if what == "leased":
            asked.leases[by] = datetime.fromisoformat(entry["until"])
        elif what in ("answered", "skipped"):
            answer = answer_of(entry["answer"]) if what == "answered" else None
            asked.opinions[by] = Opinion(by=by, answer=answer, at=at)
            asked.leases.pop(by, None)
            self.told.setdefault(by, []).append(unit)
        elif what == "undone":
            del asked.opinions[by]
            self.told[by].remove(unit)
            asked.leases[by] = datetime.fromisoformat(entry["until"])
        elif what == "gallery":
            self.stale.append((asked.question.product, unit, by, str(entry.get("note", ""))))
        else:
            raise ValueError(f"`{what}` is no entry")
