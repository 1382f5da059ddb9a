"""What evidence says of how second tries were told: within which time, and by which detector."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts import Policy, beside
from probatum.dialogue.semantics.conversations import Conversations
from probatum.dialogue.semantics.judged import judged
from probatum.dialogue.semantics.rephrases import DETECTORS, digest_of
from probatum.evidence import Recheck
from probatum.source import DATA, Data, Source


def otherwise(policy: Policy, counts: Mapping[str, Any]) -> Recheck | None:
    """Return why second tries cannot have been told so, or cannot be told so here; None if they can."""
    window_s, detector = float(counts["window_s"]), str(counts["detector"])
    if policy.sessions.rephrase_s not in (None, window_s):
        return Recheck("refuted", "the policy says how long a second try may take")
    if detector not in DETECTORS or policy.sessions.detector not in ("auto", detector):
        return Recheck("refuted", "the policy says what tells rephrases")
    if digest_of(detector) != counts["head"]:
        return Recheck("cannot", f"rephrases were told by another version of `{detector}`")
    return None


def signals_of(policy: Policy, counts: Mapping[str, Any], conversations: Conversations) -> str:
    """Return the name of the table of signals (see `judged.judged`) that the evidence is about."""
    return judged(
        conversations, gap_s=policy.sessions.gap_s, window_s=float(counts["window_s"]), detector=str(counts["detector"])
    )


def stage_lines(policy: Policy, inputs: Mapping[str, Source]) -> list[bytes]:
    """Return the lines of the table of stages that a policy names."""
    source = inputs[DATA + str(beside(policy.location.path, policy.stages))]
    return (Path(source.place).read_bytes() if isinstance(source, Data) else source.raw).splitlines()
