"""Load for the service of rewrites, from processes of their own: requests at fixed times, or one after the other, and what became of each.

Clients write and read their sockets themselves: `http.client` takes as long for an answer as the service.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

_AHEAD_S = 0.0003  # a sleep ends late: the rest is spent looking at the clock


@dataclass(frozen=True, slots=True)
class Seen:
    """A request and its answer.

    Attributes
    ----------
    kind : str
    took_s : float
        From when it was to be sent, so that what waits for an answer before it is as late as it is.
    status : int
        0 where no answer came.
    action, reason, policy : str
    at : float
        Seconds since 1970, when the answer was there.
    """

    kind: str
    took_s: float
    status: int
    action: str
    reason: str
    policy: str
    at: float


class Line:
    """A connection that stays open."""

    def __init__(self, port: int) -> None:
        """Open it."""
        self._port = port
        self._socket: socket.socket | None = None

    def wait(self) -> None:
        """Wait until somebody answers."""
        while not _one(self, "", b"{}", 0.0).status:
            time.sleep(0.1)

    def ask(self, body: bytes) -> tuple[int, bytes]:
        """Send a request and wait for the answer: (status, body); OSError if none comes."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=5)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            head = f"POST /v1/rewrite HTTP/1.1\r\nhost: 127.0.0.1:{self._port}\r\ncontent-length: {len(body)}\r\n\r\n"
            self._socket.sendall(head.encode() + body)
            return _answer(self._socket)
        except OSError:
            self._socket.close()
            self._socket = None
            raise


def _answer(from_: socket.socket) -> tuple[int, bytes]:
    raw, whole = b"", -1
    while whole < 0 or len(raw) < whole:
        piece = from_.recv(65536)
        if not piece:
            raise ConnectionError("the connection was closed")
        raw += piece
        end = raw.find(b"\r\n\r\n")
        if whole < 0 <= end:
            lengths = [line for line in raw[:end].lower().split(b"\r\n") if line.startswith(b"content-length:")]
            whole = end + 4 + int(lengths[0].partition(b":")[2])
    return int(raw[9:12]), raw[raw.find(b"\r\n\r\n") + 4 :]


def _one(line: Line, kind: str, body: bytes, begun: float) -> Seen:
    try:
        status, raw = line.ask(body)
        took = time.perf_counter() - begun
        found = json.loads(raw)
        reason = found.get("reasons", [""])[0]
        return Seen(kind, took, status, found.get("action", ""), reason, found.get("policy", ""), time.time())
    except (OSError, ValueError) as problem:
        return Seen(kind, time.perf_counter() - begun, 0, "", repr(problem), "", time.time())


def _client(port: int, requests: Sequence[tuple[str, bytes]], rate: float, seconds: float, results: Any) -> None:
    line, seen = Line(port), []
    begins = time.perf_counter()
    for number in count():
        due = begins + number / rate if rate else time.perf_counter()
        if due > begins + seconds:
            break
        while (left := due - time.perf_counter()) > 0:
            if left > _AHEAD_S:
                time.sleep(left - _AHEAD_S)
        seen.append(_one(line, *requests[number % len(requests)], due))
    results.put((seen, time.process_time()))


class Clients:
    """Clients that are under way; `wait` returns what they saw.

    Parameters
    ----------
    port : int
    requests : sequence of (kind, body)
        For each client.
    rate : float
        Requests of each client in a second, at fixed times; 0 for one after the other.
    seconds : float
    """

    def __init__(self, port: int, requests: Sequence[Sequence[tuple[str, bytes]]], *, rate: float, seconds: float) -> None:
        """Start them."""
        self._results: Any = multiprocessing.Queue()
        self._processes = [
            multiprocessing.Process(target=_client, args=(port, own, rate, seconds, self._results)) for own in requests
        ]
        for process in self._processes:
            process.start()

    def wait(self) -> tuple[list[Seen], float]:
        """Return all answers, and the CPU-s that clients took."""
        every, cpu = [], 0.0
        for _ in self._processes:
            seen, took = self._results.get()
            every += seen
            cpu += took
        for process in self._processes:
            process.join()
        return every, cpu


def cpu_of(pid: int) -> float:
    """Return the CPU-s that a process took."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int, name: str) -> float:
    """Return MiB of a process: `VmRSS` now, `VmHWM` at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def hanging(listening: socket.socket, policies: Path, seconds: float) -> None:
    """Serve a policy with a search that takes that long."""
    import uvicorn

    from probatum.dialogue.service.serving.app import App
    from probatum.dialogue.service.serving.policies import Policies
    from probatum.dialogue.service.serving.rewriter import Rewriter

    def search(_: str) -> Sequence[str]:
        time.sleep(seconds)
        return ()

    rewriter = Rewriter(Policies(policies), bytes(32), search=search)
    rewriter.warm()
    config = uvicorn.Config(App(rewriter), log_level="warning", access_log=False, lifespan="on")
    uvicorn.Server(config).run(sockets=[listening])


def floor(listening: socket.socket) -> None:
    """Serve an application that reads a request and answers always the same: what HTTP alone takes here."""
    import uvicorn

    body = json.dumps({"turn": "0" * 16, "action": "keep", "text": "x" * 200, "reasons": [""], "policy": "0" * 64}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def same(_: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(same, log_level="warning", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])
