"""`probatum fairness`: questions about decisions, beyond what rules ask.

Each verb stands in a module of its own, `fairness_<verb>`, which is imported
when it is asked for.
"""

from __future__ import annotations

import click

from probatum.cli.verbs import Verbs

# Name -> what it does in a line, in the order of `--help`.
VERBS: dict[str, str] = {
    "allocate": "Share out what is scarce as well as can be, with a proof; or say which demands contradict each other.",
    "audit": "Show every quantity of every group, with bounds that hold for all of them at once.",
    "decompose": "Split gaps between groups by characteristics: who differs in what, and what is left.",
    "explain": "Tell one decision's whole story: inputs, steps, score, what added to it, what would have changed it.",
    "table": "Make a table from health records (FHIR bundles), by a mapping.",
    "record": "Run a command, and record what went in and what came out, by group; or export a record.",
    "repair": "Find other ways to decide that keep a policy, tested on people they were not fitted to.",
    "neutralise": "Write a model without what it must not look at, with a proof that nobody's score depends on it.",
    "slices": "Find who fares worst, in one half of the people, and confirm it in the other.",
    "certify": "Prove by how much a model can tell apart two people who differ only in what is named.",
    "simulate": "Write a simulated cohort whose true disparities are known.",
    "causal": "Divide a disparity by what it goes through, as a causal graph allows.",
    "convert": "Write a model out of a pickle as JSON that can be read without running it.",
}


@click.group("fairness", cls=Verbs, verbs=VERBS)
def group() -> None:
    """Decisions about people: how groups fare, why, and what would be fair.

    Exit status: 0 decided and as required, 1 not as required, 2 something that
    was named cannot be read or used, 3 not known, 4 a defect of probatum.
    """
