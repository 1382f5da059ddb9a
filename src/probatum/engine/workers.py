"""The children that do the work, started when there is some and only as many as it needs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Self

from probatum.engine.options import Settings
from probatum.runner import Result, Runner, runner_for

_spare_s = 1.0  # beyond the soft limit, before a child is killed: time to stop by itself and to answer


class Workers:
    """A runner that is opened on first use. A context manager: leaving it ends every child."""

    def __init__(self, settings: Settings, modules: Sequence[str]) -> None:
        self._settings = settings
        self._modules = list(modules)
        self._runner: Runner | None = None
        self._children: int | None = None

    def map(self, function: str, items: Iterable[Any], count: int, limits: int = 1) -> Iterator[Result]:
        """Run a function of `engine.work` on every item, of which there are `count`; see `Runner.map`.

        `limits`: how many limits of time each has.
        """
        if count == 0:
            return iter(())
        if self._runner is None:
            self._children = self._count(count)
            self._runner = runner_for(self._settings.runner, self._children)
        return self._runner.map(
            f"probatum.engine.work:{function}",
            items,
            timeout_s=self._settings.timeout_s * limits * 1.1 + _spare_s,
            memory_bytes=self._settings.memory_bytes,
            setup="probatum.engine.work:prepare",
            setup_argument=self._modules,
        )

    def suffice(self, count: int) -> bool:
        """Whether there are as many children as would be started for so many items; true if there are none yet."""
        return self._runner is None or self._children is None or self._children >= (self._count(count) or 0)

    def _count(self, items: int) -> int | None:
        """How many children: on a cluster that is for the cluster to say."""
        if self._settings.runner.startswith("ray"):
            return self._settings.jobs
        if self._settings.runner != "local":
            return None  # `local:3` has said it
        return max(1, min(items, self._settings.jobs or len(_processors())))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every child."""
        if self._runner is not None:
            self._runner.close()


class Warm:
    """Workers that stay from one check to the next, with what they have loaded and started. A context manager.

    They are replaced when settings or modules are not what they were, or when more of them are of use.
    """

    def __init__(self) -> None:
        self._workers: Workers | None = None
        self._for: tuple[Settings, tuple[str, ...]] | None = None

    def workers(self, settings: Settings, modules: Sequence[str], count: int) -> AbstractContextManager[Workers]:
        """Return the workers for a check with `count` artefacts."""
        wanted = (settings, tuple(modules))
        if self._workers is None or self._for != wanted or not self._workers.suffice(count):
            self.close()
            self._workers, self._for = Workers(settings, modules), wanted
        return nullcontext(self._workers)

    def close(self) -> None:
        """End every child."""
        if self._workers is not None:
            self._workers.close()
        self._workers = self._for = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _processors() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))
