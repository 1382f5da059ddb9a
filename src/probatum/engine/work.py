"""What is done in a guarded child: read one artefact, run rules on it, check evidence again.

Everything that touches the content of a checked file is here, behind a deadline
and a memory limit. JSON comes in and JSON goes out. The parent names the system
and its rules by their modules; nothing in an artefact can.
"""

from __future__ import annotations

import base64
import gc
import importlib
import importlib.util
import json
import traceback
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from probatum.engine.payload import packed, unpacked
from probatum.errors import EvidenceError, MissingExtra, ProbatumError, UnsupportedConstruct
from probatum.evidence import Evidence, Recheck
from probatum.evidence import from_json as evidence_from_json
from probatum.findings import Finding, Outcome, outcome_from_json, outcome_to_json
from probatum.project.system import DiskSystem
from probatum.source import DATA, Data, Location, Source, digest
from probatum.tools import Deadline, OutOfTime, Tools

_SPARE = 0.5  # of the time for checking evidence: what is begun with less may not end
_longest_trace = 4_000  # characters of a traceback that are worth sending
_OBJECTS_BETWEEN_SEARCHES = 20_000  # for garbage in cycles, which is all that reference counts do not free


class Changed(Exception):
    """A file is no longer what it was when the work was planned."""


def prepare(modules: list[str]) -> None:
    """Import what the tasks will need, before the clock of the first one starts.

    What cannot be imported is left for the task that needs it, which says so.
    """
    for module in modules:
        with suppress(Exception):
            importlib.import_module(module)
    # Trees of files and of formulas are large, live long and have hardly any cycles: looking for those among them
    # every few hundred objects takes a fifth of the time.
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES, 20, 20)


def check_artefact(item: Mapping[str, Any]) -> dict[str, Any]:
    """Run rules on one artefact.

    Parameters
    ----------
    item : mapping
        ``module``, ``base``, ``path``, ``digest``; ``inputs``: name to digest or
        None, ``inline``: content of inputs that are not files, in base 64;
        ``overlay``: contents, in base 64, that stand for files; ``options``,
        ``seed``; ``rules``: identifier to module name; ``soft_s``: seconds
        after which what is left is left undone; ``shares_work``, see
        `systems.SystemEntry`; ``session``, as there; ``kept``: what earlier checks of the file left.

    Returns
    -------
    dict
        ``{"changed": true}`` if the file is no longer what was planned; else
        ``{"rules": {id: result}}`` where a result is one of ``{"outcomes": [...]}``
        (packed, see `payload`),
        ``{"problem": {...}}`` (something the user can fix), ``{"defect": {...}}``
        (something we must fix), ``{"time": limit}``; rules not begun are absent.
        ``"kept"`` is there if it changed.
    """
    deadline = Deadline.after(item["soft_s"])
    try:
        with _problems(item["module"]) as problem:
            artefacts = _read(item)
            inputs = _inputs(item)
    except Changed:
        return {"changed": True}
    except OutOfTime:
        return {"rules": {rule: {"time": item["soft_s"]} for rule in item["rules"]}}
    if problem:
        return {"rules": dict.fromkeys(item["rules"], problem)}
    done: dict[str, Any] = {}
    before: dict[str, Any] = item.get("kept", {})
    kept = dict(before)
    with _session(item):
        for rule, name in item["rules"].items():
            if done and not item.get("shares_work") and deadline.remaining() < item["soft_s"] * 0.9:
                break  # the others get a whole deadline of their own
            tools = Tools(deadline=deadline, options=item["options"], inputs=inputs, seed=item["seed"], kept=kept)
            done[rule] = _run(item, rule, name, artefacts, tools)
    return {"rules": done} if kept == before else {"rules": done, "kept": kept}


