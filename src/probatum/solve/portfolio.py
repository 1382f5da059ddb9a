"""Several solvers, one deadline, a deterministic choice of the answer.

`ask` asks one solver after the other in this process: cheapest, and right for
questions from inside a task that a guard already watches. `Portfolio` asks all
of them at once, each in a guarded child that is killed at a hard deadline: for
questions that may hang or crash a solver. Both give the answer of the first
solver *in the order named* that decides, whichever finishes first, so a faster
machine does not change which values are reported.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Self

from probatum.findings import Why
from probatum.solve import by_cvc5, by_z3
from probatum.solve.answers import Answer, Question, Unknown, answer_from_json, answer_to_json
from probatum.solve.text import Script, read, read_term

_solvers = {"z3": by_z3.ask, "cvc5": by_cvc5.ask}

# A child is told to stop well before it is killed: a soft stop says why, a kill cannot.
_SOFT = 0.8


def ask(
    question: Question,
    *,
    solvers: Sequence[str] = ("z3", "cvc5"),
    timeout_s: float = 10.0,
    effort: int | None = None,
    seed: int = 0,
    hard_timeout_s: float | None = None,
) -> Answer:
    """Ask solvers, in order, until one decides.

    Parameters
    ----------
    question : Question
        What is asked.
    solvers : sequence of str
        Names out of ``z3`` and ``cvc5``; each gets an equal share of the time that is left.
    timeout_s : float
        Wall-clock limit for all together, in seconds. Solvers look at the clock
        now and then, so an answer may come late; `hard_timeout_s` is exact.
    effort : int, optional
        Limit on each solver's own count of its work, in units of very roughly a
        millisecond. Unlike the clock it does not depend on the machine or its
        load: prefer it wherever an answer must be the same twice.
    seed : int
        Of the solvers' own choices.
    hard_timeout_s : float, optional
        If given, each solver runs in a child process of its own, all at once,
        and is killed after so many seconds. Costs the start of the processes;
        keep a `Portfolio` for many questions.

    Returns
    -------
    Unsat, Sat or Unknown
        An `Unknown` names what each solver said.

    Raises
    ------
    MalformedQuestion
        If the text contains anything but declarations, definitions and assertions.
    """
    if hard_timeout_s is not None:
        with Portfolio(solvers) as portfolio:
            return portfolio.ask(question, timeout_s=hard_timeout_s, effort=effort, seed=seed)
    script, report = _read(question)
    ends = time.monotonic() + timeout_s
    said: list[Unknown] = []
    for position, name in enumerate(solvers):
        share = max(0.0, ends - time.monotonic()) / (len(solvers) - position)
        answer = _ask_one(name, script, report, timeout_s=share, effort=effort, seed=seed)
        if not isinstance(answer, Unknown):
            return answer
        said.append(answer)
    return _none_decided(said)


class Portfolio:
    """Solvers in guarded children, kept warm between questions.

    Parameters
    ----------
    solvers : sequence of str
        Names, the preferred one first.
    memory_bytes : int or None
        Limit for each child.
    """

    def __init__(self, solvers: Sequence[str] = ("z3", "cvc5"), *, memory_bytes: int | None = 2 * 2**30) -> None:
        from probatum.runner import runner_for

        self._solvers = tuple(solvers)
        self._memory_bytes = memory_bytes
        self._runner = runner_for("local", max(1, len(self._solvers)))

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the children."""
        self._runner.close()

    def ask(self, question: Question, *, timeout_s: float = 10.0, effort: int | None = None, seed: int = 0) -> Answer:
        """Ask all solvers at once; every child that still runs after `timeout_s` seconds is killed.

        Raises
        ------
        MalformedQuestion
            If the text contains anything but declarations, definitions and assertions.
        """
        _read(question)  # a mistake of the caller is raised here, not reported by a child
        shared = {
            "smtlib": question.smtlib,
            "report": list(question.report),
            "timeout_s": timeout_s * _SOFT,
            "effort": effort,
            "seed": seed,
        }
        items = [shared | {"solver": name} for name in self._solvers]
        heard: dict[int, Answer] = {}
        results = self._runner.map(
            "probatum.solve.portfolio:answer_task", items, timeout_s=timeout_s, memory_bytes=self._memory_bytes
        )
        try:
            for result in results:
                heard[result.index] = _answer_of(self._solvers[result.index], result)
                if (decided := _first_decided(heard, len(items))) is not None:
                    return decided
        finally:
            close = getattr(results, "close", None)
            if close is not None:
                close()  # kills what is still under way
        return _none_decided([a for _, a in sorted(heard.items()) if isinstance(a, Unknown)])


def answer_task(item: dict[str, Any]) -> dict[str, Any]:
    """Ask one solver, in a guarded child: JSON in, JSON out."""
    script, report = _read(Question(item["smtlib"], tuple(item["report"])))
    limits = {"timeout_s": item["timeout_s"], "effort": item["effort"], "seed": item["seed"]}
    return answer_to_json(_ask_one(item["solver"], script, report, **limits))


def _read(question: Question) -> tuple[Script, tuple[str, ...]]:
    script = read(question.smtlib)
    for term in question.report:
        read_term(term)
    return script, question.report or script.constants


def _ask_one(name: str, script: Script, report: tuple[str, ...], *, timeout_s: float, effort: int | None, seed: int) -> Answer:
    if name not in _solvers:
        raise ValueError(f"`{name}` is not a solver; there are {', '.join(_solvers)}")
    if timeout_s <= 0:
        return Unknown("there was no time left", name, Why.TIME_LIMIT)
    return _solvers[name](script, report, timeout_s=timeout_s, effort=effort, seed=seed)


def _first_decided(heard: dict[int, Answer], count: int) -> Answer | None:
    """Return the answer of the first solver in order that decided, once all before it have been heard."""
    for index in range(count):
        if index not in heard:
            return None
        if not isinstance(heard[index], Unknown):
            return heard[index]
    return None


def _answer_of(solver: str, result: object) -> Answer:
    from probatum.runner import Crashed, Done, Failed, OutOfMemory, TimedOut

    match result:
        case Done(value=value):
            return answer_from_json(value)
        case TimedOut(limit_s=limit_s):
            return Unknown(f"{solver} was stopped after {limit_s:g} s", solver, Why.TIME_LIMIT)
        case OutOfMemory(limit_bytes=limit_bytes):
            return Unknown(f"{solver} needs more than {limit_bytes or 0:,} bytes of memory", solver, Why.MEMORY_LIMIT)
        case Crashed(detail=detail):
            return Unknown(f"{solver} crashed: {detail}", solver, Why.CRASHED)
        case Failed(error=error, message=message):
            return Unknown(f"{solver} failed: {error}: {message}", solver, Why.CRASHED)
    raise TypeError(f"`{type(result).__name__}` is not a result of a runner")


def _none_decided(said: Sequence[Unknown]) -> Unknown:
    if not said:
        return Unknown("no solver was asked", "", Why.SOLVER_GAVE_UP)
    whys = [u.why for u in said]
    # The word that suggests what to do: more time helps before a missing library does, and that before giving up.
    order = [Why.TIME_LIMIT, Why.MEMORY_LIMIT, Why.MISSING_EXTRA, Why.CRASHED, Why.SOLVER_GAVE_UP]
    return Unknown("; ".join(u.reason for u in said), ", ".join(u.solver for u in said), min(whys, key=order.index))
