"""Reading a policy about goods: what must be there, what may be, and what was probably meant."""

from __future__ import annotations

from probatum.inspection.artefacts.capture import COLUMNS
from probatum.inspection.artefacts.policy import FITTED, Band, Budget, Named, Policy
from probatum.project.document import parse, suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Text

SCHEMA = "probatum-inspection-policy/1"
READERS = ("rapidocr",)  # as `open_reader` takes them
_GROUPS = ("item_identifier", "item_material", "camera", "station", "shift", "vendor")  # known before anything is looked at
_MADE_BY = {
    "gallery": "gallery begin",
    "model": "train",
    "calibration": "calibrate",
}  # verbs, for advice where a file is not there


def read_policy(text: Text) -> Policy:
    """Read a policy.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead.
    """
    root = Fields(parse(text, extra="inspection"), "the policy")
    name = root.text("name", "")
    captures = _named(root, "captures")
    if captures is None:
        raise fault(root.node.location, "the policy names no captures", "add `captures: manifest.csv`, one row for each picture")
    backbone = root.text("backbone", "embedded:lite0")
    if backbone.startswith(("timm:", "open_clip:")):
        raise fault(
            root.at("backbone"),
            f"`{backbone}` is not exported yet, and a check neither fetches weights nor runs PyTorch",
            f"run `probatum inspection backbone {backbone} --to network.onnx` once, and write `onnx:network.onnx`",
        )
    if not backbone.startswith(("embedded:", "onnx:")):
        raise fault(
            root.at("backbone"),
            f"`{backbone}` is no backbone that a check can use",
            "write `embedded:lite0`, or `onnx:FILE` of a network that was exported, as `probatum inspection backbone` does",
        )
    policy = Policy(
        subject=name or text.path,
        location=root.node.location,
        captures=captures,
        splits=_splits(root),
        references=_named(root, "references"),
        gallery=_named(root, "gallery"),
        backbone=backbone,
        reader=root.text("reader", "", choices=READERS),
        model=_named(root, "model"),
        calibration=_named(root, "calibration"),
        decisions=_named(root, "decisions"),
        disposition=_named(root, "disposition"),
        budget=_budget(root),
        digest=text.digest,
    )
    root.text("schema", "", choices=[SCHEMA])
    root.text("description", "")
    root.close()
    return policy


def _named(root: Fields, name: str) -> Named | None:
    if root.get(name) is None:
        return None
    return Named(path=root.text(name), location=root.at(name), made_by=_MADE_BY.get(name, ""))


def _splits(root: Fields) -> tuple[str, ...]:
    splits = root.texts("splits", ())
    fitted = [split for split in splits if split in FITTED]
    if fitted:
        raise fault(
            root.at("splits"),
            f"units of the split `{fitted[0]}` were fitted to",
            "judge others: what has seen a unit says nothing about it",
        )
    return splits


def _budget(root: Fields) -> Budget:
    node = root.get("budget")
    if node is None:
        return Budget()
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return Budget(false_alarms=float(root.number("budget", low=1e-9, high=0.5)))
    own = Fields(node, "`budget`")
    by = own.texts("by", ())
    for column in by:
        if column not in _GROUPS:
            known = column in COLUMNS
            why = "is known only when a unit was judged, or is its own" if known else "is no column of a manifest"
            raise fault(own.at("by"), f"`{column}` {why}", suggestion(column, _GROUPS))
    budget = Budget(
        false_alarms=float(own.number("false_alarms", 0.001, low=1e-9, high=0.5)),
        confidence=float(own.number("confidence", 0.95, low=0.5 + 1e-9, high=1 - 1e-9)),
        removed=float(own.number("removed", 0.0, low=0.0, high=0.5)),
        by=by,
        band=_band(own),
    )
    if budget.removed >= budget.false_alarms:
        raise fault(
            own.at("removed"),
            f"`removed` is {budget.removed:g}, and the budget {budget.false_alarms:g}",
            "a rate that was removed uses up the budget: allow more, or calibrate on units that nobody took out",
        )
    if budget.band is not None and budget.band.looked < budget.false_alarms:
        raise fault(
            own.at("band"),
            f"`looked` is {budget.band.looked:g}, and `false_alarms` {budget.false_alarms:g}",
            "units that are put aside count as looked at: allow at least as many",
        )
    if budget.band is not None and by:
        raise fault(own.at("by"), "groups with thresholds of their own have no band", "leave out `by`, or `band`")
    own.close()
    return budget


def _band(budget: Fields) -> Band | None:
    node = budget.get("band")
    if node is None:
        return None
    own = Fields(node, "`band`")
    passed = None if own.get("passed") is None else float(own.number("passed", low=1e-9, high=1 - 1e-9))
    band = Band(looked=float(own.number("looked", low=1e-9, high=0.5)), passed=passed)
    own.close()
    return band
