"""From logs to labels: a model is fitted to half of the users, labels the turns of the others, and what checked labels show is released."""

from __future__ import annotations

import hashlib
import importlib.util
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts.audited import Audited
from probatum.dialogue.artefacts.policy import SessionRule
from probatum.dialogue.model.exploration import FLOOR, Askable, Drawn, draw
from probatum.dialogue.model.labels import TASKS, Label, check, labels, told
from probatum.dialogue.model.outcome import Outcome
from probatum.dialogue.model.outcome import fit as fit_outcome
from probatum.dialogue.model.release import Checked, Release, release
from probatum.dialogue.model.reliability import Reliability, reliability
from probatum.dialogue.model.requests import window
from probatum.dialogue.semantics.dialogue_file import DialogueModel, digest_of
from probatum.dialogue.semantics.dialogue_inputs import inputs
from probatum.dialogue.semantics.dialogues import Said, dialogues
from probatum.dialogue.semantics.judged import judged, patterns
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.semantics.rephrase_features import Vectors
from probatum.dialogue.semantics.rephrases import MOST_ENCODED
from probatum.errors import MissingExtra, ProbatumError
from probatum.infer import minilm
from probatum.infer.cached import CachedVectors

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

_SHARE = 0.5  # of users, that a model is fitted to
_MOST_FITTED = 30_000  # turns
_AT_ONCE = 2_000  # sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Labels of some logs.

    Attributes
    ----------
    labels : list of Label
        Of all turns of users that the model was not fitted to, released or not.
    releases : mapping of task to Release
    reliabilities : mapping of task to Reliability
    audited : set of str
        Turns whose labels somebody checked.
    aside : int
        Turns that somebody checked and that do not count, because the model was fitted to their users or they are not in the log.
    turns, judged : int
        Of the log, and of users that the model was not fitted to.
    """

    labels: list[Label]
    releases: Mapping[str, Release]
    reliabilities: Mapping[str, Reliability]
    audited: set[str]
    aside: int
    turns: int
    judged: int

    def released(self, one: Label) -> bool:
        """Whether a label may be used."""
        threshold = self.releases[one.task].threshold
        return threshold is not None and one.p >= threshold

    def per_thousand(self, task: str) -> float:
        """Return the labels of a task that may be used, for each 1,000 turns of those that were judged."""
        return 1000 * sum(one.task == task and self.released(one) for one in self.labels) / max(1, self.judged)


def vectors_of(digest: str) -> Vectors:
    """Return what makes the vectors that a model was fitted to.

    Raises
    ------
    ProbatumError
        If there is nothing here that makes such vectors.
    MissingExtra
        If the weights are not installed.
    """
    if digest == LetterVectors.digest:
        return LetterVectors()
    if digest == minilm.Encoder.digest:
        return CachedVectors(minilm.encoder())
    raise ProbatumError(
        "the model was fitted to vectors that nothing here makes", help="fit one with `probatum dialogue label fit`"
    )


def choose_vectors(conversations: Conversations, asked: str) -> Vectors:
    """Return what makes vectors: `minilm`, `letters`, or for `auto` the first if it is installed and the log is small enough."""
    if asked == "auto":
        [row] = conversations.sql("select count(*) as texts from {texts}")
        asked = "minilm" if row["texts"] <= 2 * MOST_ENCODED and not minilm.missing() else "letters"
    return vectors_of(minilm.Encoder.digest if asked == "minilm" else LetterVectors.digest)


def fitted_to(user: str, salt: str) -> bool:
    """Whether a model of this salt is fitted to a user, and does not label their turns."""
    return int.from_bytes(hashlib.sha256(f"fit {salt} {user}".encode()).digest()[:4], "big") < _SHARE * 2**32


def fit(
    conversations: Conversations,
    *,
    vectors: Vectors,
    network: bool | None = None,
    seed: int = 0,
    pretraining: int = 0,
    rule: SessionRule | None = None,
) -> DialogueModel:
    """Fit a model to half of the users, by what their logs tell of themselves.

    Parameters
    ----------
    conversations : Conversations
    vectors : Vectors
    network : bool or None
        Whether it is a Transformer, which torch fits; None: if torch is installed.
    seed : int
    pretraining : int
        Passes in which a network learns to tell dialogues from corrupted ones; see `dialogue_network.fit` for why there are none.
    rule : SessionRule, optional

    Raises
    ------
    ProbatumError
        If there are too few users, torch is asked for and missing, or regressions were to be pretrained.
    """
    from probatum.dialogue.fit import dialogue_logistic, slot_reader
    from probatum.dialogue.fit.log_targets import intents_of, targets

    rule = rule or SessionRule()
    outcome = _outcome(conversations, rule)
    salt = str(seed)
    sessions: list[list[Said]] = []
    turns = 0
    for session in _sessions(conversations, rule):
        # All sessions are read: a query that is left half way stays open.
        if turns < _MOST_FITTED and fitted_to(session[0].user, salt):
            sessions.append(session)
            turns += len(session)
    names = intents_of(sessions)
    places = {name: place for place, name in enumerate(names)}
    seen = inputs(sessions, vectors)
    examples = [targets(session, one, outcome, places) for session, one in zip(sessions, seen, strict=True)]
    there = importlib.util.find_spec("torch") is not None
    card = {"salt": salt, "share": _SHARE, "outcome": outcome.to_json()}
    if network and not there:
        raise MissingExtra(
            "a network is fitted with torch, which is not installed", help="pip install 'probatum[learn]', or ask for `logistic`"
        )
    of_torch = network or (network is None and there)
    if pretraining and not of_torch:
        raise ProbatumError("only a network is pretrained, and this fits regressions", help="leave out `--pretraining`")
    try:
        if of_torch:
            from probatum.dialogue.fit import dialogue_network

            model: DialogueModel = dialogue_network.fit(
                examples, intents=names, vectors=vectors.digest, seed=seed, pretraining=pretraining, card=card
            )
        else:
            model = dialogue_logistic.fit(examples, intents=names, vectors=vectors.digest, seed=seed, card=card)
    except ValueError as problem:
        raise ProbatumError(f"no model can be fitted to these logs: {problem}", help="import logs of more users") from None
    return replace(model, slots=slot_reader.fit(sessions, outcome, seed=seed))


def label(
    conversations: Conversations,
    model: DialogueModel,
    audit: Mapping[str, Audited],
    *,
    precision: float = 0.95,
    confidence: float = 0.95,
    rule: SessionRule | None = None,
) -> Labelled:
    """Label the turns of users that a model was not fitted to.

    Parameters
    ----------
    conversations : Conversations
    model : DialogueModel
    audit : mapping of turn to Audited
        What somebody checked. Of a task that nobody checked, what users said by themselves is taken, as far as it says anything.
    precision, confidence : float
        Of what is released; see `model.release.release`. Each task has them by itself.
    rule : SessionRule, optional
    """
    found: list[Label] = []
    tasks = [task for task in TASKS if task != "slots" or model.slots is not None]
    checked: dict[str, list[Checked]] = {task: [] for task in tasks}
    explicit: dict[str, list[Checked]] = {task: [] for task in tasks}
    seen: set[str] = set()
    turns = many = 0
    for session, own, every in judged_sessions(conversations, model, rule):
        turns += every
        many += len(session)
        said = {one.turn: one for one in session}
        for one in own:
            found.append(one)
            human = audit.get(one.turn)
            if human is not None:
                seen.add(one.turn)
            result = check(one, human) if human is not None else None
            if result is not None:
                checked[one.task].append(result)
            by_user = told(one, said[one.turn])
            if by_user is not None:
                explicit[one.task].append(by_user)
    known = {task: checked[task] or explicit[task] for task in tasks}
    return Labelled(
        labels=found,
        releases={task: release(own, precision=precision, confidence=confidence) for task, own in known.items()},
        reliabilities={task: reliability(own) for task, own in known.items()},
        audited=seen,
        aside=len(set(audit) - seen),
        turns=turns,
        judged=many,
    )


def judged_sessions(
    conversations: Conversations, model: DialogueModel, rule: SessionRule | None = None
) -> Iterator[tuple[list[Said], list[Label], int]]:
    """Yield sessions of users that a model was not fitted to, their labels, and how many turns of the log have passed since the last."""
    vectors = vectors_of(model.vectors)
    salt = str(model.card.get("salt", ""))
    passed = 0
    sessions = _sessions(conversations, rule or SessionRule())
    while group := list(islice(sessions, _AT_ONCE)):
        own = [session for session in group if not fitted_to(session[0].user, salt)]
        passed += sum(len(session) for session in group)
        for session, judgement in zip(own, model.judge(inputs(own, vectors)), strict=True):
            yield session, list(labels(session, judgement, model.intents, model.slots)), passed
            passed = 0


def to_ask(
    conversations: Conversations,
    model: DialogueModel,
    *,
    budget: float,
    seed: str,
    floor: float | None = None,
    rule: SessionRule | None = None,
) -> list[Drawn]:
    """Draw turns to ask somebody about, of users that a model was not fitted to; see `model.exploration`.

    Opinions are what signals say of how a turn went, and what the model does.
    """
    outcome = _outcome(conversations, rule or SessionRule())
    items = []
    for session, own, _ in judged_sessions(conversations, model, rule):
        said = {one.turn: one for one in session if one.text}
        items += [
            Askable(one.turn, one.user, said[one.turn].text, (outcome.probability(said[one.turn].pattern), _failed(one)))
            for one in own
            if one.task == "outcome" and one.turn in said
        ]
    if not items:
        raise ProbatumError("there is no turn to ask about", help="import logs of users that the model was not fitted to")
    return draw(items, budget=budget, seed=seed, floor=FLOOR if floor is None else floor)


def _failed(one: Label) -> float:
    return 1 - one.p if one.value == "good" else one.p


def table(done: Labelled, model: DialogueModel, *, every: bool) -> list[dict[str, Any]]:
    """Return labels as JSON: a head that says what they are from, and one line each, released ones only unless `every`."""
    tasks = {}
    counts = Counter(one.task for one in done.labels)
    for task, own in done.releases.items():
        tasks[task] = {
            "threshold": own.threshold,
            "precision_at_least": own.precision,
            "confidence": own.confidence,
            "users_checked": own.checked,
            "users_at_threshold": own.users,
            "right_at_threshold": own.right,
            "users_needed": own.needed,
            "labels": counts[task],
            "released": sum(one.task == task and done.released(one) for one in done.labels),
            "released_per_1000_turns": round(done.per_thousand(task), 1),
            "refused": own.reason,
            "reliability": done.reliabilities[task].to_json(),
            "assumptions": list(own.assumptions),
        }
    head = {
        "schema": "probatum-dialogue-labels/1",
        "model": digest_of(model),
        "kind": model.kind,
        "vectors": model.vectors,
        "turns": done.turns,
        "turns_of_users_not_fitted_to": done.judged,
        "checked_turns_that_do_not_count": done.aside,
        "tasks": tasks,
    }
    rows = [_row(one, done) for one in done.labels if every or done.released(one)]
    return [head, *rows]


def _row(one: Label, done: Labelled) -> dict[str, Any]:
    row: dict[str, Any] = {
        "turn": one.turn,
        "task": one.task,
        "value": one.value,
        "p": round(one.p, 4),
        "source": one.source,
        "released": done.released(one),
        "audited": one.turn in done.audited,
    }
    if one.task in ("meaning", "slots"):
        row["slots"] = [
            {"name": s.name, "value": s.value} | ({"begin": s.begin, "end": s.end} if s.begin >= 0 else {"from_context": True})
            for s in one.slots
        ]
        if one.of:
            row["of"] = one.of
    return row


def _outcome(conversations: Conversations, rule: SessionRule) -> Outcome:
    counts = patterns(
        conversations, judged(conversations, gap_s=rule.gap_s, window_s=window(conversations, rule), detector=rule.detector)
    )
    if not counts:
        raise ProbatumError("there is no turn to learn from", help="import logs with `probatum dialogue import`")
    return fit_outcome(list(counts), list(counts.values()))


def _sessions(conversations: Conversations, rule: SessionRule) -> Iterator[list[Said]]:
    return dialogues(conversations, gap_s=rule.gap_s, window_s=window(conversations, rule), detector=rule.detector)
