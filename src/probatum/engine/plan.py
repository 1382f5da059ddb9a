"""The plan: every rule on every artefact, each under the digest of all that its answer depends on."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from probatum.engine.imports import Imports, own
from probatum.engine.keys import artefact_key, kept_key, task_key
from probatum.engine.options import Settings
from probatum.engine.rules import RuleInfo
from probatum.engine.systems import SystemEntry
from probatum.errors import ConfigurationError
from probatum.project.config import Configuration
from probatum.project.discover import Found, Inventory
from probatum.project.system import System, inside
from probatum.records import dataclass
from probatum.source import DATA, digest

_MOST_LIMITS = 6  # that one artefact gets: whoever waits longer says so
_LARGEST_IMPORT = 20_000_000  # bytes of a file whose imports are looked for


@dataclass(frozen=True, slots=True)
class Job:
    """One artefact and the rules that run on it.

    Attributes
    ----------
    tasks : mapping
        Rule identifier to the key of its result.
    modules : mapping
        Rule identifier to the name of its module.
    inputs : mapping
        Further inputs to their digests; None for one that does not exist.
    inline : mapping
        Content of further inputs that are not files.
    kept : str
        The key of what a check of this file leaves for the next one.
    limits : int
        How many limits of time it gets: a file of ten thousand lines as many as ten files of a thousand, as far as that goes.
    """

    entry: SystemEntry
    path: str
    digest: str
    options: Mapping[str, Any]
    inputs: Mapping[str, str | None]
    inline: Mapping[str, bytes]
    tasks: Mapping[str, str]
    modules: Mapping[str, str]
    seed: int
    kept: str = ""
    limits: int = 1

    def item(self, base: str, soft_s: float) -> dict[str, Any]:
        """What a child gets to know about the artefact; see `work.check_artefact`."""
        return {
            "module": self.entry.module,
            "base": base,
            "path": self.path,
            "digest": self.digest,
            "options": dict(self.options),
            "inputs": dict(self.inputs),
            "inline": {name: base64.b64encode(content).decode("ascii") for name, content in self.inline.items()},
            "seed": self.seed,
            "soft_s": soft_s,
            "shares_work": self.entry.shares_work,
            "session": self.entry.session,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that will be checked.

    `inputs` maps every file and revision that is read to its digest.
    """

    jobs: tuple[Job, ...]
    inputs: Mapping[str, str]


def make_plan(
    system: System,
    inventory: Inventory,
    entries: Iterable[SystemEntry],
    rules: tuple[RuleInfo, ...],
    *,
    configuration: Configuration,
    settings: Settings,
    secret: str,
) -> Plan:
    """Plan every selected rule on every artefact.

    `secret` goes into every key; see `keys.artefact_key`.

    Raises
    ------
    ConfigurationError
        If the configuration names a further input outside the directory, or a
        revision that does not exist.
    """
    further = _Further(system)
    wanted: list[tuple[SystemEntry, Found, tuple[str, ...]]] = []
    for entry in entries:
        options = settings.of(entry.name, configuration)
        names_of = own(entry.module, "inputs") or (lambda _path, _options: ())
        imports = Imports(entry.module, options, further.read_import, further.exists)
        for found in inventory.files.get(entry.name, ()):
            names = tuple(dict.fromkeys((*names_of(found.path, options), *imports.names(found.path))))
            further.want(names)
            wanted.append((entry, found, names))
    further.read(configuration.path)
    jobs: list[Job] = []
    for entry, found, names in wanted:
        mine = [rule for rule in rules if rule.system == entry.name]
        if not mine:
            continue
        inputs = {name: further.digests[name] for name in sorted(names)}
        options = settings.of(entry.name, configuration)
        prefix = artefact_key(entry, found.path, found.digest, options=options, inputs=inputs, seed=settings.seed, secret=secret)
        jobs.append(
            Job(
                entry=entry,
                path=found.path,
                digest=found.digest,
                options=options,
                inputs=inputs,
                inline={name: further.inline[name] for name in inputs if name in further.inline},
                tasks={rule.id: task_key(prefix, rule.id) for rule in mine},
                modules={rule.id: rule.module for rule in mine},
                seed=settings.seed,
                kept=kept_key(entry, found.path, secret=secret),
                limits=1 if settings.timeout_given else _limits(entry, found),
            )
        )
    read = {found.path: found.digest for _, found, _ in wanted} | {
        name.removeprefix(DATA): known for name, known in further.digests.items() if known is not None
    }
    return Plan(tuple(sorted(jobs, key=lambda job: (job.path, job.entry.name))), dict(sorted(read.items())))


