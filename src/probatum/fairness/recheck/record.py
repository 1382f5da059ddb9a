"""A record that no longer holds: is the file another one, or an object not what its digest says?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from probatum.evidence import CONFIRMED, Counterexample, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.record import read_record
from probatum.source import DATA, Data, Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that a record does not hold."""
    if not isinstance(evidence, Counterexample):
        return Recheck("refuted", "what is wrong with a record is a counterexample")
    named = policy.preparation.record if policy.preparation is not None else ""
    if evidence.given["record"] != named:
        return Recheck("refuted", "the policy names another record")
    place = beside(policy.location.path, named) or ""
    source = inputs.get(DATA + place)
    if source is None:
        return Recheck("cannot", f"the record `{named}` is not there")
    record = read_record(_bytes(source), place)
    if record.root != evidence.given["root"]:
        return Recheck("cannot", "the record is another one by now")
    if "file" not in evidence.given:
        known = evidence.given["what"] in set(record.problems())
        return CONFIRMED if known else Recheck("refuted", "the record has no such problem")
    name = evidence.given["file"]
    recorded = {digest for own, digest in record.files() if own == name}
    held = inputs.get(DATA + (beside(place, name) or ""))
    if held is None:
        return Recheck("cannot", f"`{name}` is not there")
    actual = hashlib.sha256(_bytes(held)).hexdigest()
    if actual != evidence.given["actual"]:
        return Recheck("refuted", f"the digest of `{name}` is another one")
    return CONFIRMED if recorded and recorded != {actual} else Recheck("refuted", f"`{name}` is the file that was recorded")


def _bytes(source: Source) -> bytes:
    return Path(source.place).read_bytes() if isinstance(source, Data) else source.raw
