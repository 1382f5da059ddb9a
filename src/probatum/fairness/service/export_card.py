"""A model card from a record: what is known of data, steps, objective, threshold and errors by group, and what is not.

Sections as proposed in Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from probatum.fairness.artefacts.record import Record
from probatum.fairness.service.exports import run_of
from probatum.stats.bounds import clopper_pearson

_UNKNOWN = "not recorded"
_EPOCHS = 20  # that are printed: the first and the last ones
_RATES = {"false positive rate": ("fp", "tn"), "false negative rate": ("fn", "tp"), "positive predictive value": ("tp", "fp")}


def card(record: Record) -> dict[str, Any]:
    """Return a model card as JSON; what was not recorded is said to be so."""
    run = run_of(record)

    def one(kind: str) -> Mapping[str, Any] | None:
        found = record.of_kind(kind)
        return found[-1][1] if found else None

    trained = [own for _, own in record.of_kind("training")]
    threshold, objective, features, evaluation = one("threshold"), one("objective"), one("features"), one("evaluation")
    use = one("intended_use")
    return {
        "schema": "probatum-model-card/1",
        "model_details": {
            "name": run.get("name", ""),
            "record": record.root,
            "date": run.get("ended", ""),
            "software": run.get("software", {}),
            "model": [own.get("sha256") for _, own in record.of_kind("model")]
            or [own["checkpoints"][-1]["sha256"] for own in trained if own.get("checkpoints")]
            or _UNKNOWN,
            "objective": objective["loss"] if objective else _objectives(trained) or _UNKNOWN,
            "threshold": {key: threshold[key] for key in ("value", "by", "how", "at")} if threshold else _UNKNOWN,
            "steps": [{"name": own["name"], "parameters": own["parameters"]} for _, own in record.of_kind("step")],
        },
        "intended_use": {key: use[key] for key in ("use", "users", "not_for")} if use else _UNKNOWN,
        "factors": {"groups": run.get("protected", {}), "proxies": _proxies(features)},
        "metrics": list(_RATES),
        "training": [_training(own) for own in trained],
        "data": [
            {
                "name": own["name"],
                "rows": own.get("rows"),
                "digest": key,
                "groups": {
                    attribute: {group: part["rows"] for group, part in parts.items()}
                    for attribute, parts in own.get("groups", {}).items()
                },
            }
            for key, own in record.of_kind("data")
        ],
        "quantitative_analyses": _rates(evaluation) if evaluation else _UNKNOWN,
        "row_flow": [{"step": own["name"], "flow": own["flow"]} for _, own in record.of_kind("step") if own.get("flow")],
        "ethical_considerations": _UNKNOWN,
        "caveats_and_recommendations": [
            "rates are of the recorded evaluation, with 95 % bounds that hold for all groups of an attribute and rate together",
            *(f"outcomes of {own['name']} are {own['outcomes']}" for _, own in record.of_kind("data") if own.get("outcomes")),
        ],
    }


def _used(use: Mapping[str, Any] | str) -> list[str]:
    """Return what a model is meant for, as lines; whatever somebody wrote stays on one line."""
    if isinstance(use, str):
        return [use]
    named = [f"- {what}: {_cell(one)}" for what, key in (("Users", "users"), ("Not for", "not_for")) for one in use[key]]
    return [_cell(use["use"]), *([""] if named else []), *named]


def markdown(record: Record) -> str:
    """Return a model card as Markdown."""
    own = card(record)
    details = own["model_details"]
    lines = [f"# Model card: {_cell(details['name'])}", "", f"Record `{details['record']}`, {details['date']}.", ""]
    lines += ["## Model details", "", f"- Objective: {_cell(details['objective'])}"]
    threshold = details["threshold"]
    lines.append(
        f"- Threshold: {threshold['value']:g}, chosen by {_cell(threshold['by'] or _UNKNOWN)}"
        if isinstance(threshold, dict)
        else f"- Threshold: {threshold}"
    )
    lines += [f"- Step: {_cell(step['name'])}" for step in details["steps"]]
    lines += [
        "",
        "## Intended use",
        "",
        *_used(own["intended_use"]),
        "",
        "## Data",
        "",
        "| table | rows | digest |",
        "|---|---:|---|",
    ]
    lines += [
        f"| {_cell(one['name'])} | {one['rows'] if one['rows'] is not None else ''} | `{one['digest'][:12]}` |"
        for one in own["data"]
    ]
    if own["row_flow"]:
        lines += ["", "## Rows by step and group", "", "| step | attribute | group | before | after |", "|---|---|---|---:|---:|"]
        lines += [
            f"| {_cell(flow['step'])} | {_cell(attribute or 'all')} | {_cell(group or 'all')} | {part['rows'][0]} | {part['rows'][1]} |"
            for flow in own["row_flow"]
            for attribute, groups in flow["flow"].items()
            for group, part in groups.items()
        ]
    for one in own["training"]:
        lines += ["", f"## Training of {_cell(one['name'])}", "", *_trained(one)]
    if own["factors"]["proxies"]:
        lines += ["", "## What tells the group", "", "| attribute | feature | area under the curve |", "|---|---|---|"]
        lines += [
            f"| {_cell(attribute)} | {_cell('all features' if name == '*' else name)} | {auc[0]:.2f} ({auc[1]:.2f} to {auc[2]:.2f}) |"
            for attribute, each in own["factors"]["proxies"].items()
            for name, auc in each.items()
        ]
    lines += ["", "## Errors by group", ""]
    if isinstance(own["quantitative_analyses"], str):
        lines.append(own["quantitative_analyses"])
    else:
        lines += ["| attribute | group | rate | value | 95 % bounds | n |", "|---|---|---|---:|---|---:|"]
        lines += [
            f"| {_cell(r['attribute'] or 'all')} | {_cell(r['group'] or 'all')} | {r['rate']} | {r['value']:.1%} "
            f"| {r['low']:.1%} to {r['high']:.1%} | {r['trials']} |"
            for r in own["quantitative_analyses"]
        ]
    lines += ["", "## Ethical considerations", "", own["ethical_considerations"], "", "## Caveats", ""]
    lines += [f"- {_cell(one)}" for one in own["caveats_and_recommendations"]]
    return "\n".join(lines) + "\n"


def _objectives(trained: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(str(own["objective"]) for own in trained if own.get("objective")))


def _training(own: Mapping[str, Any]) -> dict[str, Any]:
    epochs = own.get("epochs", [])
    return {
        **{key: own.get(key) for key in ("name", "objective", "seeds", "details", "measures", "failed")},
        "data": own.get("inputs", []),
        "epochs": [{key: one[key] for key in ("epoch", "items", "order", "measures") if key in one} for one in epochs],
        "checkpoints": own.get("checkpoints", []),
    }


def _trained(one: Mapping[str, Any]) -> list[str]:
    """Return lines on a training: all of it except for the order of items, whose digests are in the JSON."""
    seeds = ", ".join(f"{_cell(name)} {seed}" if name else str(seed) for name, seed in (one["seeds"] or {}).items())
    ordered = sum("order" in epoch for epoch in one["epochs"])
    lines = [
        f"- Objective: {_cell(one['objective'] or _UNKNOWN)}",
        f"- Seeds: {seeds or _UNKNOWN}",
        f"- Data: {', '.join(f'`{key[:12]}`' for key in one['data']) or _UNKNOWN}",
        f"- Epochs: {len(one['epochs'])}, of {ordered} of which the order of items is recorded",
        *(f"- {_cell(name)}: {_cell(value)}" for name, value in (one["details"] or {}).items()),
        *([f"- It ended by an error: {_cell(one['failed'])}"] if one["failed"] else []),
    ]
    names = list(dict.fromkeys(name for epoch in one["epochs"] for name in epoch["measures"]))
    if names:
        shown = one["epochs"] if len(one["epochs"]) <= _EPOCHS else [one["epochs"][0], *one["epochs"][1 - _EPOCHS :]]
        lines += ["", f"| epoch | {' | '.join(map(_cell, names))} |", f"|---:|{'---:|' * len(names)}"]
        lines += [
            f"| {epoch['epoch'] + 1} | {' | '.join(f'{v:.6g}' if (v := epoch['measures'].get(n)) is not None else '' for n in names)} |"
            for epoch in shown
        ]
    last = "".join(f"| in the end | {_cell(name)} {value:.6g} |\n" for name, value in (one["measures"] or {}).items())
    if last:
        lines += ["", "| | |", "|---|---|", last.rstrip()]
    if one["checkpoints"]:
        lines += ["", "| checkpoint after epoch | file | digest |", "|---:|---|---|"]
        lines += [
            f"| {c['epoch']} | {_cell(c.get('file') or '')} | `{c['sha256'][:12]}` |" for c in one["checkpoints"][-_EPOCHS:]
        ]
    return lines


def _rates(evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for attribute, groups in evaluation["counts"].items():
        for name, (hit, miss) in _RATES.items():
            for group, cells in groups.items():
                trials = cells[hit] + cells[miss]
                if not trials:
                    continue
                bound = clopper_pearson(cells[hit], trials, family=len(groups))
                found.append(
                    {
                        "attribute": attribute,
                        "group": group,
                        "rate": name,
                        "value": bound.value,
                        "low": bound.low,
                        "high": bound.high,
                        "trials": trials,
                    }
                )
    return found


def _proxies(features: Mapping[str, Any] | None) -> dict[str, dict[str, list[float]]]:
    """For each attribute and feature, the group that it tells best."""
    found: dict[str, dict[str, list[float]]] = {}
    for attribute, groups in (features or {}).get("proxies", {}).items():
        best = found.setdefault(attribute, {})
        for each in groups.values():
            for name, own in each.items():
                if name not in best or own["auc"] > best[name][0]:
                    best[name] = [own["auc"], own["low"], own["high"]]
    return found


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
