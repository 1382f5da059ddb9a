"""What provers say of one lowered function, remembered under the digest of its text.

A function whose text is the same needs no work, whatever else changed in its
module. What depended on the clock is not remembered.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any

from probatum.code.model.proofs import shared_prover
from probatum.ivl.options import Options
from probatum.ivl.outcomes import BodyResult, Trace, Verdict
from probatum.ivl.outcomes import Outcome as Answer
from probatum.records import dataclass
from probatum.source import digest_of
from probatum.tools import Tools

_SECONDS = 60.0  # for one obligation; the effort that solvers count ends it long before, on any machine
_FORM = 4  # of what is kept
_HEAD = "head'"  # how blocks of lowered functions are called at which rounds of loops begin
_REMEMBERED = 500  # functions that a process keeps in memory


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of one claim of a Boogie program.

    Attributes
    ----------
    line, related : int
        Where it is claimed in the program, and the line of the clause; 0: none.
    claim : str
        Name of a `probatum.ivl.blocks.Claim`.
    proved : bool
    reason : str
        Why not, in words of a person.
    late, unsupported : bool
        The clock ended it, or a crash; the program uses what is not handled.
    obligation : str
        SMT-LIB that is unsatisfiable; only if it is proved.
    solver : str
    effort : int
        The solver's own count of its work.
    initial, final : mapping of str to str
        Values of a model, or of what may be one, as SMT-LIB text: at entry, and where the claim fails.
    head : mapping of str to str or None
        Values of a model where the last round of a loop begins on the way there: a state that invariants allow,
        and that no run may ever reach. None if there is no loop, or nobody says that they are a model.
    ground : str
        A ground certificate for the obligation, as JSON; "" if none was asked for, or found.
    """

    line: int
    related: int
    claim: str
    proved: bool
    reason: str = ""
    late: bool = False
    unsupported: bool = False
    obligation: str = ""
    solver: str = ""
    effort: int = 0
    initial: Mapping[str, str] | None = None
    final: Mapping[str, str] | None = None
    head: Mapping[str, str] | None = None
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is known of all claims of one function.

    Attributes
    ----------
    claims : tuple of Decided
    guessed : bool
        Whether invariants were guessed for it.
    unsettled : bool
        Whether something is open that was asked briefly, and may be proved by asking at length.
    held : tuple of str
        The candidates that hold together, by the constants that stand for them.
    """

    claims: tuple[Decided, ...]
    guessed: bool = False
    unsettled: bool = False
    held: tuple[str, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether every claim is proved."""
        return all(claim.proved for claim in self.claims)

    @property
    def effort(self) -> int:
        """The solver's own count of all work."""
        return sum(claim.effort for claim in self.claims)


_known: OrderedDict[str, Decisions] = OrderedDict()


def decide(
    text: str, *, guesses: bool, tools: Tools, probes: Collection[int] = (), patient: bool = True
) -> tuple[str, Decisions]:
    """Return what is known of a program, and the name under which it is kept.

    Parameters
    ----------
    text : str
        A program of the Boogie language.
    guesses : bool
        Whether it has candidates for invariants, of which those that hold together are used.
    probes : collection of int
        Lines of what is claimed and hoped not to be provable.
    patient : bool
        Whether to ask at length where a brief question leaves something open; see `asking`.

    Raises
    ------
    OutOfTime
    RuntimeError
        If the program has static errors: whoever wrote it made a mistake.
    """
    key = digest_of([_FORM, text, guesses, tools.seed, patient])
    found = remembered(key, tools.kept)
    if found is None:
        found = _decided(text, tools, guesses=guesses, probes=probes, patient=patient)
    if not any(claim.late for claim in found.claims):
        _remember(key, found)
    return key, found


def remembered(key: str, kept: Mapping[str, Any]) -> Decisions | None:
    """Return what was decided under a name, in this process or before it; None if that is not known, or damaged."""
    if key not in _known and key in kept:
        found = _unpacked(kept[key])
        if found is not None:
            _remember(key, found)
    return _known.get(key)


