"""Tasks on a Ray cluster: actors that each own one guard.

Ray finds machines and moves items and results; it has no deadline per task and
runs tasks in its own workers, so the guard does here what it does locally. A
result crosses from actor to driver as JSON in bytes.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from probatum.errors import MissingExtra
from probatum.runner import CannotStart, Crashed, Done, Failed, Json, OutOfMemory, Result, TimedOut
from probatum.runner.guard import Guard, Job, Sentinel

_LOSSES = 3  # machines that a task may lose before it is taken to be the reason
_ACTOR_LIMIT_S = 180.0  # for the first actor to come up
_KINDS: dict[str, type[Result]] = {kind.__name__: kind for kind in (Done, TimedOut, OutOfMemory, Crashed, Failed)}


class RayRunner:
    """A `Runner` whose tasks run on a Ray cluster; survives the loss of all its machines but one."""

    def __init__(self, address: str | None = None, workers: int | None = None) -> None:
        """Connect.

        Parameters
        ----------
        address : str, optional
            `ray://HOST:PORT`; by default the cluster that this process is
            connected to, that of `RAY_ADDRESS`, or one started on this machine.
        workers : int, optional
            Actors, of one processor each; default: all processors of the cluster.

        Raises
        ------
        MissingExtra
            If Ray is not installed.
        CannotStart
            If the cluster cannot be reached.
        """
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be positive, not {workers}")
        try:
            import ray
        except ImportError as error:
            raise MissingExtra(
                "running on a cluster needs Ray, which is not installed", help="pip install 'probatum[ray]'"
            ) from error
        self._ray: Any = ray
        self._mine = not ray.is_initialized()
        if self._mine:
            _connect(ray, address)
        self._closed = False
        self._crew = _Crew(ray, workers or max(1, int(self._ray.cluster_resources().get("CPU", 1))))

    def map(
        self,
        function: str,
        items: Iterable[Json],
        *,
        timeout_s: float,
        memory_bytes: int | None = None,
        retries: int = 0,
        setup: str | None = None,
        setup_argument: Json = None,
    ) -> Iterator[Result]:
        """Give one result per item, in order of completion; see `Runner.map`.

        A task whose machine is lost is tried on another, whatever `retries`
        says; one that loses three is reported as crashed.
        """
        job = Job(
            function=function,
            timeout_s=timeout_s,
            memory_bytes=memory_bytes,
            retries=retries,
            setup=setup,
            setup_argument=setup_argument,
        )
        return self._results(job, items)

    def _results(self, job: Job, items: Iterable[Json]) -> Iterator[Result]:
        order = json.dumps({name: getattr(job, name) for name in _SENT})  # an infinite timeout is no JSON, but Python reads it
        name = secrets.token_hex(8)  # by which actors know that a job is the one that they have
        source = enumerate(items)
        drawn = False
        again: deque[_Task] = deque()  # tasks whose machine was lost
        crew = self._crew
        try:
            while True:
                if self._closed:
                    raise RuntimeError("the runner is closed")
                crew.recruit()
                while (member := crew.free()) is not None:
                    if again:
                        task = again.popleft()
                    elif not drawn and (drawn_item := next(source, None)) is not None:
                        index, item = drawn_item
                        task = _Task(index, json.dumps(item, separators=(",", ":"), allow_nan=False).encode())
                    else:
                        drawn = True
                        break
                    crew.give(member, name, order, task)
                if drawn and not again and not crew.busy(name):
                    return
                for task, answer in crew.wait(name):
                    if answer is not None:
                        yield _decoded(answer)
                    elif task.lost < _LOSSES:
                        again.append(task)
                    else:
                        yield Crashed(task.index, f"{_LOSSES} machines were lost while it ran on them")
        finally:
            crew.dismiss(name)

    def close(self) -> None:
        """End every actor and, if this runner opened it, the connection; see `Runner.close`."""
        if self._closed:
            return
        self._closed = True
        self._crew.dismiss_all()
        if self._mine:
            self._ray.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


_SENT = ("function", "timeout_s", "memory_bytes", "retries", "setup", "setup_argument", "path")


class _Host:
    """What runs inside a Ray actor: one guard. A plain class; the driver makes an actor of it."""

    def __init__(self) -> None:
        self._guard = Guard(Sentinel(detached=True))
        self._job: tuple[str, Job] | None = None

    def ready(self) -> bool:
        return True

    def run(self, name: str, order: str, index: int, item: bytes) -> bytes:
        if self._job is None or self._job[0] != name:
            self._job = (name, Job(**json.loads(order)))
        try:
            result = self._guard.run(self._job[1], index, json.loads(item))
        except CannotStart as error:
            return json.dumps({"kind": "CannotStart", "message": error.message, "help": error.help}).encode()
        return json.dumps({"kind": type(result).__name__, **asdict(result)}).encode() if result is not None else b"{}"


class _Task:
    __slots__ = ("index", "item", "lost")

    def __init__(self, index: int, item: bytes) -> None:
        self.index = index
        self.item = item
        self.lost = 0


class _Member:
    """An actor, as the driver sees it."""

    __slots__ = ("actor", "alive", "busy")

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.alive = False  # known to be up; only then is it given tasks
        self.busy = False


class _Crew:
    """The actors: kept at their number, given work only when up, replaced when lost."""

    def __init__(self, ray: Any, workers: int) -> None:
        self._ray: Any = ray
        self._workers = workers
        # Placed apart, and never restarted in place by Ray: we want to know.
        self._kind = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0, scheduling_strategy="SPREAD")(_Host)
        self._members: list[_Member] = []
        self._coming: dict[Any, _Member] = {}  # reference to `ready` -> whose
        self._running: dict[Any, tuple[_Member, str, _Task]] = {}
        self._alone_since: float | None = None  # moment from which no actor has been up

    def recruit(self) -> None:
        """Ask for as many actors as are missing; they may come late or, on a smaller cluster, never."""
        while len(self._members) < self._workers:
            member = _Member(self._kind.remote())
            self._members.append(member)
            self._coming[member.actor.ready.remote()] = member

    def free(self) -> _Member | None:
        """Return a living actor with nothing to do: what waited at a busy one could wait behind a task that hangs."""
        return next((member for member in self._members if member.alive and not member.busy), None)

    def give(self, member: _Member, name: str, order: str, task: _Task) -> None:
        self._running[member.actor.run.remote(name, order, task.index, task.item)] = (member, name, task)
        member.busy = True

    def busy(self, name: str) -> bool:
        return any(job == name for _, job, _ in self._running.values())

    def wait(self, name: str) -> list[tuple[_Task, bytes | None]]:
        """Wait until something happens; return the tasks of this job that ended, with None for those lost."""
        self._give_up_when_alone()
        mine = [reference for reference, (_, job, _) in self._running.items() if job == name]
        references = [*mine, *self._coming]
        if not references:
            return []
        ready, _ = self._ray.wait(references, num_returns=len(references), timeout=0)
        if not ready:
            ready, _ = self._ray.wait(references, num_returns=1, timeout=1.0)
        ended: list[tuple[_Task, bytes | None]] = []
        for reference in ready:
            if (member := self._coming.pop(reference, None)) is not None:
                if self._fetch(reference) is None:
                    self._lose(member)
                else:
                    member.alive = True
                continue
            if (run := self._running.pop(reference, None)) is None:  # the runner was closed meanwhile
                continue
            member, _, task = run
            member.busy = False
            answer = self._fetch(reference)
            if answer is None:
                task.lost += 1
                self._lose(member)
            ended.append((task, answer))
        return ended

    def dismiss(self, name: str) -> None:
        """Kill the actors that work for this job, and with them their tasks."""
        for member in {id(member): member for member, job, _ in self._running.values() if job == name}.values():
            self._lose(member)
        self._running = {reference: run for reference, run in self._running.items() if run[1] != name}

    def dismiss_all(self) -> None:
        for member in list(self._members):
            self._lose(member)
        self._running.clear()

    def _lose(self, member: _Member) -> None:
        if member in self._members:
            self._members.remove(member)
            self._ray.kill(member.actor)  # its process; the kernel and the sentinel end the child
        member.alive = False
        self._coming = {reference: one for reference, one in self._coming.items() if one is not member}

    def _fetch(self, reference: Any) -> Any:
        """Return the answer, or None if its machine, its actor or its only copy is gone."""
        from ray import exceptions

        try:
            return self._ray.get(reference)
        except (
            exceptions.RayActorError,
            exceptions.ObjectLostError,
            exceptions.WorkerCrashedError,
            exceptions.NodeDiedError,
            exceptions.OutOfMemoryError,
        ):
            return None

    def _give_up_when_alone(self) -> None:
        if any(member.alive for member in self._members):
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > _ACTOR_LIMIT_S:
            raise CannotStart(
                f"no machine of the cluster has taken a task for {_ACTOR_LIMIT_S:g} s",
                help="`ray status` says whether the cluster is up and has a free processor",
            )


def _decoded(answer: bytes) -> Result:
    fields = json.loads(answer)
    kind = fields.pop("kind", None)
    if kind in _KINDS:
        return _KINDS[kind](**fields)
    raise CannotStart(fields.get("message", "an actor gave no result"), help=fields.get("help", ""))


def _connect(ray: Any, address: str | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves this machine unasked
    elsewhere = address or os.environ.get("RAY_ADDRESS")
    if elsewhere is None:
        _private_token()
    try:
        ray.init(
            address=elsewhere or "local",
            log_to_driver=False,
            logging_level="error",
            **({} if elsewhere is not None else {"include_dashboard": False}),
        )
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        where = f"the cluster at `{elsewhere}` cannot be reached" if elsewhere else "no local cluster can be started"
        raise CannotStart(
            f"{where}: {' '.join(str(error).split())[:300]}",
            help="check the address and, if the cluster asks for a token, set RAY_AUTH_TOKEN to it",
        ) from error


def _private_token() -> None:
    """Give a cluster of our own a token of its own, unless the user has arranged for one.

    Ray would write one to the home directory, which may not be there or not be ours to write to.
    """
    arranged = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
    if any(os.environ.get(name) for name in arranged):
        return
    try:
        exists = (Path.home() / ".ray" / "auth_token").exists()
    except (RuntimeError, OSError):  # no home directory, or one that cannot be looked into
        exists = False
    if not exists:
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
