"""What Python means for all inputs: a function with a contract becomes a program of the Boogie language.

`lowered.Lowered` is what comes out: a text that `probatum.ivl` verifies, and for
each of its assertions what it claims of the Python program, and where.
"""
