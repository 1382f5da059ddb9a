"""How long the service takes to answer, under load from other processes, and what happens when policies are swapped, damaged and removed meanwhile.

Corpus: made, seed 0: two policies of a million texts that work (combinations of words), with ten thousand rewrites of them, and
habits of ten thousand users, forty each. Requests, half of them of each: known ones (a rewrite, or a text that works, from 400 users
in turn), of which every tenth is the first of its user, whose habits are read from disk; and misses (a text with two letters
changed, that nobody said, from somebody unknown), which are searched for among the million. The service notices what there is to
teach, as it always does. Clients are processes with a connection each; what is late because the answer before it was late counts as late.

Phases: an application that answers always the same (the floor); requests at a fixed rate; as many as two clients get answered; a swap
to the other policy in the middle, by the pointer; a damaged policy that the pointer names; all files of policies moved away; and
a search that takes 200 ms, which is beyond the deadline. Each is run `--repeats` times, and the median of the repeats is printed, with the load of the machine before each.

No rival is run: nothing public does this. The aims: a median under 1 ms for known requests, the 99th percentile under 30 ms for
misses, and no request that fails.

    python bench/dialogue/online.py [--texts 1000000] [--seconds 20] [--rate 200] [--clients 2] [--repeats 3] [--recall 300] [--folder FOLDER]

With `--folder` the policies are kept there, and used again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from online_corpus import ACTIVE, Requests, make, recall, texts
from online_load import Clients, Line, Seen, cpu_of, floor, hanging, memory_of

from probatum.dialogue.service.serving.policy_file import CURRENT, serve

At = tuple[int, int]  # the port and the number of a process


class Table:
    """Numbers of all repeats."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
        self._said: dict[str, list[float]] = defaultdict(list)
        self.failed, self.requests = 0, 0

    def add(self, phase: str, seen: Sequence[Seen], service_s: float) -> None:
        """Take the answers of a phase, and the CPU-s that the service took for them."""
        self.failed += sum(one.status != 200 for one in seen)
        self.requests += len(seen)
        for kind in sorted({one.kind for one in seen}):
            times = sorted(1000 * one.took_s for one in seen if one.kind == kind)
            late = sum(one.reason in {"late", "busy"} for one in seen if one.kind == kind)
            row = [times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.99, 0.999, 1.0)]
            self._rows[phase, kind].append([len(times), *row, late])
        self.say(f"{phase}: us of CPU of the service for a request", 1e6 * service_s / max(1, len(seen)))

    def say(self, what: str, number: float) -> None:
        """Take another number."""
        self._said[what].append(number)

    def show(self) -> None:
        """Print the medians."""
        print(
            "\n| phase | requests | number | p50 ms | p99 ms | p99.9 ms | longest ms | late |\n|---|---|---|---|---|---|---|---|"
        )
        for (phase, kind), rows in self._rows.items():
            number, *times, late = map(median, zip(*rows, strict=True))
            print(f"| {phase} | {kind} | {number:,.0f} |", *(f"{one:.2f} |" for one in times), f"{late:.0f} |")
        for what, numbers in self._said.items():
            print(f"{what}: {median(numbers):,.1f} ({', '.join(f'{one:,.1f}' for one in numbers)})")
        print(f"failed: {self.failed} of {self.requests:,}")


