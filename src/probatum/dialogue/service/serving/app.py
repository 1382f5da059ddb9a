"""The rewriter over HTTP, for assistants in other processes on the same machine: an ASGI application.

    POST   /v1/rewrite                 what to do with a request
    POST   /v1/feedback                whether an answer was what somebody wanted, and what it was understood as
    POST   /v1/teach                   what somebody says that something means, and the lessons in which they are asked
    DELETE /v1/users/{id}              forget somebody
    GET    /v1/rewrites/{id}/evidence  by what a rewrite came to be served
    GET    /healthz                    which policy is served, and what is wrong
    GET    /metrics                    counters, in the text format of Prometheus

A request that cannot be understood is answered with status 400 and what is
wrong; one that could not be decided is kept, with status 200. Where there is a
token, all but the last two need it, as `Authorization: Bearer`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from probatum.dialogue.artefacts.encoding import encoding
from probatum.dialogue.service.registry import Registry
from probatum.dialogue.service.serving.latency import Latency
from probatum.dialogue.service.serving.rewriter import Answer, Request, Rewriter
from probatum.dialogue.service.serving.teaching_endpoints import BadRequest, reported, taught
from probatum.errors import ProbatumError

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LARGEST = 64 * 1024  # bytes of a request
_REFRESH_S = 1.0
_OPEN = frozenset({"/healthz", "/metrics"})  # say nothing of users, and are asked by what watches services
HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(slots=True)
class App:
    """The application.

    Parameters
    ----------
    rewriter : Rewriter
    registry : Registry or None
        Of which evidence is shown.
    hosts : frozenset of str
        Names by which it may be called: a web page that gives its own name the address of this machine is refused, and so is
        every page that a browser asks for, which says its origin. Where there is a token, any name will do.
    token : bytes
        Which whoever asks must say, except for the state and the counters; empty for none.
    """

    rewriter: Rewriter
    registry: Registry | None = None
    hosts: frozenset[str] = HOSTS
    token: bytes = b""
    latency: Latency = field(default_factory=Latency, init=False)
    searches: Latency = field(default_factory=Latency, init=False)
    _searching: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "probatum-search"), init=False)
    _searches: int = field(default=0, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            status, body, kind = await self._answered(scope, receive)
            headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
            if status == 401:
                headers.append((b"www-authenticate", b"Bearer"))
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def decide(self, request: Request) -> Answer:
        """Decide about a request, not later than the deadline, while others are decided."""
        begun = time.perf_counter()
        rewriter = self.rewriter
        answer = rewriter.at_once(request)
        if answer is None:
            left = rewriter.deadline_s - (time.perf_counter() - begun)
            answer = await self._searched(request, left, begun)
        self.latency.add(time.perf_counter() - begun)
        return answer

    async def _searched(self, request: Request, left: float, begun: float) -> Answer:
        # More than a few that wait would all be late.
        if self._searches >= 8:
            return self.rewriter.kept(request, "busy", begun)
        self._searches += 1
        task = asyncio.get_running_loop().run_in_executor(self._searching, self.rewriter.look, request)
        task.add_done_callback(self._done)
        asked = time.perf_counter()
        try:
            found = await asyncio.wait_for(asyncio.shield(task), max(0.0, left))
        except TimeoutError:
            return self.rewriter.kept(request, "late", begun)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the assistant must answer
            return self.rewriter.kept(request, f"failed: {type(problem).__name__}", begun)
        self.searches.add(time.perf_counter() - asked)
        return self.rewriter.at_last(request, found, begun)

    def _done(self, task: asyncio.Future[Any]) -> None:
        self._searches -= 1
        if not task.cancelled():
            task.exception()  # looked at by whoever waited; nobody may have

    async def _answered(self, scope: Scope, receive: Receive) -> tuple[int, bytes, bytes]:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        name = (host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host).lower()
        # Who knows the token is no such page, and a machine that others reach has names that it does not know.
        if not self.token and name not in self.hosts:
            return _json(403, {"error": f"`{name}` is not a name of this service"})
        if any(header == b"origin" for header, _ in scope["headers"]):
            return _json(403, {"error": "a page in a browser may not ask this service"})
        path, method = scope["path"], scope["method"]
        if self.token and path not in _OPEN and not self._known(scope):
            return _json(401, {"error": "this service needs its token, as `Authorization: Bearer TOKEN`"})
        try:
            if (method, path) == ("POST", "/v1/rewrite"):
                return _json(200, _fields(await self.decide(_request(await _body(receive)))))
            if (method, path) == ("POST", "/v1/feedback"):
                return _json(200, reported(self.rewriter, await _body(receive)))
            if (method, path) == ("POST", "/v1/teach"):
                return _json(200, await taught(self.rewriter, await _body(receive)))
            if method == "DELETE" and path.startswith("/v1/users/"):
                # A server decodes the path: once more, and `100%2541` would be another user.
                known = self.rewriter.forget(path.removeprefix("/v1/users/"))
                return _json(200, {"forgotten": known})
            if method == "GET":
                return self._told(path)
        except BadRequest as problem:
            return _json(400, {"error": str(problem)})
        except ProbatumError as problem:
            return _json(503, {"error": str(problem)})
        except sqlite3.Error as problem:
            return _json(503, {"error": f"what is known of users cannot be changed now ({problem}); ask again"})
        return _json(404, {"error": f"there is no `{method} {path}`"})

    def _known(self, scope: Scope) -> bool:
        """Whether the token is said, once; how much of a wrong one is right is not told by the time it takes."""
        said = [value for header, value in scope["headers"] if header == b"authorization"]
        if len(said) != 1:
            return False
        scheme, _, token = said[0].partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self.token)

    def _told(self, path: str) -> tuple[int, bytes, bytes]:
        if path == "/healthz":
            policies = self.rewriter.policies
            served = policies.policy.digest if policies.policy is not None else None
            return _json(200 if served else 503, {"policy": served, "trouble": policies.trouble})
        if path == "/metrics":
            return 200, self._metrics().encode(), b"text/plain; version=0.0.4; charset=utf-8"
        parts = path.split("/")
        if len(parts) == 5 and parts[1:3] == ["v1", "rewrites"] and parts[4] == "evidence" and self.registry is not None:
            self.registry.refresh()
            found = self.registry.history(parts[3])
            return _json(200, found) if found else _json(404, {"error": f"there is no rewrite `{parts[3]}`"})
        return _json(404, {"error": f"there is no `GET {path}`"})

    def _metrics(self) -> str:
        lines = ["# TYPE probatum_rewrite_total counter"]
        for name, count in sorted(self.rewriter.counts.items()):
            kind, _, value = name.partition(" ")
            lines.append(f'probatum_rewrite_total{{{kind}="{value}"}} {count}')
        lines.append("# TYPE probatum_policies_refused_total counter")
        lines.append(f"probatum_policies_refused_total {self.rewriter.policies.refused}")
        lines += self.latency.lines("probatum_rewrite_seconds")
        return "\n".join([*lines, *self.searches.lines("probatum_search_seconds"), ""])

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        refreshing: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                refreshing = asyncio.create_task(self._refreshing())
                await send({"type": "lifespan.startup.complete"})
            else:
                if refreshing is not None:
                    refreshing.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await refreshing
                self._searching.shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _refreshing(self) -> None:
        """Look for another policy, beside requests: one of a million texts takes a second to read."""
        while True:
            await asyncio.sleep(_REFRESH_S)
            await asyncio.to_thread(self.rewriter.policies.refresh)


async def _body(receive: Receive) -> dict[str, Any]:
    raw = b""
    while True:
        message = await receive()
        raw += message.get("body", b"")
        if len(raw) > _LARGEST:
            raise BadRequest(f"a request has at most {_LARGEST} bytes")
        if not message.get("more_body"):
            break
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(found, dict):
        raise BadRequest("the body is not a JSON object")
    return found


def _request(sent: Mapping[str, Any]) -> Request:
    texts = {name: sent.get(name, "") for name in ("text", "user", "session", "household", "before")}
    if not isinstance(sent.get("text"), str) or not all(isinstance(value, str) for value in texts.values()):
        raise BadRequest("`text` is needed, and `user`, `session`, `household` and `before` are texts")
    heard, context, numbers = sent.get("heard", []), sent.get("context", {}), [sent.get("confidence"), sent.get("at")]
    if not isinstance(heard, list) or not all(isinstance(one, str) for one in heard):
        raise BadRequest("`heard` is a list of texts")
    if not isinstance(context, dict) or not all(isinstance(one, str) for one in context.values()):
        raise BadRequest("`context` is an object of texts")
    if not all(one is None or (isinstance(one, (int, float)) and not isinstance(one, bool)) for one in numbers):
        raise BadRequest("`confidence` and `at` are numbers")
    if not isinstance(sent.get("refused", False), bool):
        raise BadRequest("`refused` is true or false")
    return Request(
        text=texts["text"],
        user=texts["user"],
        session=texts["session"],
        household=texts["household"],
        before=texts["before"],
        heard=tuple(heard),
        context=context,
        confidence=numbers[0],
        at=numbers[1],
        refused=sent.get("refused", False),
    )


def _fields(answer: Answer) -> dict[str, Any]:
    # Not `asdict`, which copies every value, and takes longer than deciding.
    return {name: getattr(answer, name) for name in Answer.__slots__}


_encoded = encoding(ascii_only=True)


def _json(status: int, found: Any) -> tuple[int, bytes, bytes]:
    # In ASCII, for JSON can name halves of characters that UTF-8 cannot write.
    return status, _encoded(found).encode(), b"application/json"
