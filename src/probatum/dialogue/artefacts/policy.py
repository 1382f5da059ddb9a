"""What a policy about conversations says, as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from probatum.dialogue.artefacts.importers.notation import Notation
from probatum.dialogue.artefacts.requirements.request_fails import RequestFailsRequirement
from probatum.dialogue.artefacts.requirements.rewrite_harms import RewriteHarmsRequirement
from probatum.dialogue.artefacts.requirements.stage_fails import StageFailsRequirement
from probatum.source import Location
from probatum.stats.private_counts import Noise

R = TypeVar("R")
DETECTORS = ("auto", "minilm", "letters", "words")
# One of the kinds in `requirements`.
Requirement: TypeAlias = RequestFailsRequirement | RewriteHarmsRequirement | StageFailsRequirement


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log, and how it is read.

    Attributes
    ----------
    path : str
        As the policy writes it, relative to the policy.
    format : str
        Name of an importer, or `auto`.
    mapping : mapping of str to str
        For `format: mapping`, field of a turn -> column, or path of keys joined by dots.
    notation : Notation
        How what is found there is written.
    locale : str
        Of turns that do not say; "" if unknown.
    location : Location
    """

    path: str
    format: str = "auto"
    mapping: Mapping[str, str] = field(default_factory=dict)
    notation: Notation = field(default_factory=Notation)
    locale: str = ""
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A file that others get, or a folder of `probatum dialogue serve`, of which what is served counts.

    Attributes
    ----------
    path : str
        As the policy writes it, relative to the policy.
    location : Location
    """

    path: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRule:
    """What belongs together.

    Attributes
    ----------
    gap_s : float
        A longer silence of a user ends a session.
    rephrase_s : float or None
        A later request can be a rephrase of an earlier one up to so long after it; None: fitted to the gaps.
    detector : str
        What tells rephrases, one of `DETECTORS`: `auto` is the best of the others that is installed and fast enough for the log.
    """

    gap_s: float = 300.0
    rephrase_s: float | None = None
    detector: str = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """From how many users something must come before anyone but them may see it.

    Attributes
    ----------
    users, households : int
        Distinct ones, for a request, what it becomes, and the pair of them.
    shareable : bool
        Whether what is learnt leaves the site. One site (a household, a single installation) may
        ask for less than ten users, and is then marked as not to be shared.
    public : tuple of Shared
        Files of what is no secret whoever says it: a catalogue, a list of words.
    noise : Noise or None
        With which users of pairs are counted when something is learnt for all; None for none.
    """

    users: int = 20
    households: int = 5
    shareable: bool = True
    public: tuple[Shared, ...] = ()
    noise: Noise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """The assistant under test, where it can be called.

    Attributes
    ----------
    kind : str
        `hassil`, `rasa`, `command` or `url`.
    options : mapping of str to tuple of str
        Of the kind: files, arguments, an address; `stages`, all in their order, where they are not the usual ones.
    location : Location
    """

    kind: str
    options: Mapping[str, tuple[str, ...]]
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy about the conversations in some logs.

    Attributes
    ----------
    subject : str
        What outcomes are about: the name that the policy gives itself, or its path.
    logs : tuple of Log, not empty
    sessions : SessionRule
    privacy : Privacy
    shared : tuple of Shared
        What others get: policies that are served, exports, prompts, training data.
    assistant : Assistant or None
    alpha : float in (0, 1)
        For each requirement, the probability that anything is found that is not so, requests,
        stages and groups corrected for together.
    requirements : tuple
        In their order; what the policy does not mention is required as each kind's defaults say.
    digest : str
        Of the file.
    stages : str
        A table of stages (see `stage_table`), relative to the policy; "" for none.
    """

    subject: str
    location: Location
    logs: tuple[Log, ...]
    sessions: SessionRule
    privacy: Privacy
    shared: tuple[Shared, ...] = ()
    assistant: Assistant | None
    alpha: float
    requirements: tuple[Requirement, ...]
    digest: str
    stages: str = ""

    def of_kind(self, kind: type[R]) -> tuple[R, ...]:
        """Requirements of one kind."""
        return tuple(r for r in self.requirements if isinstance(r, kind))
