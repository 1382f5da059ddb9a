"""Requests for people to judge: a sheet that does not say which answer is whose, and what comes of it when it is filled in.

What was drawn, with which probability, and in which order the two answers of a row stand is in a file of its own, the plan,
so that whoever fills in the sheet cannot know. Judgements are kept one by one, by whomever.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from probatum.dialogue.semantics.phrases import said
from probatum.dialogue.service.journal import Journal
from probatum.dialogue.service.registry import CONFIDENCE, HARMLESS, Registry
from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.source import Location
from probatum.stats.agreement import Agreement, krippendorff
from probatum.stats.surveys import Drawn, Share, share
from probatum.stats.win_loss import win_loss

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.dialogue.service.registry import Rewrite

Verdict = Literal["win", "loss", "tie"]

PLAN = "probatum-audit-plan/1"
LABELS = "labels.jsonl"  # in the folder of conversations
VERDICTS = "audits.jsonl"  # in the folder of the service
TO_FILL = ("a_ok", "b_ok", "better", "annotator")
COLUMNS = ("row", "request", "answer_a", "answer_b", *TO_FILL)
OK = ("yes", "no", "cannot", "unclear")  # cannot: what the assistant is not made for
BETTER = ("a", "b", "same")
_NOTHING = "(no answer)"
# Of requests with one answer: least probability of failing -> how much is asked about them, as a standard deviation.
_STRATA = (("likely failed", 0.8, 0.4), ("unsure", 0.2, 0.5), ("likely fine", -1.0, 0.2))


class NothingToAudit(ProbatumError):
    """There is no request that could be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A row of the plan.

    Attributes
    ----------
    row, turn, user : str
    stratum : str
    inclusion : float
        Probability of being drawn.
    rewrite : str
        Identifier of the rewrite that the two answers are compared for; "" for one answer.
    got, other : {"a", "b", ""}
        Which column has the answer that the user got, and which the other one.
    rewritten : bool
        Whether the user got the answer to what it was rewritten to.
    """

    row: str
    turn: str
    user: str
    stratum: str
    inclusion: float
    rewrite: str = ""
    got: str = "a"
    other: str = ""
    rewritten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was drawn: the rows, of how many requests, and of how many more that could not be shown."""

    identifier: str
    seed: int
    frame: int
    hidden: int
    rows: tuple[Asked, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON."""
        return {"schema": PLAN, **asdict(self)}


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    UnreadableArtefact
        If it cannot be read, or is something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        schema = found.pop("schema")
        plan = Plan(**{**found, "rows": tuple(Asked(**row) for row in found["rows"])})
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as problem:
        raise UnreadableArtefact(
            f"the plan `{path}` cannot be read ({problem})",
            help="name the file that `probatum dialogue audit sample` wrote with the sheet",
            location=Location(path.as_posix()),
        ) from None
    if schema != PLAN:
        raise UnreadableArtefact(
            f"the plan `{path}` is a `{schema}`", help=f"name one that is a `{PLAN}`", location=Location(path.as_posix())
        )
    return plan


def keep(audit: Audit, plan: Plan, judgements: Sequence[Judgement], *, conversations: Path, service: Path, at: float) -> int:
    """Keep labels beside the conversations, and verdicts beside the registry; return how many judgements are new.

    Labels have the source `human`, and name turns; what each person said stays beside what most said.
    """
    labels = Journal(conversations / LABELS)
    known = {(one["plan"], one["row"], one["annotator"]) for one in labels.entries}
    turns = {one.row: one.turn for one in plan.rows}
    fresh = [one for one in judgements if (plan.identifier, one.row, one.annotator) not in known]
    for one in fresh:
        turn = turns[one.row]
        own = {"task": "outcome", "source": "human", "turn": turn, "said": one.got, "label": audit.labels.get(turn), "at": at}
        labels.append({**own, "plan": plan.identifier, "row": one.row, "annotator": one.annotator})
    if audit.verdicts:
        journal = Journal(service / VERDICTS)
        told = {(one["rewrite"], one["user"]) for one in journal.entries}
        for (rewrite, user), verdict in audit.verdicts.items():
            if (rewrite, user) not in told:
                journal.append({"rewrite": rewrite, "user": user, "verdict": verdict, "plan": plan.identifier, "at": at})
    return len(fresh)


def tallies(service: Path) -> dict[str, tuple[int, int]]:
    """Return wins and losses of each rewrite in all audits together, each user once."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in Journal(service / VERDICTS).entries:
        counts[one["rewrite"]][one["verdict"]] += 1
    return {name: (many["win"], many["loss"]) for name, many in sorted(counts.items())}


def steps(registry: Registry, found: Mapping[str, tuple[int, int]], *, at: float, take: bool) -> list[tuple[str, str]]:
    """Return the steps that audits alone support, as (rewrite, state), and take them if asked to; canaries together, by e-BH."""
    done = []
    known = registry.rewrites("shadow")
    # All that are tried now, also those that nobody judged; what becomes a canary here has to be tried first.
    tried = {name: found.get(name, (0, 0)) for name in registry.rewrites("canary")}
    for name, (wins, losses) in found.items():
        bound = win_loss(wins, losses, confidence=CONFIDENCE) if name in known and wins + losses else None
        if bound is not None and (bound.low or 0.0) >= HARMLESS:
            done.append((name, "canary"))
            if take:
                registry.move(name, "canary", at=at, evidence=bound.estimate("share of wins, by people"))
    shipped = registry.ship(tried, at=at) if take else registry.shippable(tried)
    return [*done, *((name, "active") for name in shipped)]


def forget(user: str, *, conversations: Path, service: Path) -> int:
    """Remove labels of turns that are there no more, and the verdicts of a user; return how many entries were removed.

    Parameters
    ----------
    user : str
        The pseudonym.
    """
    gone = 0
    if (conversations / LABELS).is_file():
        from probatum.dialogue.semantics.conversations import stored

        with stored(conversations) as opened:
            there = {row["turn_id"] for batch in opened.stream("select turn_id from {turns}") for row in batch}
        gone += Journal(conversations / LABELS).rewrite(lambda one: one["turn"] in there)
    if (service / VERDICTS).is_file():
        gone += Journal(service / VERDICTS).rewrite(lambda one: one["user"] != user)
    return gone


def sample(
    conversations: Conversations,
    goals: str,
    rewrites: Mapping[str, Rewrite],
    many: int,
    *,
    users: int,
    seed: int | None = None,
) -> tuple[Plan, str]:
    """Draw requests, and return the plan and the sheet as CSV.

    Parameters
    ----------
    conversations : Conversations
    goals : str
        See `semantics.goals`.
    rewrites : mapping of identifier to Rewrite
        On record: answers with and without them are set side by side, half of the rows if there are so many.
    many : int
    users : int
        Only requests and answers of at least so many users are shown; 1 for all.
    seed : int or None
        None: drawn.

    Raises
    ------
    NothingToAudit
        If no request can be shown.
    """
    seed = secrets.randbits(32) if seed is None else seed
    rng = Random(seed)  # noqa: S311 - a sample that can be drawn again
    rows = _requests(conversations, goals)
    wide: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for text in {row["text"], row["answer"]}:
            wide[text].add(row["user_id"])
    shown = [row for row in rows if all(len(wide[text]) >= users for text in (row["text"], row["answer"]))]
    if not shown:
        raise NothingToAudit(
            f"none of {len(rows):,} requests can be shown: each was made by fewer than {users} users, or its answer was given to fewer",
            help="name a smaller `--users` if those who judge may see what single users said",
        )
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for row in shown:
        answers[row["became"] or row["text"]][row["answer"]] += 1
    by_source = {one.source: name for name, one in rewrites.items() if one.scope == "global" and one.state != "retired"}
    strata: dict[str, list[Any]] = defaultdict(list)
    for row in shown:
        name = by_source.get(row["text"])
        if name is not None:
            target, used = rewrites[name].target, row["became"]
            other = answers.get(row["text"] if used else target)
            # The other answer is the one that most got who were answered so.
            if other and used in ("", target):
                strata["compared"].append({**row, "rewrite": name, "other": other.most_common(1)[0][0]})
                continue
        strata[next(name for name, least, _ in _STRATA if 1 - row["p_good"] > least)].append(row)
    drawn: list[tuple[Asked, str, str, str]] = []
    for stratum, taken in _allocated(strata, many).items():
        members = strata[stratum]
        drawn += [_asked(row, stratum, taken / len(members), rng) for row in rng.sample(members, taken)]
    rng.shuffle(drawn)
    identifier = f"{rng.getrandbits(48):012x}"
    plan = Plan(
        identifier=identifier, seed=seed, frame=len(shown), hidden=len(rows) - len(shown), rows=tuple(one for one, *_ in drawn)
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([one.row, *(_cell(text) for text in texts), "", "", "", ""] for one, *texts in drawn)
    return plan, out.getvalue()


def _requests(conversations: Conversations, goals: str) -> list[dict[str, Any]]:
    query = f"""
        select g.turn_id, g.user_id, g.p_good, x.normalised as text, coalesce(b.normalised, '') as became,
               coalesce(r.normalised, '{_NOTHING}') as answer
        from {goals} g join {{turns}} t using (turn_id) join {{texts}} x on x.text_id = g.text_id
        left join {{texts}} b on b.text_id = g.rewritten_id left join {{texts}} r on r.text_id = t.response_id
        where g.user_id is not null order by g.turn_id"""  # noqa: S608 - names of our own
    found = [dict(row) for batch in conversations.stream(query, size=20_000) for row in batch]
    remarks = {text for text in {row["text"] for row in found} if said(text)}
    return [row for row in found if row["text"] not in remarks]


def _allocated(strata: Mapping[str, Sequence[Any]], many: int) -> dict[str, int]:
    """Return how many of each stratum are drawn: all kinds, and most of what is told least surely by the model."""
    compared = min(len(strata.get("compared", ())), many // 2)
    taken = {"compared": compared} if compared else {}
    weight = {name: len(strata.get(name, ())) * spread for name, _, spread in _STRATA}
    left = many - compared
    for name in sorted(weight, key=lambda one: weight[one]):
        if weight[name]:
            whole = sum(weight[other] for other in weight if other not in taken)
            wanted = max(2, round(left * weight[name] / whole))
            taken[name] = min(len(strata[name]), wanted)
            left = max(0, left - taken[name])
    return taken


def _asked(row: Mapping[str, Any], stratum: str, inclusion: float, rng: Random) -> tuple[Asked, str, str, str]:
    other = row.get("other", "")
    got = rng.choice("ab") if other else "a"
    asked = Asked(
        row=f"{rng.getrandbits(40):010x}",
        turn=row["turn_id"],
        user=row["user_id"],
        stratum=stratum,
        inclusion=inclusion,
        rewrite=row.get("rewrite", ""),
        got=got,
        other=("b" if got == "a" else "a") if other else "",
        rewritten=bool(row["became"]),
    )
    one, two = (row["answer"], other) if got == "a" else (other, row["answer"])
    return asked, row["text"], one, two


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody said of a row: of the answer that the user got, and of the other one."""

    row: str
    annotator: str
    got: str
    other: str = ""
    verdict: Verdict | Literal[""] = ""


def read_sheet(text: str, plan: Plan, *, named: str) -> tuple[list[Judgement], list[str]]:
    """Read a sheet that was filled in; return the judgements, and what is wrong with other rows, with their lines.

    Parameters
    ----------
    text : str
    plan : Plan
    named : str
        Who filled it in, where a row does not say.
    """
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    known = {one.row: one for one in plan.rows}
    found: dict[tuple[str, str], Judgement] = {}
    wrong: list[str] = []
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    missing = [name for name in ("row", "a_ok") if name not in (rows.fieldnames or ())]
    if missing:
        return [], [f"line 1: there is no column `{missing[0]}`"]
    for row in rows:
        cells = {name: (row.get(name) or "").strip().casefold() for name in (*TO_FILL, "row")}
        if not any(cells[name] for name in ("a_ok", "b_ok", "better")):
            continue  # not filled in
        asked = known.get(cells["row"])
        who = (row.get("annotator") or "").strip() or named
        why = _wrong(cells, asked) or ("it is judged twice by one person" if (cells["row"], who) in found else "")
        if why or asked is None:
            wrong.append(f"line {rows.line_num}: {why}")
            continue
        found[cells["row"], who] = Judgement(
            row=asked.row,
            annotator=who,
            got=cells[f"{asked.got}_ok"],
            other=cells[f"{asked.other}_ok"] if asked.other else "",
            verdict=_verdict(cells, asked),
        )
    return list(found.values()), wrong


def _wrong(cells: Mapping[str, str], asked: Asked | None) -> str:
    if asked is None:
        return f"there is no row `{cells['row']}` in the plan"
    for name, allowed in (("a_ok", OK), ("b_ok", OK), ("better", BETTER)):
        needed = name == "a_ok" or (name == "b_ok" and asked.other)
        if cells[name] and cells[name] not in allowed:
            return f"`{name}` is `{cells[name][:40]}`; write {', '.join(allowed)}"
        if needed and not cells[name]:
            return f"`{name}` is empty; write {', '.join(allowed)}"
        if cells[name] and name != "a_ok" and not asked.other:
            return f"`{name}` is filled in, and there is one answer"
    worse = {"a": "b", "b": "a"}.get(cells["better"], "")
    if worse and cells[f"{worse}_ok"] == "yes" and cells[f"{cells['better']}_ok"] == "no":
        return f"`{cells['better']}` cannot be better: it is not what was asked for, and `{worse}` is"
    return ""


def _verdict(cells: Mapping[str, str], asked: Asked) -> Verdict | Literal[""]:
    """Return whether the rewrite's answer is better."""
    if not asked.other:
        return ""
    column = asked.got if asked.rewritten else asked.other
    plain = "b" if column == "a" else "a"
    if (cells[f"{column}_ok"], cells[f"{plain}_ok"]) in (("yes", "no"), ("no", "yes")):
        return "win" if cells[f"{column}_ok"] == "yes" else "loss"
    return "tie" if cells["better"] not in ("a", "b") else "win" if cells["better"] == column else "loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What a sheet says.

    Attributes
    ----------
    labels : dict of turn to str
        `good`, `bad` or `cannot`, where most of those who judged it say so.
    disputed : int
        Rows of which no verdict has most.
    unclear : int
    defects : Share or None
        Of the requests that could be shown; None for fewer than two users.
    agreement : Agreement
    verdicts : dict of (rewrite, user) to {"win", "loss", "tie"}
        Of the first row of each user for a rewrite.
    """

    labels: dict[str, str]
    disputed: int
    unclear: int
    defects: Share | None
    agreement: Agreement
    verdicts: dict[tuple[str, str], str]


def audited(plan: Plan, judgements: Iterable[Judgement], *, confidence: float = 0.95) -> Audit:
    """Put together what people said of the rows of a plan."""
    by_row: dict[str, list[Judgement]] = defaultdict(list)
    for one in judgements:
        by_row[one.row].append(one)
    labels: dict[str, str] = {}
    drawn: list[Drawn] = []
    disputed = unclear = 0
    verdicts: dict[tuple[str, str], str] = {}
    judged = [one for one in plan.rows if one.row in by_row]
    for asked in judged:
        own = by_row[asked.row]
        said_most = _most([one.got for one in own])
        disputed += said_most is None
        unclear += said_most == "unclear"
        if said_most in ("yes", "no"):
            drawn.append(Drawn(asked.user, asked.inclusion, said_most == "no"))
        if said_most in ("yes", "no", "cannot"):
            labels[asked.turn] = {"yes": "good", "no": "bad"}.get(said_most, said_most)
        verdict = _most([one.verdict for one in own])
        if asked.rewrite and verdict:
            verdicts.setdefault((asked.rewrite, asked.user), verdict)
    units = [[one.got for one in by_row[asked.row]] for asked in judged]
    return Audit(
        labels=labels,
        disputed=disputed,
        unclear=unclear,
        defects=share(drawn, confidence=confidence) if len({one.user for one in drawn}) >= 2 else None,
        agreement=krippendorff(units, [asked.user for asked in judged], confidence=confidence),
        verdicts=verdicts,
    )


def _most(values: Sequence[str]) -> str | None:
    """Return what most say; None for a draw."""
    ranked = Counter(values).most_common(2)
    return None if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]
