"""A policy of rewrites that acts on simulated traffic: the one place that knows both whoever learns and the simulator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from probatum.dialogue.artefacts.store import key_of
from probatum.dialogue.artefacts.turn import Turn
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.rewriter import Request, Rewriter
from probatum.errors import UsageError
from probatum.synth.dialogue import online
from probatum.synth.dialogue.truth import BAD, GOOD, Truth

NOBODY = bytes(32)  # a key under which nobody is known
PATIENCE_S = 10.0  # a simulation may wait: what is decided does not depend on how fast the machine is


@dataclass
class Served:
    """The rewriter, as the simulator asks it."""

    rewriter: Rewriter
    version: str

    def __call__(self, request: online.Request) -> online.Decision:
        """Decide about a request; simulated users are asked nothing."""
        answer = self.rewriter.answer(
            Request(
                text=request.text,
                user=request.user,
                heard=tuple(h.text for h in request.hypotheses[1:]),
                confidence=request.confidence,
                context=dict(request.context),
                at=request.at,
                refused=request.refused,
            )
        )
        text = answer.text if answer.action == "rewrite" else request.text
        return online.Decision(
            text, answer.rewrite if answer.arm != "none" or text != request.text else "", answer.arm, answer.propensity
        )


def served(policies: Path, key: bytes, people: Personal | None) -> Served:
    """Return the policy that a folder names, as the simulator asks it.

    Raises
    ------
    UsageError
        If there is none, or it cannot be read.
    """
    found = Policies(policies)
    if found.policy is None:
        raise UsageError(
            f"`{policies}` has no policy that can be served: {found.trouble}",
            help="make one with `probatum dialogue rewrites compile`, and name the folder of its service",
        )
    return Served(Rewriter(found, key, people, deadline_s=PATIENCE_S), found.policy.digest)


@contextmanager
def rehearsal(service: Path, key: Path | None) -> Iterator[Served]:
    """Serve the policy of a service to a simulator, with what is known of users if their key is given; change nothing of it."""
    known = service / "people.db"
    people = closing(Personal(known)) if key is not None and known.is_file() else nullcontext()
    with people as store:
        acting = served(service / "policies", NOBODY if key is None else key_of(key), store)
        try:
            yield acting
        finally:
            acting.rewriter.close()


@dataclass
class Effect:
    """What rewriting did to requests, each of which was also run as it was heard.

    Attributes
    ----------
    rewritten : int
    wins : int
        Failed as they were heard, and came off rewritten.
    losses : int
        The other way round.
    """

    rewritten: int = 0
    wins: int = 0
    losses: int = 0

    def counted(self, made: Iterable[tuple[Turn, Truth]]) -> Iterator[tuple[Turn, Truth]]:
        """Pass on turns, and count."""
        for turn, truth in made:
            self.rewritten += bool(turn.rewritten)
            self.wins += bool(turn.rewritten) and truth.outcome == GOOD and truth.without == BAD
            self.losses += bool(turn.rewritten) and truth.outcome == BAD and truth.without == GOOD
            yield turn, truth