def _session(item: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Return the context of all that is done with one artefact; see `systems.SystemEntry`."""
    module, _, name = item.get("session", "").partition(":")
    if not module:
        return nullcontext()
    session: AbstractContextManager[None] = getattr(importlib.import_module(module), name)()
    return session


def _run(item: Mapping[str, Any], rule: str, name: str, artefacts: tuple[Any, ...], tools: Tools) -> dict[str, Any]:
    outcomes: list[Outcome] = []
    try:
        with _problems(item["module"]) as problem:
            check = importlib.import_module(f"{item['module']}.rules.{name}").check
            for artefact in artefacts:
                outcomes += check(artefact, tools)
    except OutOfTime:
        return {"time": item["soft_s"]}
    if problem:
        return problem
    stray = next((o for o in outcomes if o.rule != rule), None)
    if stray is not None:
        return {"defect": {"message": f"the rule `{rule}` spoke for `{stray.rule}`", "detail": ""}}
    return {"outcomes": [packed(outcome_to_json(o)) for o in outcomes]}


def confirm_artefact(item: Mapping[str, Any]) -> dict[str, Any]:
    """Check the evidence of claims about one artefact again.

    Parameters
    ----------
    item : mapping
        As for `check_artefact`, without ``rules``; ``claims``: outcomes as JSON.

    Returns
    -------
    dict
        ``{"changed": true}``, or ``{"answers": [{"status", "reason"}]}``, one for each claim; after ``soft_s`` fewer, at
        least one: the others are for the next time.
    """
    deadline = Deadline.after(item["soft_s"])
    claims = [outcome_from_json(unpacked(claim)) for claim in item["claims"]]
    try:
        with _problems(item["module"]) as problem:
            artefacts = _read(item) if any(_system_of(c) != "solve" for c in claims) else ()
            inputs = _inputs(item)
    except Changed:
        return {"changed": True}
    if problem:
        reason = problem["problem"]["message"] if "problem" in problem else problem["defect"]["message"]
        return {"answers": [{"status": "cannot", "reason": reason}] * len(claims)}
    known: dict[str, Recheck] = {}  # what a function breaks is the evidence of several rules: one check is enough
    answers: list[Recheck] = []
    with _session(item):
        for claim in claims:
            evidence: Evidence | None = getattr(claim, "evidence", None)
            key = json.dumps([claim.subject, None if evidence is None else evidence.to_json()], sort_keys=True)
            if key not in known:
                if answers and deadline.remaining() < _SPARE * item["soft_s"]:
                    break
                known[key] = _confirm(item, claim, artefacts, inputs)
            answers.append(known[key])
    return {"answers": [{"status": answer.status, "reason": answer.reason} for answer in answers]}


def _system_of(claim: Outcome) -> str:
    evidence = getattr(claim, "evidence", None)
    return evidence.method.split("/", 1)[0] if evidence is not None else ""


def _confirm(item: Mapping[str, Any], claim: Outcome, artefacts: tuple[Any, ...], inputs: Mapping[str, Source]) -> Recheck:
    evidence: Evidence | None = getattr(claim, "evidence", None)
    if evidence is None:
        return Recheck("cannot", "it has no evidence")
    # Through JSON once more: what is stored is what is checked.
    evidence = evidence_from_json(evidence.to_json())
    try:
        match _system_of(claim):
            case "solve":
                replay = importlib.import_module("probatum.solve.replay").recheck
                answer: Recheck = replay(evidence, timeout_s=item["soft_s"])
                return answer
            case "stats":
                checked: Recheck = importlib.import_module("probatum.stats.recheck").recheck(evidence)
                return checked
            case name if name == item["module"].rsplit(".", 1)[-1]:
                return _ask_system(item, claim, evidence, artefacts, inputs)
            case name:
                return Recheck("cannot", f"no checker is known for evidence by `{name}`")
    except EvidenceError as error:
        return Recheck("refuted", error.message)
    except ProbatumError as error:
        return Recheck("cannot", error.message)


def _ask_system(
    item: Mapping[str, Any], claim: Outcome, evidence: Evidence, artefacts: tuple[Any, ...], inputs: Mapping[str, Source]
) -> Recheck:
    """Ask about the artefact that the claim is about; where several could be meant, one that confirms it is enough."""
    recheck = importlib.import_module(f"{item['module']}.recheck").recheck
    meant = [a for a in artefacts if a.subject == claim.subject] or list(artefacts)
    answers: list[Recheck] = []
    for artefact in meant:
        answers.append(recheck(artefact, evidence, inputs))
        if answers[-1].status == "confirmed":
            return answers[-1]
    return next(
        (a for a in answers if a.status == "refuted"), answers[0] if answers else Recheck("cannot", "nothing is left of it")
    )


def propose_repairs(item: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the system for repairs of one finding.

    Parameters
    ----------
    item : mapping
        As for `check_artefact`; ``finding``: the outcome as JSON.

    Returns
    -------
    dict
        ``{"changed": true}``, or ``{"repairs": [...]}``, the best first.
    """
    finding = outcome_from_json(item["finding"])
    assert isinstance(finding, Finding)  # noqa: S101 - the parent sends nothing else
    try:
        artefacts = _read(item)
        # A repair is made of the text, so the file is among the inputs.
        inputs = _inputs(item) | {item["path"]: _source(item, item["path"], item["digest"])}
        tools = Tools(deadline=Deadline.after(item["soft_s"]), options=item["options"], inputs=inputs, seed=item["seed"])
    except Changed:
        return {"changed": True}
    own = [finding.repair] if finding.repair is not None else []
    try:
        propose = importlib.import_module(f"{item['module']}.repair").propose
    except ModuleNotFoundError as error:
        if error.name != f"{item['module']}.repair":
            raise
        return {"repairs": [r.to_json() for r in own]}
    meant = [a for a in artefacts if a.subject == finding.subject] or list(artefacts)
    try:
        for artefact in meant:
            for candidate in propose(artefact, finding, tools):
                own.append(candidate)  # noqa: PERF402 - what was proposed before time ran out counts
    except OutOfTime:
        pass
    return {"repairs": [r.to_json() for r in own]}


def propose_additions(item: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the system what may be written into an artefact so that its claims need no guess.

    Parameters
    ----------
    item : mapping
        As for `check_artefact`; ``subjects``: what outcomes are about that want it.

    Returns
    -------
    dict
        ``{"changed": true}``, or ``{"additions": [...], "edits": [...]}``; empty where the system has nothing to add.
    """
    try:
        artefacts = _read(item)
        inputs = _inputs(item) | {item["path"]: _source(item, item["path"], item["digest"])}
        tools = Tools(deadline=Deadline.after(item["soft_s"]), options=item["options"], inputs=inputs, seed=item["seed"])
    except Changed:
        return {"changed": True}
    repairs = f"{item['module']}.repair"
    additions = getattr(importlib.import_module(repairs), "additions", None) if importlib.util.find_spec(repairs) else None
    if additions is None:
        return {"additions": [], "edits": []}
    found: list[Any] = []
    edits: list[Any] = []
    for artefact in artefacts:
        own, changes = additions(artefact, frozenset(item["subjects"]), tools)
        found += [addition.to_json() for addition in own]
        edits += [edit.to_json() for edit in changes]
    return {"additions": found, "edits": edits}


# --- reading ------------------------------------------------------------------


def _read(item: Mapping[str, Any]) -> tuple[Any, ...]:
    source = _source(item, item["path"], item["digest"])
    read = importlib.import_module(f"{item['module']}.artefacts").read
    return tuple(read(source, item["options"]))


def _inputs(item: Mapping[str, Any]) -> dict[str, Source]:
    """Return the further inputs that exist; a name of an inline one is its own path."""
    inputs: dict[str, Source] = {}
    for name, expected in item["inputs"].items():
        if expected is None:
            continue
        if name.startswith(DATA) and name.removeprefix(DATA) in item.get("overlay", {}):
            inputs[name] = _source(item, name.removeprefix(DATA), expected)
        elif name.startswith(DATA):
            inputs[name] = _data(item, name.removeprefix(DATA), expected)
        elif name in item["inline"]:
            inputs[name] = Source(name, base64.b64decode(item["inline"][name]))
        else:
            inputs[name] = _source(item, name, expected)
    return inputs


def _source(item: Mapping[str, Any], path: str, expected: str | None) -> Source:
    overlay = item.get("overlay", {})
    if path in overlay:
        return Source(path, base64.b64decode(overlay[path]))
    try:
        return _from_disk(item["base"], path, expected or "")
    except OSError:
        raise Changed from None


def _data(item: Mapping[str, Any], path: str, expected: str) -> Data:
    try:
        return _in_place(item["base"], path, expected)
    except OSError:
        raise Changed from None


@lru_cache(maxsize=8)
def _in_place(base: str, path: str, expected: str) -> Data:
    system = DiskSystem(Path(base))
    place = system.target(path)
    if place is None or system.digest(place) != expected:
        raise Changed
    return Data(path, b"", place=str(Path(base).resolve() / place), known=expected)


@lru_cache(maxsize=8)  # one reference serves many artefacts
def _from_disk(base: str, path: str, expected: str) -> Source:
    raw = DiskSystem(Path(base)).read(path)
    if digest(raw) != expected:
        raise Changed
    return Source(path, raw)


@contextmanager
def _problems(module: str) -> Iterator[dict[str, Any]]:
    """Fill the dict with what went wrong inside: a problem of the user's, or a defect of ours."""
    found: dict[str, Any] = {}
    try:
        yield found
    except (Changed, OutOfTime, MemoryError):
        raise
    except ProbatumError as error:
        kind = "unreadable"
        if isinstance(error, UnsupportedConstruct):
            kind = "unsupported"
        elif isinstance(error, MissingExtra):
            kind = "missing-extra"
        where = error.location.to_json() if isinstance(error.location, Location) else None
        found["problem"] = {"kind": kind, "message": error.message, "help": error.help, "location": where}
    except ModuleNotFoundError as error:
        if (error.name or "probatum").partition(".")[0] in ("probatum", module.partition(".")[0]):
            found["defect"] = {"message": str(error), "detail": "".join(traceback.format_exception(error))[-_longest_trace:]}
        else:
            message = f"the library `{error.name}` is not installed"
            advice = f"`pip install 'probatum[{module.rpartition('.')[2]}]'`"
            found["problem"] = {"kind": "missing-extra", "message": message, "help": advice, "location": None}
    except RecursionError:
        message = "it is nested too deeply to be read"
        found["problem"] = {"kind": "unreadable", "message": message, "help": "flatten it, or exclude the file", "location": None}
    except Exception as error:  # noqa: BLE001 - any other exception is a defect of ours, and is reported as one
        trace = "".join(traceback.format_exception(error))[-_longest_trace:]
        found["defect"] = {"message": f"{type(error).__name__}: {error}"[:500], "detail": trace}
