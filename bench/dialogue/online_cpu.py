"""How much CPU time each answer of the service of rewrites takes, in process: what its latency would be with a processor to itself.

Corpus: that of `online`, which writes it: a policy of a million texts and habits of ten thousand users. The application is called as
a server calls it, with one request after the other; what all its threads take for each is counted, collections of garbage too, and
HTTP and waiting are not. So it can be measured while other programs want the machine, although caches that they share make it more.

No rival is run: nothing public does this. The aims of `online`, less HTTP: a median under 1 ms for known requests, and the 99th
percentile under 30 ms for misses.

    python bench/dialogue/online_cpu.py FOLDER [--many 5000]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from online_corpus import KEY, Requests, texts

from probatum.dialogue.artefacts.teaching import TeachingRules
from probatum.dialogue.service.serving.app import App
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.policy_file import serve
from probatum.dialogue.service.serving.rewriter import Rewriter
from probatum.dialogue.service.serving.teacher import Teacher

HEADERS = [(b"host", b"127.0.0.1:8642"), (b"content-type", b"application/json")]


async def took(app: App, requests: Sequence[tuple[str, bytes]]) -> list[float]:
    """Return milliseconds of CPU of each request."""
    found = []
    for _, body in requests:
        sent: list[Any] = []

        async def receive(body: bytes = body) -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        begun = time.process_time()
        await app({"type": "http", "method": "POST", "path": "/v1/rewrite", "headers": HEADERS}, receive, send)
        found.append(1000 * (time.process_time() - begun))
        if sent[0]["status"] != 200:
            raise SystemExit(f"error: {sent}")
    return sorted(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--many", type=int, default=5000, help="requests of each kind")
    asked = parser.parse_args()
    stored = json.loads((asked.folder / "made.json").read_text())
    requests = Requests(texts(stored["texts"]))
    serve(asked.folder / "policies", stored["digests"][0])
    with closing(Personal(asked.folder / "people.db")) as people:
        policies = Policies(asked.folder / "policies")
        # So long that no search is given up: what it takes is wanted, however slow the machine is.
        rewriter = Rewriter(
            policies, bytes.fromhex(KEY), people, Teacher(people, TeachingRules(), works=policies.works), deadline_s=60
        )
        rewriter.warm()
        gc.freeze()  # as `probatum dialogue serve`
        app = App(rewriter)
        asyncio.run(took(app, requests.known(1000)))
        asyncio.run(took(app, requests.missed(300)))  # until the index is in memory
        print("| requests | number | p50 ms | p99 ms | p99.9 ms | longest ms |\n|---|---|---|---|---|---|")
        for kind, own in (
            ("known", requests.known(asked.many)),
            ("known, first of a user", requests.first(asked.many)),
            ("miss", requests.missed(asked.many)),
        ):
            times = asyncio.run(took(app, own))
            shares = (times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.99, 0.999, 1.0))
            print(f"| {kind} | {len(times):,} |", *(f"{one:.2f} |" for one in shares), flush=True)
        rewriter.close()


if __name__ == "__main__":
    main()
