"""The large part of evidence, kept as text until someone looks into it.

A certificate can be a thousand times the size of the outcome it belongs to, and
most are never looked into: they are carried from the child to the store, and
from the store to a report whose reader wants one line. So the child sends the
text, and `Payload` parses it on first use.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from probatum.errors import EvidenceError

# Which field of which kind of evidence is the large one.
_fields = {"proof": "certificate", "counterexample": "given", "estimate": "counts", "exemplars": "facts"}


class Payload(Mapping[str, Any]):
    """A JSON object that is parsed when it is first looked into; otherwise like any mapping."""

    __slots__ = ("_text", "_value")

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text
        self._value: dict[str, Any] | None = None

    def text(self) -> str:
        """Return the object as it was written."""
        return self._text()

    def _parsed(self) -> dict[str, Any]:
        if self._value is None:
            self._value = dict(json.loads(self._text()))
        return self._value

    def __getitem__(self, key: str) -> Any:
        return self._parsed()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parsed())

    def __len__(self) -> int:
        return len(self._parsed())

    def __repr__(self) -> str:
        return repr(self._parsed())


def _replaced(outcome: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return an outcome as JSON with the large part of its evidence changed."""
    evidence = outcome.get("evidence")
    if evidence is None or (name := _fields.get(evidence.get("kind"), "")) not in evidence:
        return dict(outcome)
    return {**outcome, "evidence": {**evidence, name: change(evidence[name])}}


def packed(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return an outcome with the large part as text."""

    def text_of(value: Any) -> str:
        if isinstance(value, Payload):
            return value.text()
        return json.dumps(dict(value), separators=(",", ":"), allow_nan=False)

    return _replaced(outcome, text_of)


def unpacked(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return an outcome with the large part as JSON, whether it was packed or not.

    Raises
    ------
    EvidenceError
        If its text is not JSON.
    """

    def value_of(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        try:
            return json.loads(text)
        except ValueError:
            raise EvidenceError("stored evidence is not JSON", help="run `probatum check` again to make it anew") from None

    return _replaced(outcome, value_of)


def lazy(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return a packed outcome with the large part as a `Payload`."""
    return _replaced(outcome, lambda text: Payload(lambda: text) if isinstance(text, str) else text)


def detached(value: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Divide a result of packed outcomes for the store: what is always read, and the texts that mostly are not."""
    texts: list[str] = []

    def number_of(text: Any) -> int:
        texts.append(text)
        return len(texts) - 1

    if "outcomes" not in value:
        return dict(value), texts
    return {**value, "outcomes": [_replaced(outcome, number_of) for outcome in value["outcomes"]]}, texts


def attached(value: Mapping[str, Any], texts: Callable[[], list[str]]) -> dict[str, Any]:
    """Put a stored result together again, without reading the texts."""

    def payload_of(number: Any) -> Any:
        return Payload(lambda: texts()[number]) if isinstance(number, int) else number

    if "outcomes" not in value:
        return dict(value)
    return {**value, "outcomes": [_replaced(outcome, payload_of) for outcome in value["outcomes"]]}
