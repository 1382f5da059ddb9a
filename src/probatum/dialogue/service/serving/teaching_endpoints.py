"""What people teach, over HTTP: `POST /v1/teach`, and what an assistant tells of a request with `POST /v1/feedback`.

    {"user", "said", "meant"}                       holds from the very next request; nobody is asked
    {"user", "do": "start", "phrase"}               asks what a phrase means, or what to learn
    {"user", "do": "answer", "text", "lesson"}      what the user said to a question, "" for silence
    {"user", "do": "confirm", "yes", "lesson"}      the same by a button
    {"user", "do": "forget", "id" or "about"}       one preference, or all about some words, or all for "about": ""
    {"user", "do": "list"}                          what holds, and what held

Where an assistant is asked whether it understands, it is asked in another thread, and other requests are answered meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from probatum.dialogue.service.serving.messages import Report
from probatum.dialogue.service.serving.rewriter import Rewriter
from probatum.dialogue.service.serving.teacher import Pending, Teacher, Teaching


class BadRequest(Exception):
    """What was sent is not what is understood; the message says what is wrong."""


async def taught(rewriter: Rewriter, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Answer `POST /v1/teach`.

    Raises
    ------
    BadRequest
    """
    if "do" not in sent:
        return _said(rewriter, sent)
    user, household = rewriter.pseudonym(_text(sent, "user")), rewriter.pseudonym(_text(sent, "household", ""), "household")
    does = {"start": _start, "answer": _answer, "confirm": _confirm, "forget": _forget, "list": _list}.get(_text(sent, "do"))
    if not user or does is None:
        raise BadRequest("`user` is needed, and `do` is `start`, `answer`, `confirm`, `forget` or `list`")
    try:
        teacher = rewriter.taught_by()
    except ValueError as problem:
        raise BadRequest(str(problem)) from None
    found = does(teacher, user, household, sent, _at(sent))
    while isinstance(found, Pending):
        results = await asyncio.to_thread(teacher.check, found)
        found = teacher.conclude(found, results)
    return asdict(found) if isinstance(found, Teaching) else found


def reported(rewriter: Rewriter, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Answer `POST /v1/feedback`.

    Raises
    ------
    BadRequest
    """
    turn, well = sent.get("turn"), sent.get("well")
    told = any(name in sent for name in ("intent", "slots", "unknown"))
    if not isinstance(turn, str) or not (isinstance(well, bool) or (well is None and told)):
        raise BadRequest("`turn`, a text, and `well`, true or false, are needed")
    slots = sent.get("slots", {})
    if not isinstance(slots, dict) or not all(isinstance(value, str) for value in slots.values()):
        raise BadRequest("`slots` is an object of texts")
    report = Report(
        well=well,
        intent=_text(sent, "intent", ""),
        slots=tuple(slots.items()),
        unknown=_text(sent, "unknown", ""),
        session=_text(sent, "session", ""),
        household=_text(sent, "household", ""),
        at=_at(sent),
    )
    teaching = rewriter.report(turn, report)
    known = rewriter.feedback(turn, well=well) if isinstance(well, bool) else True
    return {"known": known} if teaching is None else {"known": known, "teaching": asdict(teaching)}


def _said(rewriter: Rewriter, sent: Mapping[str, Any]) -> dict[str, Any]:
    values = [sent.get(name) for name in ("user", "said", "meant")]
    if not all(isinstance(value, str) for value in values):
        raise BadRequest("`user`, `said` and `meant` are needed, all texts")
    try:
        rewriter.teach(*(str(value) for value in values))
    except ValueError as problem:
        raise BadRequest(str(problem)) from None
    return {"learnt": True}


def _start(teacher: Teacher, user: str, household: str, sent: Mapping[str, Any], at: float) -> Teaching:
    context = sent.get("context", {})
    if not isinstance(context, dict) or not all(isinstance(one, str) for one in context.values()):
        raise BadRequest("`context` is an object of texts")
    return teacher.start(user, _text(sent, "phrase", ""), context, household=household, at=at)


def _answer(teacher: Teacher, user: str, household: str, sent: Mapping[str, Any], at: float) -> Teaching | Pending:  # noqa: ARG001 - one of several
    return teacher.hear(user, _text(sent, "text"), at=at, lesson=_text(sent, "lesson", ""))


def _confirm(teacher: Teacher, user: str, household: str, sent: Mapping[str, Any], at: float) -> Teaching | Pending:  # noqa: ARG001 - one of several
    if not isinstance(sent.get("yes"), bool):
        raise BadRequest("`yes`, true or false, is needed")
    return teacher.confirm(user, yes=sent["yes"], at=at, lesson=_text(sent, "lesson", ""))


def _forget(teacher: Teacher, user: str, household: str, sent: Mapping[str, Any], at: float) -> Teaching | dict[str, Any]:  # noqa: ARG001 - one of several
    if ("id" in sent) == ("about" in sent):
        raise BadRequest("either `id` or `about` is needed")
    if "id" in sent:
        return teacher.forget(user, _text(sent, "id"))
    return {"state": "forgotten", "forgotten": teacher.forget_about(user, _text(sent, "about"))}


def _list(teacher: Teacher, user: str, household: str, sent: Mapping[str, Any], at: float) -> dict[str, Any]:  # noqa: ARG001 - one of several
    return teacher.personal.get(user).taught.to_json()


def _text(sent: Mapping[str, Any], name: str, default: str | None = None) -> str:
    found = sent.get(name, default)
    if not isinstance(found, str):
        raise BadRequest(f"`{name}` is a text" if default is not None else f"`{name}`, a text, is needed")
    return found


def _at(sent: Mapping[str, Any], now: Callable[[], float] = time.time) -> float:
    found = sent.get("at")
    if found is None:
        return now()
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not -1e12 < found < 1e12:
        raise BadRequest("`at` is a number of seconds since 1970")
    return float(found)