@contextmanager
def beside(serving: Callable[..., None], *more: Any) -> Iterator[At]:
    """Serve in another process: its port and its number."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)) as own:
        own.bind(("127.0.0.1", 0))
        process = multiprocessing.Process(target=serving, args=(own, *more), daemon=True)
        process.start()
        Line(own.getsockname()[1]).wait()
        yield own.getsockname()[1], process.pid or 0
        process.terminate()
        process.join()


@contextmanager
def service(folder: Path) -> Iterator[At]:
    """Run the service as users do: its port and its number."""
    command = [sys.executable, "-m", "probatum", "dialogue", "serve", "--service", str(folder), "--key", str(folder / "key")]
    with subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is piped
        try:
            yield int(process.stdout.readline().rpartition(":")[2]), process.pid
        finally:
            process.send_signal(signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Run:
    """All phases once: how much is asked in a second, for how long, and by how many clients as fast as they are answered."""

    table: Table
    requests: Requests
    rate: float
    seconds: float
    clients: int

    def whole(self, folder: Path, digests: Sequence[str]) -> None:
        """Run all phases."""
        policies = folder / "policies"
        known = [self.requests.known(20_000)[n :: self.clients] for n in range(self.clients)]
        with beside(floor) as at:
            self.fixed("floor, fixed rate", at, self.requests.known(4000))
            self.saturated("floor, saturated", at, known)
        serve(policies, digests[0])
        with service(folder) as at:
            self.table.say("MiB of the service before requests", memory_of(at[1], "VmRSS"))
            Clients(at[0], [self.requests.known(ACTIVE)], rate=0, seconds=self.seconds / 2).wait()
            self.fixed("fixed rate", at)
            self.saturated("known, saturated", at, known)
            self.saturated("misses, saturated", at, [self.requests.missed(5000) for _ in range(self.clients)])
            self.swapped(at, policies, digests)
            self.bad_files(at, policies, digests[1])
        serve(policies, digests[0])
        with beside(hanging, policies, 0.2) as at:
            self.fixed("search of 200 ms", at)

    def fixed(
        self, name: str, at: At, requests: Sequence[tuple[str, bytes]] = (), do: Callable[[], None] | None = None
    ) -> list[Seen]:
        """Ask at the rate, of all kinds unless it is said, and do something in the middle; return what was seen."""
        own = requests or self.requests.mixed(int(self.rate * self.seconds) + 1)
        before = cpu_of(at[1])
        clients = Clients(at[0], [own], rate=self.rate, seconds=self.seconds)
        if do is not None:
            time.sleep(self.seconds / 2)
            do()
        seen, _ = clients.wait()
        self.table.add(name, seen, cpu_of(at[1]) - before)
        return seen

    def saturated(self, name: str, at: At, requests: Sequence[Sequence[tuple[str, bytes]]]) -> None:
        """Ask as fast as each client is answered."""
        before = cpu_of(at[1])
        seen, own = Clients(at[0], requests, rate=0, seconds=self.seconds / 2).wait()
        self.table.add(name, seen, cpu_of(at[1]) - before)
        self.table.say(f"{name}: answers in a second", len(seen) / (self.seconds / 2))
        self.table.say(f"{name}: us of CPU of clients for a request", 1e6 * own / max(1, len(seen)))

    def swapped(self, at: At, policies: Path, digests: Sequence[str]) -> None:
        """Swap to the second policy under load."""
        when = [0.0]

        def swap() -> None:
            (policies / CURRENT).write_text(digests[1])
            when[0] = time.time()

        seen = self.fixed("swap", at, do=swap)
        while not (there := [one.at for one in seen if one.policy == digests[1]]):  # a machine with much to do may take longer
            seen += Clients(at[0], [self.requests.known(100)], rate=10, seconds=1).wait()[0]
        late = sum(one.policy == digests[0] and one.at > min(there) for one in seen)
        self.table.say("swap: s from the pointer to the first answer of the other policy", min(there) - when[0])
        self.table.say("swap: answers of the first policy after that", late)
        self.table.say("swap: MiB of the service afterwards", memory_of(at[1], "VmRSS"))
        self.table.say("swap: MiB of the service at most", memory_of(at[1], "VmHWM"))

    def bad_files(self, at: At, policies: Path, digest: str) -> None:
        """Name a damaged policy, then move all files away, while the one of that digest is served."""
        aside = policies.with_name("aside")
        aside.mkdir(exist_ok=True)
        damaged = policies / ("0" * 64 + ".policy")

        def damage() -> None:
            damaged.write_bytes(b"\0" * 1000)
            (policies / CURRENT).write_text("0" * 64)

        def remove() -> None:
            for path in policies.iterdir():
                path.rename(aside / path.name)

        try:
            for name, do in (("damaged", damage), ("removed", remove)):
                seen = self.fixed(name, at, do=do)
                self.table.say(f"{name}: answers by another policy than before", sum(one.policy != digest for one in seen))
        finally:
            for path in aside.iterdir():
                path.rename(policies / path.name)
            damaged.unlink(missing_ok=True)


def main() -> None:
    """Make the policies if need be, load the service, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--recall", type=int, default=0, help="misses for which the index is compared with an exact search")
    parser.add_argument("--folder", type=Path, help="where policies are kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder: Path = asked.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "made.json").exists():
            make(folder, asked.texts)
        stored = json.loads((folder / "made.json").read_text())
        made, table = texts(stored["texts"]), Table()
        if asked.recall:
            recall(folder, stored["digests"][0], made, asked.recall)
        for _ in range(asked.repeats):
            table.say("load of the machine before", os.getloadavg()[0])
            Run(table, Requests(made), asked.rate, asked.seconds, asked.clients).whole(folder, stored["digests"])
            table.show()


if __name__ == "__main__":
    main()
