"""Program verification: what a program promises, proved for all inputs or refuted by a run.

Programs of the Boogie language (`.bpl`) are read here; `model` asks `ivl` for a
proof of every assertion and searches for runs that violate one. What a single
run means is `semantics`, which knows nothing of proofs: `recheck` runs a
counterexample again with it.

Start reading at `rules/assertion_violated.py`.
"""
