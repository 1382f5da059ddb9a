"""How long the service takes to answer, under load from other processes, and what happens when files go away meanwhile.

Corpus: made, seed 0: a policy of a million texts that work (combinations of words), ten thousand rewrites of them, and habits of ten
thousand users. Load: processes with a connection each send requests one after the other: known requests (a rewrite, or a text that works), and
misses (a text with two letters changed, that nobody said). Half-way the policy's files are removed, and the pointer
names one that is not there. The service notices what there is to teach, as it always does. Latency is measured by the client, over HTTP on this machine, and by the service itself.

No rival is run: nothing public does this. The aims: a median under 1 ms for known requests, the 99th percentile under 30 ms for
misses, and no request that fails.

    python bench/dialogue/online.py [--texts 1000000] [--seconds 20] [--clients 2]
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice, product
from pathlib import Path

from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Known, Link
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policy_file import CURRENT, serve, write

KEY = "00" * 31 + "01"
VERBS = ("turn on", "turn off", "dim", "open", "close", "play", "stop", "show", "find", "start")
SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ren",
    "sor",
    "ta",
    "vel",
    "ju",
    "bri",
    "dan",
    "fo",
    "gri",
    "hel",
    "pon",
    "qui",
    "zam",
    "wes",
    "nor",
    "lim",
    "tro",
)
ROOMS = ("kitchen", "bedroom", "office", "hallway", "garden", "cellar", "attic", "garage", "bathroom", "lounge")


def texts(many: int) -> list[str]:
    """Return that many different requests."""
    words = [f"{a}{b}{c}" for a, b, c in product(SYLLABLES, repeat=3)]
    every = (f"{verb} the {word} in the {room}" for word in words for verb in VERBS for room in ROOMS)
    made = list(islice(every, many))
    random.Random(0).shuffle(made)
    return made


def changed(text: str, rng: random.Random) -> str:
    """Return a text with two letters changed."""
    letters = list(text)
    for at in rng.sample([n for n, letter in enumerate(letters) if letter != " "], 2):
        letters[at] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def client(port: int, requests: list[tuple[str, str]], until: float, results: multiprocessing.Queue[object]) -> None:
    """Send requests until it is time, and return (kind, seconds, status, action, reason) of each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    seen = []
    number = os.getpid()
    while time.time() < until:
        number += 1
        kind, text = requests[number % len(requests)]
        body = json.dumps({"text": text, "user": f"u{number % 10_000}", "session": str(number)})
        begun = time.perf_counter()
        try:
            connection.request("POST", "/v1/rewrite", body)
            answer = connection.getresponse()
            found = json.loads(answer.read())
            seen.append(
                (
                    kind,
                    time.perf_counter() - begun,
                    answer.status,
                    found.get("action"),
                    found.get("reasons", [""])[0],
                    time.time(),
                )
            )
        except (OSError, http.client.HTTPException, ValueError) as problem:
            seen.append((kind, time.perf_counter() - begun, 0, "", repr(problem), time.time()))
            connection.close()
    results.put(seen)


def quantile(values: list[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    return 1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Make the service, load it, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--clients", type=int, default=2)
    asked = parser.parse_args()
    rng = random.Random(1)
    made = texts(asked.texts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun = time.process_time()
        heard = [changed(text, rng) for text in made[:10_000]]
        known = [(text, Known(95.0, 100)) for text in made] + [
            (text, Known(5.0, 100)) for text in dict.fromkeys(heard) if text not in set(made)
        ]
        links = [
            (source, Link(target, 0.9, f"{n:016x}", "active"))
            for n, (source, target) in enumerate(zip(heard, made, strict=False))
            if source != target
        ]
        links = list({source: (source, link) for source, link in links}.values())
        digest = write(folder / "policies", texts=dict(known).items(), links=links)
        serve(folder / "policies", digest)
        with closing(Personal(folder / "people.db")) as people:
            own = Habits()
            for text in made[:40]:
                own.add(text, text, well=1.0, at=time.time())
            people.put_habits((pseudonym(f"u{user}", bytes.fromhex(KEY), "user") or "", own) for user in range(10_000))
        print(f"policy of {len(known):,} texts and {len(links):,} rewrites: {time.process_time() - begun:.0f} CPU-s", flush=True)
        (folder / "key").write_text(KEY)
        command = [
            sys.executable,
            "-m",
            "probatum",
            "dialogue",
            "serve",
            "--service",
            str(folder),
            "--key",
            str(folder / "key"),
            "--port",
            "0",
        ]
        service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert service.stdout is not None  # noqa: S101 - it is piped
        port = int(service.stdout.readline().rpartition(":")[2])
        requests = [("known", text) for text in [*heard[:2000], *made[:2000]]] + [
            ("miss", changed(text, rng)) for text in made[-4000:]
        ]
        rng.shuffle(requests)
        time.sleep(1)
        results: multiprocessing.Queue[object] = multiprocessing.Queue()
        begins = time.time()
        gone = begins + asked.seconds / 2
        workers = [
            multiprocessing.Process(target=client, args=(port, requests, begins + asked.seconds, results))
            for _ in range(asked.clients)
        ]
        for worker in workers:
            worker.start()
        time.sleep(max(0.0, gone - time.time()))
        for path in (folder / "policies").glob("*.*"):
            path.unlink()
        (folder / "policies" / CURRENT).write_text("0" * 64)
        seen = [one for _ in workers for one in results.get()]  # type: ignore[attr-defined]  # a list
        for worker in workers:
            worker.join()
        memory = next(line for line in Path(f"/proc/{service.pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
        service.send_signal(signal.SIGINT)
        service.wait(10)
        shutil.rmtree(folder / "policies", ignore_errors=True)
    for when, part in (
        ("before", [one for one in seen if one[5] < gone]),
        ("after the files are gone", [one for one in seen if one[5] >= gone]),
    ):
        for kind in ("known", "miss"):
            times = [one[1] for one in part if one[0] == kind]
            late = sum(one[4] in ("late", "busy") for one in part if one[0] == kind)
            print(
                f"{when}, {kind}: {len(times):,} requests, p50 {quantile(times, 0.5):.2f} ms, p99 {quantile(times, 0.99):.2f} ms, longest {quantile(times, 1.0):.2f} ms, {late} late"
            )
    print(
        f"failed: {sum(one[2] != 200 for one in seen)} of {len(seen):,}; {memory}; clients {resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime:.0f} CPU-s"
    )


if __name__ == "__main__":
    main()
