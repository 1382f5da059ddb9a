"""Numbers that hold: bounds that are valid for the sample at hand, not only for large ones.

Every function here states the assumptions under which its bound is valid, and
returns them with the number, because a bound without them is an opinion. None
of them approximates a distribution by another; what is rounded is rounded away
from the estimate. `bounds.py` computes, and `recheck.py` confirms a stored
estimate from its counts by other means. `win_loss`, `sequences` and `arms` may be
looked at after every observation; `off_policy` judges what was never done. All
these need nothing but Python. `gaps.py` compares rates of many groups, and needs NumPy and SciPy.

For scores: `budgets` says what so many of them can certify, `neyman_pearson` and `group_thresholds` choose thresholds within
a budget of false alarms, `learn_then_test` several settings at once, and `bands` two thresholds with two or three risks. `prior_shift` says what follows where faults are rarer,
`label_shift` whether it does, `venn_abers` makes scores probabilities, `exchangeability` bets on a change, `rising` on an abrupt one, and `audits` bounds
what was passed though it is faulty. They need NumPy, some of them SciPy.
"""
