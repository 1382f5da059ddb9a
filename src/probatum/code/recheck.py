"""Check evidence about programs again: a counterexample by running it."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.code.artefacts import BoogieProgram
from probatum.code.semantics.boogie import axioms_hold, replay
from probatum.evidence import CONFIRMED, Counterexample, Evidence, Recheck
from probatum.ivl.execution.values import NoValue
from probatum.source import Source

METHOD = "code/run/1"


def recheck(artefact: BoogieProgram, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute evidence about a program; see `probatum.evidence.Recheck`."""
    del inputs
    if not isinstance(evidence, Counterexample) or evidence.method != METHOD:
        return Recheck("cannot", f"`{evidence.method}` is not a method that this version can check")
    try:
        ran = replay(artefact, evidence.given)
        claim = evidence.given["claim"]
        violated = (claim["what"], claim["line"], claim["column"], claim["clause_line"], claim["clause_column"])
        where, related = ran.ended.position, ran.ended.related
        if ran.ended.how == "undetermined":
            return Recheck("refuted", f"the run cannot be determined: {ran.ended.what}")
        if ran.ended.how != "violated":
            return Recheck("refuted", f"the run violates nothing: it ended {ran.ended.how} ({ran.ended.what or 'no reason'})")
        if (ran.ended.what, where.line, where.column, related.line, related.column) != violated:
            return Recheck("refuted", f"the run violates another claim, at {where.line}:{where.column}")
        if axioms_hold(artefact, evidence.given["constants"]) is False:
            return Recheck("refuted", "the constants contradict an axiom")
        if ran.used and axioms_hold(artefact, evidence.given["constants"]) is None:
            return Recheck("refuted", "the run rests on constants, and whether the axioms allow them cannot be determined")
    except LookupError as problem:
        return Recheck("cannot", f"the evidence needs {problem}, which is not there")
    except (TypeError, ValueError, NoValue) as problem:
        return Recheck("refuted", f"the evidence is malformed ({problem})")
    return CONFIRMED
