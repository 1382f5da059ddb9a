"""Groups that nobody named: searched for in one half of the people, and confirmed in the other.

`frame` reads the table once and divides numbers into bins; `lattice` finds the
conjunctions with the best score, `pockets` what is alike by an embedding,
`residual` what a regression of the loss finds; `confirm` says which of these
are worse than everyone whatever chance did; `search` puts them together.
"""
