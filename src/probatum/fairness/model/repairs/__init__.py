"""Other ways to decide, with which groups differ as little as a policy allows: fitted on one half, tested on the other.

`people` reads who was decided on; `thresholds`, `retrained` and `abstention` make
candidates on one half; `safety` lets a candidate pass only if, on the other half,
the upper bound of the gap is within the policy, and says what it costs and whom.
What does not pass is not proposed: "no solution found" is an answer. `search` puts
them together.
"""
