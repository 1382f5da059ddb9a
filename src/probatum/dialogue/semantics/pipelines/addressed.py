"""Pipelines at an address that somebody named: any that speaks JSON as `answers` says, and Rasa's own interface.

Redirections are not followed: what may be asked is what was named. Nothing is asked of an address within `probatum check`.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from probatum.dialogue.semantics.pipelines import Asked, Output, Run, Unanswered
from probatum.dialogue.semantics.pipelines.answers import LONGEST, answer, question
from probatum.errors import UnreadableArtefact
from probatum.source import Location

_FALLBACK = "nlu_fallback"


class Addressed:
    """Asks an address, one request at a time.

    Attributes
    ----------
    stages : tuple of str
    """

    digest = ""

    def __init__(self, url: str, stages: Sequence[str], *, timeout_s: float) -> None:
        self.stages = tuple(stages)
        self._post = _Post(url, timeout_s)

    def run(self, asked: Asked) -> Run:
        """Ask; see `Pipeline.run`."""
        return answer(self._post(question(asked)), self.stages)

    def close(self) -> None:
        """Nothing was started."""


class Rasa:
    """A model that a Rasa server has loaded, over `POST /model/parse` [1]_.

    Understanding is the intent, resolution the values of entities. An intent of `nlu_fallback`, or none, is not understood.

    References
    ----------
    .. [1] Rasa. "Rasa HTTP API", `POST /model/parse`: `{"text"}` to `{"text", "intent": {"name", "confidence"}, "entities": [{"entity",
       "value", "start", "end"}], "intent_ranking": [...]}`.
    """

    stages = ("understanding", "resolution")
    digest = ""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        place = url.rstrip("/")
        self._post = _Post(place if place.endswith("/model/parse") else f"{place}/model/parse", timeout_s)

    def run(self, asked: Asked) -> Run:
        """Ask; see `Pipeline.run`."""
        if asked.given:
            raise Unanswered("Rasa parses a text as a whole")
        try:
            said: Any = json.loads(self._post(json.dumps({"text": asked.text}, ensure_ascii=False).encode()))
            intent = said.get("intent") or {}
            name, sure = intent.get("name"), intent.get("confidence")
            found = [(str(one["entity"]), one.get("value"), one.get("start"), one.get("end")) for one in said.get("entities", ())]
        except (ValueError, RecursionError, AttributeError, LookupError, TypeError):
            raise Unanswered("the answer is not that of `/model/parse`") from None
        confidence = float(sure) if isinstance(sure, int | float) and 0 <= sure <= 1 else None
        if not isinstance(name, str) or not name or name == _FALLBACK:
            return Run(outputs=(Output(stage="understanding", value="", ok=False, confidence=confidence),), done=False)
        said_words = tuple(
            sorted(asked.text[a:b].lower() for _, _, a, b in found if isinstance(a, int) and isinstance(b, int) and 0 <= a < b)
        )
        values = json.dumps(sorted([[kind, value] for kind, value, _, _ in found], key=repr), ensure_ascii=False)
        understood = Output(stage="understanding", value=name, mentions=said_words, confidence=confidence)
        return Run(outputs=(understood, Output(stage="resolution", value=values)), done=True)

    def close(self) -> None:
        """Nothing was started."""


class _Post:
    """Posts JSON to one address."""

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or parts.username:
            raise UnreadableArtefact(
                f"`{url}` is no address of a pipeline", help="write `http://host:port/path`", location=Location(url)
            )
        self._host, self._port, self._secure = parts.hostname, port, parts.scheme == "https"
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout_s = timeout_s

    def __call__(self, body: bytes) -> bytes:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout_s)
        try:
            connection.request("POST", self._path, body, {"Content-Type": "application/json", "Accept": "application/json"})
            response = connection.getresponse()
            raw = response.read(LONGEST + 1)
        except TimeoutError:
            raise Unanswered(f"it did not answer within {self._timeout_s:g} s") from None
        except (OSError, http.client.HTTPException) as problem:
            raise Unanswered(f"it cannot be asked ({type(problem).__name__})") from None
        finally:
            connection.close()
        if response.status != 200:
            raise Unanswered(f"it answered with status {response.status}")
        return raw
