"""OpenTelemetry's JSON: OTLP requests, what SDKs write to a console, and rows of spans that Phoenix exports.

Everything becomes one form: a span or a log record with flat `attributes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probatum.dialogue.artefacts.importers.fields import mapping
from probatum.dialogue.artefacts.importers.spans import parsed

_values = {"stringvalue", "intvalue", "doublevalue", "boolvalue", "bytesvalue"}
_DEPTH = 8


def spans(record: Any) -> Iterator[Mapping[str, Any]]:
    """Yield spans: `trace`, `id`, `parent`, `name`, `start`, `end`, `failed`, `attributes` and `events`."""
    if not isinstance(record, dict):
        return
    for resource in _list(record, "resourceSpans", "resource_spans"):
        about = _attributes(mapping(resource.get("resource")).get("attributes"))
        for scope in _list(resource, "scopeSpans", "scope_spans", "instrumentationLibrarySpans"):
            for span in _list(scope, "spans"):
                yield _span(span, about)
    if _is_row(record):
        yield _row(record)
    elif "resourceSpans" not in record and _is_span(record):
        yield _span(record, {})


def logs(record: Any) -> Iterator[Mapping[str, Any]]:
    """Yield log records: `trace`, `span`, `name`, `time`, `body` and `attributes`."""
    if not isinstance(record, dict):
        return
    for resource in _list(record, "resourceLogs", "resource_logs"):
        for scope in _list(resource, "scopeLogs", "scope_logs"):
            for one in _list(scope, "logRecords", "log_records"):
                attributes = _attributes(one.get("attributes"))
                named = one.get("eventName") or one.get("event_name") or attributes.get("event.name")
                yield {
                    "trace": str(one.get("traceId") or one.get("trace_id") or ""),
                    "span": str(one.get("spanId") or one.get("span_id") or ""),
                    "name": str(named or ""),
                    "time": one.get("timeUnixNano") or one.get("time_unix_nano") or one.get("observedTimeUnixNano"),
                    "body": _value(one.get("body")),
                    "attributes": attributes,
                }


def holds(record: Any) -> bool:
    """Whether a record is of one of these forms."""
    if not isinstance(record, dict):
        return False
    return any(
        isinstance(record.get(key), list) for key in ("resourceSpans", "resource_spans", "resourceLogs", "resource_logs")
    ) or (_is_row(record) or _is_span(record))


def _is_span(record: Mapping[str, Any]) -> bool:
    context = record.get("context")
    named = isinstance(context, dict) and "trace_id" in context
    return "name" in record and "attributes" in record and (named or "traceId" in record or "trace_id" in record)


def _is_row(record: Mapping[str, Any]) -> bool:
    return "context.trace_id" in record and "context.span_id" in record


def _row(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row of a table of spans, in which names of columns are paths."""
    attributes = {key.removeprefix("attributes."): value for key, value in record.items() if key.startswith("attributes.")}
    kind = record.get("span_kind")
    if kind and "openinference.span.kind" not in attributes:
        attributes["openinference.span.kind"] = kind
    return {
        "trace": str(record["context.trace_id"]),
        "id": str(record["context.span_id"]),
        "parent": str(record.get("parent_id") or ""),
        "name": str(record.get("name") or ""),
        "start": record.get("start_time"),
        "end": record.get("end_time"),
        "failed": _failed(record.get("status_code"), record.get("status_message")),
        "attributes": _flat({k: v for k, v in attributes.items() if v not in (None, "")}),
        "events": [],
    }


def _span(span: Mapping[str, Any], about: Mapping[str, Any]) -> Mapping[str, Any]:
    context = mapping(span.get("context"))
    status = mapping(span.get("status"))
    attributes = _attributes(span.get("attributes"))
    kind = span.get("span_kind")
    if kind and "openinference.span.kind" not in attributes:
        attributes["openinference.span.kind"] = kind
    events = [
        {
            "name": str(one.get("name") or ""),
            "time": one.get("timeUnixNano") or one.get("time_unix_nano") or one.get("timestamp"),
            "attributes": _attributes(one.get("attributes")),
        }
        for one in _list(span, "events")
    ]
    return {
        "trace": _id(span.get("traceId") or span.get("trace_id") or context.get("trace_id")),
        "id": _id(span.get("spanId") or span.get("span_id") or context.get("span_id")),
        "parent": _id(span.get("parentSpanId") or span.get("parent_span_id") or span.get("parent_id")),
        "name": str(span.get("name") or ""),
        "start": span.get("startTimeUnixNano") or span.get("start_time_unix_nano") or span.get("start_time"),
        "end": span.get("endTimeUnixNano") or span.get("end_time_unix_nano") or span.get("end_time"),
        "failed": _failed(
            status.get("code", status.get("status_code", span.get("status_code"))),
            status.get("message", status.get("description", span.get("status_message"))),
        ),
        "attributes": {**about, **attributes},
        "events": events,
    }


def _failed(code: Any, message: Any) -> str:
    if code not in (2, "2", "STATUS_CODE_ERROR", "ERROR", "error", "StatusCode.ERROR"):
        return ""
    return str(message).splitlines()[0][:200] if message and str(message).strip() else "error"


def _id(value: Any) -> str:
    return str(value or "").removeprefix("0x")


def _attributes(value: Any) -> dict[str, Any]:
    """Attributes as OTLP lists them, or as a mapping."""
    if isinstance(value, list):
        return {str(one["key"]): _value(one.get("value")) for one in value if isinstance(one, dict) and "key" in one}
    return _flat(value) if isinstance(value, dict) else {}


def _flat(value: Mapping[str, Any], depth: int = _DEPTH) -> dict[str, Any]:
    """Mappings within mappings as names joined by dots; lists, and what looks like messages, as they are."""
    found: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and depth and not {"role", "messages", "content", "parts"} & inner.keys():
            for below, item in _flat(inner, depth - 1).items():
                found[f"{key}.{below}"] = item
        else:
            found[str(key)] = inner
    return found


def _value(value: Any, depth: int = _DEPTH) -> Any:
    """Return an `AnyValue` of OTLP as JSON."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    [(key, inner)] = value.items()
    kind = key.replace("_", "").lower()
    if kind == "intvalue" and isinstance(inner, str):
        return int(inner) if inner.lstrip("-").isdecimal() and inner.isascii() and len(inner) < 20 else inner
    if kind in _values:
        return inner
    if kind == "arrayvalue" and depth:
        return [_value(one, depth - 1) for one in _list(mapping(inner), "values")]
    if kind == "kvlistvalue" and depth:
        pairs = _list(mapping(inner), "values")
        return {str(one.get("key")): _value(one.get("value"), depth - 1) for one in pairs}
    return value


def _list(of: Mapping[str, Any], *names: str) -> list[dict[str, Any]]:
    for name in names:
        found = parsed(of.get(name))
        if isinstance(found, list):
            return [one for one in found if isinstance(one, dict)]
    return []
