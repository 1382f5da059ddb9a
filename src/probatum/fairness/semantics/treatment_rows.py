"""From a table to the arrays of a decomposition by who is treated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.requirements.treatment import TreatmentRequirement
from probatum.fairness.semantics.causal_rows import CausalRows
from probatum.project.document import suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

_YES, _NO = ("1", "true", "t"), ("0", "false", "f")


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentSample:
    """Complete rows.

    Attributes
    ----------
    group : array of shape (n,), int
        1 in group a, 0 in group b; differences are a less b.
    treated : array of shape (n,), int
        0 or 1.
    outcome : array of shape (n,), float64
    confounders : array of shape (n, p), float64
        All that treatment and outcome have in common besides the group, without `conditions`.
    conditions : array of shape (n, q), float64
        Q: what makes a difference in treatment justified; q = 0 for none.
    clusters : array of shape (n,), int, or None
    """

    group: NDArray[np.int64]
    treated: NDArray[np.int64]
    outcome: NDArray[np.float64]
    confounders: NDArray[np.float64]
    conditions: NDArray[np.float64]
    clusters: NDArray[np.int64] | None = None


def treated_rows(required: TreatmentRequirement, rows: CausalRows, confounders: Sequence[str]) -> TreatmentSample:
    """Return the rows with the treatment as 0 and 1.

    Raises
    ------
    UnreadableArtefact
        If the treatment has other values, and the graph does not say which of them means treated.
    """
    import numpy as np

    variable, levels = required.asked.graph.variables[required.treatment], rows.levels[0]
    plain = [level.lower() for level in levels]
    if variable.positive is not None:
        yes = [at for at, level in enumerate(levels) if level == variable.positive]
        yes = yes or [at for at, level in enumerate(plain) if variable.positive == {"1": "true", "0": "false"}.get(level, level)]
        if not yes:
            raise UnreadableArtefact(
                f"no complete row has `{variable.positive}` in the column `{variable.column}`",
                help=suggestion(variable.positive, levels),
                location=variable.location,
            )
    elif all(level in _YES + _NO for level in plain):
        yes = [at for at, level in enumerate(plain) if level in _YES]
    else:
        raise UnreadableArtefact(
            f"`{variable.column}` has {len(levels)} values, and it is not said which of them means that someone is treated",
            help=f"say it in the graph: `{variable.name}: {{role: treatment, positive: {levels[-1]}}}`",
            location=variable.location,
        )
    return TreatmentSample(
        group=rows.group,
        treated=np.isin(rows.mediators[0], yes).astype(np.int64),
        outcome=rows.outcome,
        confounders=rows.known(confounders),
        conditions=rows.baseline,
        clusters=rows.clusters,
    )
