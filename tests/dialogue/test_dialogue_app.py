"""The rewriter over HTTP: what is asked, what is refused, and that it answers under load while its files change."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import MutableMapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from probatum.cli import main
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.options import Known, Link
from probatum.dialogue.service.registry import Passed, Registry
from probatum.dialogue.service.serving.app import App
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.policy_file import serve, write
from probatum.dialogue.service.serving.rewriter import Rewriter

pytest.importorskip("rapidfuzz")
pytest.importorskip("scipy")
KEY = bytes(range(32))
HEARD, MEANT = "open the garbage door", "open the garage door"


@pytest.fixture
def app(tmp_path: Path) -> Any:
    texts = [(MEANT, Known(98.0, 100)), (HEARD, Known(4.0, 100))]
    serve(tmp_path, write(tmp_path, texts=texts, links=[(HEARD, Link(MEANT, 0.95, "r1", "active"))]))
    registry = Registry(tmp_path / "registry.jsonl")
    registry.move(registry.propose("a", "b", at=1.0), "shadow", at=2.0, evidence=Passed(30))
    with closing(Personal(tmp_path / "people.db")) as personal:
        yield App(Rewriter(Policies(tmp_path), KEY, personal), registry)


def call(app: App, method: str, path: str, body: Any = None, *, host: str = "127.0.0.1:8080") -> tuple[int, Any]:
    """Send one request as a server would; return the status and the JSON of the answer."""
    return asyncio.run(called(app, method, path, body, host=host))


async def called(
    app: App, method: str, path: str, body: Any = None, *, host: str = "127.0.0.1:8080", origin: str = "", token: str = ""
) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": unquote(path), "headers": [(b"host", host.encode())]}
    scope["headers"] += [(b"origin", origin.encode())] if origin else []
    scope["headers"] += [(b"authorization", token.encode())] if token else []
    await app(scope, receive, send)
    text = sent[1]["body"].decode()
    return sent[0]["status"], json.loads(text) if text.startswith(("{", "[")) else text


def test_a_request_is_decided(app: App) -> None:
    sent = {"text": HEARD, "user": "u1", "heard": ["x"], "context": {"room": "hall"}, "confidence": 0.5, "at": 1.0}
    status, answer = call(app, "POST", "/v1/rewrite", sent)

    assert status == 200
    assert (answer["action"], answer["text"], answer["rewrite"]) == ("rewrite", MEANT, "r1")
    assert len(answer["policy"]) == 64
    assert call(app, "POST", "/v1/feedback", {"turn": answer["turn"], "well": False}) == (200, {"known": True})
    assert call(app, "POST", "/v1/feedback", {"turn": answer["turn"], "well": False}) == (200, {"known": False})


def test_what_is_taught_holds_and_who_is_forgotten_is_unknown(app: App) -> None:
    taught = {"user": "ann/1", "said": "sunshine", "meant": "turn on the lamp"}
    assert call(app, "POST", "/v1/teach", taught) == (200, {"learnt": True})
    assert call(app, "POST", "/v1/rewrite", {"text": "sunshine", "user": "ann/1"})[1]["action"] == "rewrite"
    assert call(app, "DELETE", "/v1/users/ann%2F1") == (200, {"forgotten": True})
    assert call(app, "POST", "/v1/rewrite", {"text": "sunshine", "user": "ann/1"})[1]["action"] == "keep"


def test_the_evidence_of_a_rewrite_is_shown(app: App) -> None:
    assert app.registry is not None
    [identifier] = app.registry.rewrites()
    status, found = call(app, "GET", f"/v1/rewrites/{identifier}/evidence")

    assert status == 200
    assert [entry["to"] for entry in found] == ["candidate", "shadow"]
    assert call(app, "GET", "/v1/rewrites/nothing/evidence")[0] == 404


def test_health_and_counters_are_told(app: App, tmp_path: Path) -> None:
    call(app, "POST", "/v1/rewrite", {"text": "play some jazz"})
    status, found = call(app, "GET", "/healthz")
    assert (status, found["trouble"]) == (200, "")

    status, text = call(app, "GET", "/metrics")
    assert status == 200
    assert 'probatum_rewrite_total{action="keep"} 1' in text
    assert "probatum_rewrite_seconds_count 1" in text
    assert "probatum_search_seconds_count 1" in text
    (tmp_path / "empty").mkdir()
    assert call(App(Rewriter(Policies(tmp_path / "empty"), KEY)), "GET", "/healthz")[0] == 503


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", "not JSON"),
        (b"[" * 5000, "not JSON"),
        ([1], "not a JSON object"),
        ({}, "`text` is needed"),
        ({"text": 1}, "`text` is needed"),
        ({"text": "a", "user": 1}, "are texts"),
        ({"text": "a", "heard": "b"}, "`heard` is a list"),
        ({"text": "a", "context": {"a": 1}}, "`context` is an object"),
        ({"text": "a", "confidence": True}, "are numbers"),
        ({"text": "a" * 70_000}, "at most 65536 bytes"),
    ],
)
def test_what_is_not_understood_is_said(app: App, body: Any, wrong: str) -> None:
    status, found = call(app, "POST", "/v1/rewrite", body)

    assert status == 400
    assert wrong in found["error"]


def test_numbers_that_are_none_keep_the_request_alive(app: App) -> None:
    for number in (b"NaN", b"Infinity", b"-1e400", b"1e300"):
        status, found = call(app, "POST", "/v1/rewrite", b'{"text": "a b c", "confidence": %b, "at": %b}' % (number, number))
        assert status == 200
        assert found["action"] == "keep"


def test_other_paths_and_other_names_are_refused(app: App) -> None:
    assert call(app, "GET", "/v1/rewrite")[0] == 404
    assert call(app, "POST", "/v1/teach", {"user": "a"})[0] == 400
    assert call(app, "POST", "/v1/feedback", {"turn": 1})[0] == 400
    assert call(app, "GET", "/healthz", host="evil.example:8080")[0] == 403
    assert call(app, "GET", "/healthz", host="localhost")[0] == 200


def test_who_does_not_say_the_token_can_neither_ask_nor_teach_nor_forget(app: App) -> None:
    app.token = b"a-token-of-some-length"
    asked = (
        ("POST", "/v1/rewrite", {"text": HEARD}),
        ("DELETE", "/v1/users/ann", None),
        ("GET", "/v1/rewrites/r1/evidence", None),
    )
    taught = ("POST", "/v1/teach", {"user": "ann", "said": "sunshine", "meant": "turn on the lamp"})
    for method, path, body in (*asked, taught):
        for token in ("", "a-token-of-some-length", "Bearer", "Bearer a-token-of-some-lengtH", "Basic a-token-of-some-length"):
            assert asyncio.run(called(app, method, path, body, token=token))[0] == 401

    # Under any name: other machines call this one by names that it does not know.
    said = {"host": "kitchen.lan:8642", "token": "Bearer a-token-of-some-length"}
    assert asyncio.run(called(app, *asked[0], **said))[1]["action"] == "rewrite"
    assert asyncio.run(called(app, *taught, **said)) == (200, {"learnt": True})
    assert asyncio.run(called(app, *asked[1], **said)) == (200, {"forgotten": True})
    for path in ("/healthz", "/metrics"):
        assert call(app, "GET", path)[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", ""])  # noqa: S104 - refused
def test_other_machines_are_not_served_without_a_token(tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str) -> None:
    pytest.importorskip("uvicorn")
    (tmp_path / "key").write_text(KEY.hex())
    arguments = ["dialogue", "serve", "--service", str(tmp_path / "s"), "--key", str(tmp_path / "key"), "--host", host]
    assert main(arguments) == 2
    assert "could teach and forget users" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()
    (tmp_path / "token").write_text("short\n")
    assert main([*arguments, "--token-file", str(tmp_path / "token")]) == 2
    assert "no token of 16 characters" in capsys.readouterr().err
    assert main([*arguments, "--token-file", str(tmp_path / "none")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_page_in_a_browser_can_teach_nothing(app: App) -> None:
    taught = {"user": "ann", "said": "sunshine", "meant": "turn on the lamp"}

    assert asyncio.run(called(app, "POST", "/v1/teach", taught, origin="https://evil.example"))[0] == 403
    assert call(app, "POST", "/v1/rewrite", {"text": "sunshine", "user": "ann"})[1]["action"] == "keep"


def test_many_slow_searches_hold_nobody_up(app: App) -> None:
    answered = threading.Event()

    def slow(_: str) -> Sequence[str]:
        answered.wait(10)
        return []

    app.rewriter.search, app.rewriter.deadline_s = slow, 0.02

    async def many() -> list[tuple[int, Any]]:
        misses = [called(app, "POST", "/v1/rewrite", {"text": f"nobody said this {n}"}) for n in range(12)]
        hit = called(app, "POST", "/v1/rewrite", {"text": HEARD, "user": "u1"})
        return await asyncio.gather(*misses, hit)

    *missed, hit = asyncio.run(many())
    answered.set()
    assert {found["reasons"][0] for _, found in missed} == {"late", "busy"}
    assert hit[1]["action"] == "rewrite"


def test_what_utf_8_cannot_write_is_kept(app: App) -> None:
    status, found = call(app, "POST", "/v1/rewrite", b'{"text": "\\ud800 lights", "user": "\\udfff"}')
    assert (status, found["action"], found["text"]) == (200, "keep", "\ud800 lights")


def test_a_user_is_who_the_path_says(app: App) -> None:
    """A server has decoded the path: `a%41` is the name of another user than `aA`."""
    for user in ("aA", "a%41"):
        call(app, "POST", "/v1/teach", {"user": user, "said": "my lamp", "meant": "the lamp in the hall"})
    assert call(app, "DELETE", "/v1/users/a%2541") == (200, {"forgotten": True})

    assert call(app, "POST", "/v1/rewrite", {"text": "my lamp", "user": "aA"})[1]["text"] == "the lamp in the hall"
    assert call(app, "POST", "/v1/rewrite", {"text": "my lamp", "user": "a%41"})[1]["action"] == "keep"


def test_feedback_about_what_was_answered_before_a_restart_is_about_nothing(app: App, tmp_path: Path) -> None:
    before = call(app, "POST", "/v1/rewrite", {"text": HEARD, "user": "u1"})[1]["turn"]
    with closing(Personal(tmp_path / "people.db")) as personal:
        again = App(Rewriter(Policies(tmp_path), KEY, personal))
        call(again, "POST", "/v1/rewrite", {"text": HEARD, "user": "u2"})
        assert call(again, "POST", "/v1/feedback", {"turn": before, "well": False}) == (200, {"known": False})


def test_while_others_write_nothing_is_half_learnt(app: App, tmp_path: Path) -> None:
    """Who cannot be heard now is told so, may say it again, and it counts once."""
    turn = call(app, "POST", "/v1/rewrite", {"text": MEANT, "user": "u1"})[1]["turn"]
    with closing(sqlite3.connect(tmp_path / "people.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        for path, body in (
            ("feedback", {"turn": turn, "well": True}),
            ("teach", {"user": "u1", "said": "my lamp", "meant": "the lamp in the hall"}),
        ):
            status, found = call(app, "POST", f"/v1/{path}", body)
            assert (status, "ask again" in found["error"]) == (503, True)
        assert call(app, "DELETE", "/v1/users/u1")[0] == 503
        assert call(app, "POST", "/v1/rewrite", {"text": "my lamp", "user": "u1"})[1]["action"] == "keep"
        other.execute("rollback")
    assert call(app, "POST", "/v1/feedback", {"turn": turn, "well": True}) == (200, {"known": True})
    assert app.rewriter.personal is not None
    [own] = app.rewriter.personal.get(pseudonym("u1", KEY, "user") or "").habits.uses.values()
    assert own.times == 1
