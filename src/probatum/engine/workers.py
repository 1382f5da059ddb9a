"""The children that do the work, started when there is some and only as many as it needs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
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

    def map(self, function: str, items: Iterable[Any], count: int) -> Iterator[Result]:
        """Run a function of `engine.work` on every item, of which there are `count`; see `Runner.map`."""
        if count == 0:
            return iter(())
        if self._runner is None:
            self._runner = runner_for(self._settings.runner, self._count(count))
        return self._runner.map(
            f"probatum.engine.work:{function}",
            items,
            timeout_s=self._settings.timeout_s * 1.1 + _spare_s,
            memory_bytes=self._settings.memory_bytes,
            setup="probatum.engine.work:prepare",
            setup_argument=self._modules,
        )

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
        if self._runner is not None:
            self._runner.close()


def _processors() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))
