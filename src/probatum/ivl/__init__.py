"""The Boogie verification language: programs with assertions, and whether all of them hold for all inputs.

A text becomes a tree (`syntax`), the tree is resolved and typed (`checking`),
types and procedures become ground (`elaborate`: a `Theory` and a `Module` of
blocks over shared `terms`), calls and loops go (`calls`, `unrolling`, `loops`),
and what is left becomes one question to solvers per assertion (`conditions`).
"""
