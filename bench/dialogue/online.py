"""How long the service takes to answer, under load from other processes, and what happens when files go away meanwhile.

Corpus: made, seed 0: a policy of a million texts that work (combinations of words), ten thousand rewrites of them, and habits of ten
thousand users. Load: processes with a connection each send requests one after the other: known requests (a rewrite, or a text that works), and
misses (a text with two letters changed, that nobody said). Half-way the policy's files are removed, and the pointer
names one that is not there. The service notices what there is to teach, as it always does. Latency is measured by the client, over HTTP on this machine, and by the service itself.

No rival is run: nothing public does this. The aims: a median under 1 ms for known requests, the 99th percentile under 30 ms for
misses, and no request that fails.

    python bench/dialogue/online.py [--texts 1000000] [--seconds 20] [--clients 2] [--recall 200]
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

import numpy as np

from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Known, Link
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policy_file import CURRENT, read, serve, write

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


def recall(policies: Path, digest: str, made: list[str], many: int) -> None:
    """Print how long the policy takes to read, and how much of what an exact search finds its index finds."""
    begun = time.process_time()
    nearest = read(policies, digest).nearest
    print(f"read in {time.process_time() - begun:.1f} CPU-s", flush=True)
    if nearest is None or nearest.index is None:
        return
    rng = random.Random(2)
    asked = [changed(text, rng) for text in rng.sample(made, many)]
    begun = time.process_time()
    found = [set(nearest(text)) for text in asked]
    each = (time.process_time() - begun) / many
    wanted = LetterVectors().sentences(asked)
    scores = np.empty((many, 0), dtype=np.float32)
    places = np.empty((many, 0), dtype=np.int64)
    for first in range(0, len(nearest.texts), 50_000):
        likeness = wanted @ LetterVectors().sentences(nearest.texts[first : first + 50_000]).T
        scores = np.hstack([scores, likeness])
        places = np.hstack([places, np.tile(np.arange(first, first + likeness.shape[1]), (many, 1))])
        best = np.argsort(-scores, axis=1)[:, :5]
        scores, places = np.take_along_axis(scores, best, 1), np.take_along_axis(places, best, 1)
    exact = [
        {nearest.texts[at] for at, score in zip(*row, strict=True) if score >= 0.6}
        for row in zip(places.tolist(), scores.tolist(), strict=True)
    ]
    first_found = sum(nearest.texts[row[0]] in own for row, own in zip(places.tolist(), found, strict=True))
    both = sum(len(one & other) for one, other in zip(found, exact, strict=True))
    print(
        f"{many} misses: {1e6 * each:.0f} us of CPU for a search; the likest of all is found for {first_found / many:.1%}, "
        f"of the five likest {both / max(1, sum(map(len, exact))):.1%}",
        flush=True,
    )


def main() -> None:
    """Make the service, load it, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--recall", type=int, default=0, help="misses for which the index is compared with an exact search")
    asked = parser.parse_args()
    rng = random.Random(1)
    made = texts(asked.texts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun = time.process_time()
        heard = [changed(text, rng) for text in made[:10_000]]
        every = set(made)
        known = [(text, Known(95.0, 100)) for text in made] + [
            (text, Known(5.0, 100)) for text in dict.fromkeys(heard) if text not in every
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
        sizes = {path.suffix: path.stat().st_size / 1e6 for path in (folder / "policies").glob("*.*")}
        print(
            f"policy of {len(known):,} texts and {len(links):,} rewrites: {time.process_time() - begun:.0f} CPU-s, "
            + ", ".join(f"{suffix} {size:,.0f} MB" for suffix, size in sorted(sizes.items())),
            flush=True,
        )
        if asked.recall:
            recall(folder / "policies", digest, made, asked.recall)
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
        told = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        told.request("GET", "/metrics")
        measured = told.getresponse().read().decode().splitlines()
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
    print("measured by the service:", *(line.removeprefix("probatum_rewrite_") for line in measured if "seconds_" in line))
    print(
        f"failed: {sum(one[2] != 200 for one in seen)} of {len(seen):,}; {memory}; clients {resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime:.0f} CPU-s"
    )


if __name__ == "__main__":
    main()
