"""Made data with known truth, to learn from and to test with; no system may import it.

Everything made here says so: in its name, in a column of every row, and in what
is written beside it.
"""
