"""The service over HTTP, while its searches hang and its policies are swapped and damaged."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from probatum.dialogue.model.options import Known, Link
from probatum.dialogue.service.serving import app as serving
from probatum.dialogue.service.serving.app import App
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.policy_file import CURRENT, serve, write
from probatum.dialogue.service.serving.rewriter import Rewriter

uvicorn: Any = pytest.importorskip("uvicorn")
pytest.importorskip("rapidfuzz")
pytest.importorskip("scipy")
KEY = bytes(range(32))
HEARD = "open the garbage door"


def policy(folder: Path, target: str) -> str:
    texts = [(target, Known(98.0, 100)), (HEARD, Known(4.0, 100))]
    return write(folder, texts=texts, links=[(HEARD, Link(target, 0.95, "r1", "active"))])


def eventually(holds: Callable[[], bool]) -> bool:
    for _ in range(1000):
        if holds():
            return True
        time.sleep(0.01)
    return False


@contextmanager
def served(rewriter: Rewriter) -> Iterator[int]:
    """Serve in a thread, at any port of this machine."""
    server = uvicorn.Server(uvicorn.Config(App(rewriter), log_level="error", access_log=False, lifespan="on"))
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)) as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert eventually(lambda: server.started)
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)
            rewriter.close()


def asked(port: int, text: str, **more: str) -> dict[str, Any]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", "/v1/rewrite", json.dumps({"text": text, **more}))
        answer = connection.getresponse()
        assert answer.status == 200
        found: dict[str, Any] = json.loads(answer.read())
        return found


def user_of(port: int, target: str) -> str:
    """Return a user who is not held out."""
    return next(user for user in map(str, range(100)) if asked(port, HEARD, user=user)["text"] == target)


def test_who_waits_for_a_search_that_hangs_is_answered(tmp_path: Path) -> None:
    """The search ends after all answers have come, so none of them waited for it; and there is one that was not busy with others."""
    over = threading.Event()

    def hanging(_: str) -> Sequence[str]:
        over.wait(30)
        return ["open the garage door"]

    serve(tmp_path, policy(tmp_path, "open the garage door"))
    with served(Rewriter(Policies(tmp_path), KEY, search=hanging)) as port:
        found = [asked(port, f"nobody said {n} of this") for n in range(12)]
        hit = asked(port, HEARD, user=user_of(port, "open the garage door"))
        over.set()

    assert {(one["action"], one["reasons"][0]) for one in found} == {("keep", "late"), ("keep", "busy")}
    assert [one["text"] for one in found] == [f"nobody said {n} of this" for n in range(12)]
    late = [one["took_ms"] for one in found if one["reasons"] == ["late"]]
    assert 25 <= min(late) < 300  # the deadline is 30, and of several the quickest was held up by nothing else
    assert hit["action"] == "rewrite"


def test_swaps_and_damage_under_load_lose_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_REFRESH_S", 0.01)
    targets = {policy(tmp_path, f"open the {name} door"): f"open the {name} door" for name in ("garage", "cottage", "cabbage")}
    first, *others = targets
    serve(tmp_path, first)
    seen: list[dict[str, Any]] = []
    lost: list[Exception] = []
    over = threading.Event()

    def ask(port: int, user: str) -> None:
        while not over.is_set():
            try:
                seen.append(asked(port, HEARD, user=user))
            except Exception as problem:  # noqa: BLE001 - whatever it is, an answer is lost
                lost.append(problem)
                return

    with served(Rewriter(Policies(tmp_path), KEY)) as port:
        user = user_of(port, targets[first])
        clients = [threading.Thread(target=ask, args=(port, user)) for _ in range(3)]
        for client in clients:
            client.start()
        for n, name in enumerate([*others, first, *others]):
            (tmp_path / f"{n:064x}.policy").write_bytes(b"\0" * 100)
            (tmp_path / CURRENT).write_text(f"{n:064x}")
            time.sleep(0.05)
            serve(tmp_path, name)
            assert eventually(lambda name=name: bool(seen) and seen[-1]["policy"] == name)
        over.set()
        for client in clients:
            client.join(10)

    assert lost == []
    assert {one["policy"] for one in seen} == set(targets)
    assert all((one["action"], one["text"]) == ("rewrite", targets[one["policy"]]) for one in seen)
