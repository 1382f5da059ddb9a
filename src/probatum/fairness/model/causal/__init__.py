"""Why groups differ, as far as a causal graph and a table can say.

`reduction` is the doubly robust estimate of how much of a disparity would go if
a mediator were distributed alike; `weighting` and `linear` estimate the same by
other means, `orders` for several mediators. `treatment` decomposes by a
treatment: who gets it, and whom it helps. `sensitivity` says how strong what
nobody measured would have to be. Nobody's group is ever imagined changed: what
is compared are distributions of what comes after.
"""
