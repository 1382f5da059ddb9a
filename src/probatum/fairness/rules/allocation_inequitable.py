"""An allocation does not keep what is demanded of it, or gives the worst off less than it could.

## What it finds
Something scarce was shared out, and a demand of the policy (a floor, a gap between groups,
envy, a distance) is not kept; or all are, and another allocation that keeps them too is
better. Also demands that no allocation can keep, with a smallest set that contradict each
other.

## Why it matters
Who got less could have had more, at no cost to anybody worse off. A policy whose demands
contradict each other is broken by whoever decides, and nobody can tell by how much.

## Evidence
`Proof`: the better allocation, and multipliers of the demands that prove that nothing is
better still; or multipliers that prove the contradiction. All numbers are exact, and the proof
is sums of products.

## Not found
Whether needs and values are the true ones. The best Nash or alpha-fair welfare of things that
go whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.errors import UnreadableArtefact
from probatum.evidence import Proof
from probatum.fairness.artefacts import beside
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.allocation import AllocationRequirement
from probatum.findings import Cleared, Finding, Outcome, Repair, Strength, Undecided, Why
from probatum.source import DATA
from probatum.tools import Tools

RULE = "fairness/allocation-inequitable"
_LONG = 56  # characters of a demand in a message


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict on each allocation that the policy is about."""
    from probatum.fairness.model.allocation.linear import Unsolved

    for required in policy.of_kind(AllocationRequirement):
        tools.deadline.check()
        try:
            yield _verdict(policy, required, tools)
        except UnreadableArtefact as problem:
            yield _open(
                policy, required, Why.UNREADABLE, f"{problem.message}: {problem.help}" if problem.help else problem.message
            )
        except Unsolved as problem:
            yield _open(policy, required, Why.SOLVER_GAVE_UP, str(problem))


def _verdict(policy: Policy, required: AllocationRequirement, tools: Tools) -> Outcome:
    from probatum.fairness.artefacts.allocation import read_problem
    from probatum.fairness.model.allocation.answer import allocate
    from probatum.fairness.model.allocation.compare import Shortfall, shortfall
    from probatum.fairness.semantics.allocation import masses, shortcomings, text

    place = beside(policy.location.path, required.file)
    source = tools.inputs.get(DATA + place) if place is not None else None
    if source is None:
        return _open(policy, required, Why.MISSING_INPUT, f"the file `{required.file}` is not there")
    problem = read_problem(source, required.reading)
    answer = allocate(problem, required.demands, tools.deadline)
    body = {"requirement": required.id, **answer.certificate}
    if answer.conflict is not None:
        names = [row.name for row in answer.conflict.rows]
        policies = list(dict.fromkeys(row.policy for row in answer.conflict.rows))
        return _finding(
            policy,
            required,
            message=f"no allocation keeps all demands: {len(names)} contradict each other, such as {_short(names[-1])}",
            cause=f"these cannot be kept together: {', '.join(policies)}",
            proof=Proof(
                method="fairness/allocation/1",
                claim=f"no allocation keeps all of these: {'; '.join(names[:12])}",
                certificate={**body, "verdict": "conflict"},
            ),
            repair="weaken or drop any one demand of the contradiction",
        )
    best = {**body, "verdict": "attainable"}
    if problem.given is None:
        return _cleared(
            policy,
            required,
            answer.words,
            f"an allocation that is best by {_welfare(required)}, and keeps all demands, is known",
            best,
        )
    short = shortcomings(answer.problem, required.demands, problem.given, answer.known)
    if short:
        name, much = short[0]
        return _finding(
            policy,
            required,
            message=f"the allocation does not keep this, by {text(much)}: {_short(name)}",
            cause=f"`{required.id}` demands it, and {len(short) - 1} more are not kept",
            proof=Proof(
                method="fairness/allocation/1",
                claim=f"the allocation does not keep this: {name}; another keeps all demands",
                certificate={**body, "verdict": "unkept", "shortcoming": name},
            ),
            repair="allocate as the certificate does: it keeps all demands",
        )
    pairs = {pair: n for n, pair in enumerate(answer.program.pairs)}
    given = answer.program.utility({pairs[pair]: much for pair, much in problem.given.items() if pair in pairs})
    leximin = required.demands.welfare == "leximin"
    weights = [agent.weight for agent in problem.agents] if leximin else masses(answer.problem)
    reached = answer.program.utility({pairs[pair]: much for pair, much in answer.shares.items()})
    found: Shortfall | None = shortfall(given, reached, weights, required.demands, required.tolerance)
    if found is None:
        best = {**body, "verdict": "best"}
        return _cleared(
            policy, required, answer.words, f"the allocation keeps all demands, and is best by {_welfare(required)}", best
        )
    if found.rank:
        who = "the worst off has" if found.rank == 1 else f"number {found.rank} from below has"
        message = f"{who} {found.have:.4g}, and could have {found.could:.4g} while all demands are kept"
    else:
        message = f"utilities are worth {found.have:.4g} each, and could be worth {found.could:.4g} while all demands are kept"
    return _finding(
        policy,
        required,
        message=message,
        cause=f"the allocation is not the best by {_welfare(required)}, which `{required.id}` asks for",
        proof=Proof(
            method="fairness/allocation/1",
            claim=f"an allocation keeps all demands in which, by {_welfare(required)}, {found.could:.6g} is attained instead of {found.have:.6g}",
            certificate={**body, "verdict": "below"},
        ),
        repair="allocate as the certificate does",
    )


