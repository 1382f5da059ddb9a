"""What a check may be told, and whom it tells how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from probatum.project.config import Configuration
from probatum.project.environment import Environment
from probatum.project.options import CHECK
from probatum.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What the command line says about a check; None leaves the word to the configuration.

    Attributes
    ----------
    select, ignore : tuple of str
        Rule identifiers or globs (``access/*``). Empty `select`: the
        configuration's, else all. `ignore` adds to the configuration's.
    timeout_s : float or None
        Limit of one task, in seconds of wall-clock time; default 60, and as much again for each further
        40 kB of a program, up to 360.
    memory_bytes : int or None
        Limit of one child process; 0 for none; default 2 GiB.
    jobs : int or None
        How many child processes at once; default: the processors available.
    runner : str or None
        ``local``, ``ray`` or ``ray://host:port``; default ``local``.
    use_cache : bool
        Whether results of earlier checks are used. They are stored in any case.
    baseline : Path or None
        The file of accepted findings; default: `baseline.json` beside the
        configuration, if it exists.
    use_baseline : bool
        False shows accepted findings as if there were no such file.
    only_new : bool
        True insists that there is a baseline; without one the check is refused.
    changed_since : str or None
        A git revision: outcomes of files that have not changed since are left out.
    show_suppressed : bool
        For renderings: list what is hidden. It is in `Report.hidden` either way.
    seed : int or None
        Seed of all chance; default 0.
    today : date or None
        The day against which suppressions expire; None asks the clock once.
    replay : bool
        False: no code of the project is run, and what only a run can show stays undecided.
    allow_unsandboxed : bool
        True: where no sandbox can be had, code of the project is run with limits of
        resources alone.
    certify : bool
        True: proofs of code get ground certificates, where these are found in time.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    timeout_s: float | None = None
    memory_bytes: int | None = None
    jobs: int | None = None
    runner: str | None = None
    use_cache: bool = True
    baseline: Path | None = None
    use_baseline: bool = True
    only_new: bool = False
    changed_since: str | None = None
    show_suppressed: bool = False
    seed: int | None = None
    today: date | None = None
    replay: bool = True
    allow_unsandboxed: bool = False
    certify: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a check does in the end: the command line over the configuration over the defaults."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    timeout_s: float
    timeout_given: bool  # somebody wrote it: then it is meant whatever the size of an artefact
    memory_bytes: int | None
    jobs: int | None
    runner: str
    seed: int
    use_cache: bool
    of_systems: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, system: str, configuration: Configuration) -> dict[str, Any]:
        """Return the options of a system: those of the configuration, and what only the command line can say."""
        return {**configuration.of(system), **self.of_systems.get(system, {})}


def settings_of(options: CheckOptions, configuration: Configuration, packages: Environment | None = None) -> Settings:
    """Decide between the command line and the configuration, option by option; `packages` is what code may import if it is run."""
    own = configuration.check
    memory = options.memory_bytes if options.memory_bytes is not None else own["memory-mb"] * 2**20
    return Settings(
        select=options.select or tuple(own["select"]),
        ignore=tuple(dict.fromkeys((*own["ignore"], *options.ignore))),
        timeout_s=float(options.timeout_s if options.timeout_s is not None else own["timeout"]),
        timeout_given=options.timeout_s is not None or (CHECK, "timeout") in configuration.given,
        memory_bytes=memory or None,
        jobs=options.jobs or own["jobs"] or None,
        runner=options.runner or own["runner"],
        seed=options.seed if options.seed is not None else own["seed"],
        use_cache=options.use_cache,
        of_systems={"code": _about_runs(options, packages)},
    )


def _about_runs(options: CheckOptions, packages: Environment | None) -> dict[str, Any]:
    """What only the command line says of code: a configuration comes with what would be run."""
    own: dict[str, Any] = {} if options.replay else {"replay": False}
    if options.replay and packages is not None:
        own["packages"] = {"folders": list(packages.folders), "digest": packages.digest}
    if options.certify:
        own["certify"] = True
    return own | ({"allow-unsandboxed": True} if options.allow_unsandboxed else {})


class Progress(Protocol):
    """Someone who wants to know how far a check is; called from one thread."""

    def start(self, total: int) -> None:
        """Work of `total` tasks begins; tasks answered from the cache are not among them."""

    def advance(self, done: int, label: str) -> None:
        """`done` more tasks are finished; `label` says on what, in a few words."""

    def finish(self) -> None:
        """No more work; called once, also when the work was cut short."""


class Silence:
    """A `Progress` that keeps what it hears to itself."""

    def start(self, total: int) -> None:
        """Do nothing."""

    def advance(self, done: int, label: str) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""
