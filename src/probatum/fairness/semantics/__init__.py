"""What a table of decisions says: counted once, and every quantity a function of the counts.

`relation` opens a table in place, `decisions` says which rows and columns a
policy means, `cube` counts them, `metrics` is what each quantity is for given
counts. Nothing here estimates, bounds or searches.
"""