def _welfare(required: AllocationRequirement) -> str:
    demands = required.demands
    return f"alpha-fair welfare ({float(demands.alpha):g})" if demands.welfare == "alpha" else demands.welfare


def _short(name: str) -> str:
    if len(name) <= _LONG:
        return name
    cut = name[: _LONG - 3]
    return cut + ("`..." if cut.count("`") % 2 else "...")


def _finding(policy: Policy, required: AllocationRequirement, *, message: str, cause: str, proof: Proof, repair: str) -> Finding:
    return Finding(
        rule=RULE,
        subject=f"{policy.subject}: {required.id}",
        location=required.location,
        message=message,
        evidence=proof,
        cause=cause,
        anchor=(required.id,),
        assumptions=_assumptions(required),
        repair=Repair(title=repair, verified=proof),
    )


def _cleared(
    policy: Policy, required: AllocationRequirement, words: tuple[str, ...], message: str, body: dict[str, object]
) -> Outcome:
    if words:
        return _open(policy, required, Why.SOLVER_GAVE_UP, f"no better allocation was found, and it is not proved {words[0]}")
    return Cleared(
        rule=RULE,
        subject=f"{policy.subject}: {required.id}",
        location=required.location,
        message=message,
        strength=Strength.PROVED,
        evidence=Proof(method="fairness/allocation/1", claim=message, certificate=body),
        assumptions=_assumptions(required),
        anchor=(required.id,),
    )


def _assumptions(required: AllocationRequirement) -> tuple[str, ...]:
    demands = required.demands
    found = [f"needs, values and capacities are those of `{required.file}`"]
    if demands.mms:
        found.append("no maximin share is larger than the partition that attains it, which a solver found and nothing proves")
    if demands.chance is not None:
        found.append("needs on other days are independent and alike, or have the standard deviation that is written")
    if demands.welfare != "leximin" and demands.alpha:
        found.append("best to a millionth of the welfare's slope")
    return tuple(found)


def _open(policy: Policy, required: AllocationRequirement, why: Why, reason: str) -> Undecided:
    return Undecided(
        rule=RULE,
        subject=f"{policy.subject}: {required.id}",
        location=required.location,
        why=why,
        reason=reason if len(reason) <= 160 else reason[:157] + "...",
        anchor=(required.id,),
    )
