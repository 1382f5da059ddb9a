"""The margin by which a rewrite must be likelier."""

from __future__ import annotations

import numpy as np

from probatum.dialogue.model.choice import Choices, Fitted
from probatum.dialogue.model.margin import ALLOWED, CAREFUL, margin


def seen(leads: list[float]) -> tuple[Choices, list[str], Fitted]:
    """Return choices of one other option each, with this much more logit than what was said and meant, one a user."""
    rows = np.array([[value] for lead in leads for value in (0.0, lead)])
    many = len(leads)
    choices = Choices(rows, np.repeat(np.arange(many), 2), np.arange(many) * 2, np.ones(many))
    return choices, [f"u{n}" for n in range(many)], Fitted(("lead",), (1.0,), many, 0.5, 0.7)


def test_a_clear_log_allows_a_small_margin() -> None:
    found = margin(*seen([-5.0] * 4000))

    assert found.shown
    assert found.least == 0.05
    assert found.high <= ALLOWED


def test_requests_that_were_fine_keep_the_margin_above_what_would_rewrite_them() -> None:
    found = margin(*seen([-5.0] * 4900 + [1.5] * 100))  # lead in probability: 0.635

    assert found.shown
    assert found.least == 0.65
    assert found.rewritten == 0


def test_too_few_users_show_nothing() -> None:
    found = margin(*seen([-5.0] * 1000))

    assert (found.least, found.shown) == (CAREFUL, False)
    assert margin(None, [], None).least == CAREFUL