def _remember(key: str, decisions: Decisions) -> None:
    _known[key] = decisions
    if len(_known) > _REMEMBERED:
        _known.popitem(last=False)


def kept(decisions: Decisions) -> str | None:
    """Return decisions as text for `Tools.kept`; None if the clock had a part in them."""
    if any(claim.late for claim in decisions.claims):
        return None
    rows = [
        [c.line, c.related, c.claim, c.proved, c.reason, c.unsupported, c.obligation, c.solver, c.effort, _plain(c.initial), _plain(c.final), _plain(c.head)]
        for c in decisions.claims
    ]  # fmt: skip  # one row for each claim
    content = json.dumps([decisions.guessed, decisions.unsettled, list(decisions.held), rows], separators=(",", ":")).encode()
    return base64.b85encode(zlib.compress(content, 6)).decode("ascii")


def _plain(values: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if values is None else dict(values)


def _unpacked(text: Any) -> Decisions | None:
    try:
        guessed, unsettled, held, rows = json.loads(zlib.decompress(base64.b85decode(text)))
        claims = tuple(
            Decided(line, related, claim, proved, reason, False, unsupported, obligation, solver, effort, initial, final, head)
            for line, related, claim, proved, reason, unsupported, obligation, solver, effort, initial, final, head in rows
        )
    except (ValueError, TypeError, zlib.error):
        return None  # damaged: decided anew
    return Decisions(claims, bool(guessed), bool(unsettled), tuple(map(str, held)))


def _decided(text: str, tools: Tools, *, guesses: bool, probes: Collection[int], patient: bool) -> Decisions:
    from probatum.code.model.asking import Asking
    from probatum.ivl.verification import verify

    asking = Asking(shared_prover(), probes, patient, tools.deadline)
    options = Options(timeout_s=_SECONDS, seed=tools.seed, infer=guesses, intervals=guesses)
    result = verify(text, options, file="lowered.bpl", prover=asking, keep_texts=True, on_text=asking.see)
    errors = [error for error in result.static if error.kind == "error"]
    if errors:
        first = errors[0]
        raise RuntimeError(f"a lowered function has a {first.phase} error at {first.position.line}: {first.message}")
    answers = [answer for body in result.bodies for answer in _claims(body)]
    unsettled = any(answer.key in asking.unsettled for answer in answers)
    held = tuple(name for name, holds in (result.assignment or {}).items() if holds)
    return Decisions(tuple(_of(answer, asking.unlucky) for answer in answers), guesses, unsettled, held)


def _claims(body: BodyResult) -> list[Answer]:
    """Return the answers about what is claimed: of candidates nobody claims anything, and those that are used are proved."""
    if any(answer.label.candidate and answer.verdict is not Verdict.PROVED for answer in body.outcomes):
        raise AssertionError(f"`{body.name}` rests on a guess that is not proved")
    return [answer for answer in body.outcomes if not answer.label.candidate]


def _of(answer: Answer, unlucky: Collection[str]) -> Decided:
    label, trace = answer.label, answer.trace
    return Decided(
        line=label.position.line,
        related=label.related.line,
        claim=label.claim.name,
        proved=answer.verdict is Verdict.PROVED,
        reason=answer.reason,
        late=answer.key in unlucky and answer.verdict is Verdict.NOT_PROVED,
        unsupported=answer.verdict is Verdict.UNSUPPORTED,
        obligation=answer.text if answer.verdict is Verdict.PROVED else "",
        solver=answer.solver,
        effort=answer.effort,
        initial=trace.initial if trace is not None else None,
        final=trace.final if trace is not None else None,
        head=_head(trace) if trace is not None and not trace.candidate else None,
    )


def _head(trace: Trace) -> Mapping[str, str] | None:
    """Return the values where the last loop on a path begins its round."""
    state, found = dict(trace.initial), None
    for step in trace.steps:
        state.update(step.values)
        if step.block.startswith(_HEAD):
            found = dict(state)
    return found
