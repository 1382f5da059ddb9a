"""Numbers that hold: bounds that are valid for the sample at hand, not only for large ones.

Every function here states the assumptions under which its bound is valid, and
returns them with the number, because a bound without them is an opinion. None
of them approximates a distribution by another; what is rounded is rounded away
from the estimate. `bounds.py` computes, and `recheck.py` confirms a stored
estimate from its counts by other means. `win_loss`, `sequences` and `arms` may be
looked at after every observation; `off_policy` judges what was never done. All
these need nothing but Python. `gaps.py` compares rates of many groups, and needs NumPy and SciPy.
"""
