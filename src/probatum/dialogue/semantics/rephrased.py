"""Which later turns of logs say a request again: windows from the tables, and what a detector says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.judged import digits, joined, judged
from probatum.dialogue.semantics.rephrase_windows import MOST_LATER, SIGNS, Later, Window
from probatum.dialogue.semantics.rephrases import Detector
from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.signals import SIGNALS, UNSEEN

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.runner.tables import Row

_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Rephrased:
    """A turn, and a later one that says the same again.

    Attributes
    ----------
    turn, later : str
        As in `turn_id`.
    probability : float
        As the detector says.
    """

    turn: str
    later: str
    probability: float


def rephrased(
    conversations: Conversations, used: Detector, *, gap_s: float, window_s: float, at_least: float
) -> Iterator[Rephrased]:
    """Yield what a detector takes for a request said again, with other words, in the order of sessions.

    It sees up to `MOST_LATER` later requests of the session in time, when they were said, and what the log shows of how the turn went.

    Parameters
    ----------
    conversations : Conversations
    used : Detector
    gap_s, window_s : float
        See `artefacts.policy.SessionRule`.
    at_least : float
        Probability.
    """
    windows: list[tuple[str, list[str], Window]] = []
    for turn, later, window in windows_of(conversations, gap_s, window_s, used.name):
        windows.append((turn, later, window))
        if len(windows) == _BATCH:
            yield from _said(used, windows, at_least)
            windows = []
    yield from _said(used, windows, at_least)


def _said(used: Detector, windows: list[tuple[str, list[str], Window]], at_least: float) -> Iterator[Rephrased]:
    found = used.probabilities([window for _, _, window in windows])
    for (turn, later, _), probabilities in zip(windows, found, strict=True):
        for other, p in zip(later, probabilities, strict=True):
            if p >= at_least:
                yield Rephrased(turn, other, p)


def windows_of(
    conversations: Conversations, gap_s: float, window_s: float, detector: str
) -> Iterator[tuple[str, list[str], Window]]:
    """Yield each turn that others follow in time, these, and what a detector is shown of them."""
    steps = joined(conversations, gap_s=gap_s)
    table = judged(conversations, gap_s=gap_s, window_s=window_s, detector=detector)
    query = f"""
        select s.session, s.step, s.until_s, t.turn_id as turn, x.normalised as text, j.pattern
        from {steps} s join {table} j using (turn) join {{turns}} t on s.turn = {turn_number("t.turn_id")}
        join {{texts}} x on x.text_id = s.text_id
        order by s.session, s.step"""  # noqa: S608 - names of our own
    session: list[Row] = []
    for batch in conversations.stream(query, size=_BATCH):
        for row in batch:
            if session and row["session"] != session[0]["session"]:
                yield from _of(session, window_s)
                session = []
            session.append(row)
    yield from _of(session, window_s)


def _of(session: list[Row], window_s: float) -> Iterator[tuple[str, list[str], Window]]:
    for at, row in enumerate(session):
        turns: list[str] = []
        later: list[Later] = []
        since: float | None = 0.0
        for before, other in zip(session[at:], session[at + 1 :], strict=False):
            since = None if since is None or before["until_s"] is None else since + before["until_s"]
            if len(later) == MOST_LATER or (since is not None and since > window_s):
                break
            # Said in the same words is a repeat, which needs no detector.
            if other["text"] != row["text"]:
                turns.append(other["turn"])
                later.append(Later(other["text"], since))
        if later:
            yield row["turn"], turns, Window(row["text"], tuple(later), _signs(row["pattern"]))


def _signs(pattern: int) -> frozenset[str] | None:
    codes = dict(zip(SIGNALS, digits(pattern), strict=True))
    if all(codes[name] == UNSEEN for name in ("interrupted", "unanswered")):
        return None
    return frozenset(name for name in SIGNS if codes[name] == 1)