def _limits(entry: SystemEntry, found: Found) -> int:
    return min(_MOST_LIMITS, max(1, -(-found.size // entry.bytes_in_limit))) if entry.bytes_in_limit else 1


@dataclass(slots=True)
class _Further:
    """Further inputs, each read once."""

    system: System
    digests: dict[str, str | None] = field(default_factory=dict)
    inline: dict[str, bytes] = field(default_factory=dict)
    _wanted: dict[str, None] = field(default_factory=dict)

    def want(self, names: Iterable[str]) -> None:
        self._wanted.update(dict.fromkeys(names))

    def exists(self, path: str) -> bool:
        """Whether there is a file, inside the directory."""
        place = self.system.target(path) if self.system.kind(path) == "link" else path
        return place is not None and self.system.kind(place) == "file"

    def read_import(self, path: str) -> bytes | None:
        """Return the content of a file, or None where that fails: who checks it says why."""
        place = self.system.target(path)
        try:
            return None if place is None else self.system.read(place, limit=_LARGEST_IMPORT)
        except OSError:
            return None

    def read(self, configured_in: str) -> None:
        revisions: dict[str, tuple[str, str]] = {}
        for name in self._wanted:
            if name.startswith(DATA):
                self._data(name, configured_in)
            elif name.startswith("git:"):
                revision, _, path = name[4:].partition(":")
                revisions[name] = (revision, path)
            else:
                self._file(name, configured_in)
        for revision in sorted({revision for revision, _ in revisions.values()}):
            resolve(self.system, revision, f"the configuration `{configured_in}` names")
        for name, content in _from_git(self.system, revisions).items():
            self.digests[name] = None if content is None else digest(content)
            if content is not None:
                self.inline[name] = content

    def _place(self, name: str, configured_in: str) -> str | None:
        place = self.system.target(inside(name))
        if place is None and self.system.kind(inside(name)) is not None:
            raise ConfigurationError(
                f"`{name}` leads out of the checked directory, and `{configured_in}` names it",
                help="name a file inside the directory",
            )
        return place

    def _data(self, name: str, configured_in: str) -> None:
        place = self._place(name.removeprefix(DATA), configured_in)
        try:
            self.digests[name] = None if place is None else self.system.digest(place)
        except OSError:
            self.digests[name] = None

    def _file(self, name: str, configured_in: str) -> None:
        place = self._place(name, configured_in)
        try:
            # A link inside the directory is read where it leads: links are not opened.
            content = None if place is None else self.system.read(place)
        except OSError:
            content = None
        self.digests[name] = None if content is None else digest(content)
        if content is not None and place != name:
            self.inline[name] = content


def resolve(system: System, revision: str, who: str) -> str:
    """Return the commit that a revision names.

    Raises
    ------
    ConfigurationError
        If there is no git, no repository, or no such revision.
    """
    answer = system.git("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if answer.status == 0:
        return answer.out.decode().strip()
    if answer.status == 127:
        raise ConfigurationError(f"{answer.err}, and {who} the revision `{revision}`", help="install git")
    repository = system.git("rev-parse", "--git-dir")
    if repository.status != 0 and "dubious ownership" in repository.err:
        raise ConfigurationError(
            f"git refuses to work in a repository of another user, and {who} the revision `{revision}`",
            help="`git config --global --add safe.directory` allows it, if you trust the repository",
        )
    if repository.status != 0:
        raise ConfigurationError(
            f"the checked directory is not in a git repository, and {who} the revision `{revision}`",
            help="check a git work tree, or compare with a file",
        )
    raise ConfigurationError(
        f"git knows no revision `{revision}`, and {who} it",
        help="name a branch, tag or commit that exists here; a shallow clone may lack it: `git fetch --unshallow`",
    )


def _from_git(system: System, wanted: Mapping[str, tuple[str, str]]) -> dict[str, bytes | None]:
    """Contents of files at revisions, all by one process; None for those that do not exist there."""
    contents: dict[str, bytes | None] = dict.fromkeys(wanted)
    asked = [(name, f"{revision}:./{inside(path)}") for name, (revision, path) in wanted.items() if "\n" not in path]
    if not asked:
        return contents
    out = system.git("cat-file", "--batch", stdin="".join(f"{text}\n" for _, text in asked).encode()).out
    at = 0
    for name, _ in asked:
        end = out.find(b"\n", at)
        if end < 0:
            break
        words = out[at:end].rsplit(b" ", 2)
        at = end + 1
        if len(words) == 3 and words[1] == b"blob":
            size = int(words[2])
            contents[name] = out[at : at + size]
            at += size + 1
        elif len(words) == 3 and words[1] in (b"tree", b"commit", b"tag"):
            at += int(words[2]) + 1
    return contents
