"""JSON: everything that the report says, in the published schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from probatum.engine.payload import Payload
from probatum.evidence import Proof
from probatum.findings import Cleared, Outcome, Report, outcome_to_json, report_to_json
from probatum.records import dataclass
from probatum.report import Look


@dataclass(slots=True, eq=False)
class _Line:
    """JSON that is on one line already."""

    text: str


def render(report: Report, _look: Look) -> str:
    """Return the report as JSON, indented; certificates of proofs, which only checkers read, are on one line each.

    Only ASCII: lone surrogates survive, and nothing in it acts on a terminal.
    """
    value = report_to_json(report, _outcome)
    return (
        _object(((key, _list(own, "  ") if key == "outcomes" else _indented(own, "  ")) for key, own in value.items()), "") + "\n"
    )


def _outcome(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as JSON, with a proof's certificate as it is kept: of a thousand, each is long and none is read."""
    if not isinstance(outcome, Cleared) or not isinstance(outcome.evidence, Proof):
        return outcome_to_json(outcome)
    proof = outcome.evidence
    about = {"kind": proof.kind, "method": proof.method, "claim": proof.claim, "certificate": _certificate(proof.certificate)}
    return outcome_to_json(outcome, evidence=about)


def _certificate(value: Mapping[str, Any]) -> _Line:
    text = value.text() if isinstance(value, Payload) else ""
    if not (text and text.isascii() and text.isprintable()):
        text = json.dumps(dict(value), separators=(",", ":"), allow_nan=False)
    return _Line(text)


def _list(values: Iterable[Mapping[str, Any]], pad: str) -> str:
    inner = pad + "  "
    lines = [f"{inner}{_object(((key, _indented(own, inner + '  ')) for key, own in v.items()), inner)}" for v in values]
    return "[\n" + ",\n".join(lines) + f"\n{pad}]" if lines else "[]"


def _object(items: Iterable[tuple[str, str]], pad: str) -> str:
    return "{\n" + ",\n".join([f"{pad}  {quoted(key)}: {text}" for key, text in items]) + f"\n{pad}}}"


def _indented(value: Any, pad: str) -> str:
    """Return what `json.dumps` does with an indent, in a tenth of the time where little is nested."""
    kind = type(value)
    if (write := _written.get(kind)) is not None:
        return write(value)
    if kind is dict and value and all(type(key) is str and type(v) in _written for key, v in value.items()):
        return _object(((key, _written[type(v)](v)) for key, v in value.items()), pad)
    if kind is list and all(type(v) in _written for v in value):
        inner = f"\n{pad}  "
        return f"[{inner}" + f",{inner}".join([_written[type(v)](v) for v in value]) + f"\n{pad}]" if value else "[]"
    # No text in JSON holds a line break.
    return json.dumps(value, indent=2, allow_nan=False).replace("\n", f"\n{pad}")


_written: Mapping[type, Callable[[Any], str]] = {
    str: quoted,
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    _Line: lambda line: str(line.text),
}
