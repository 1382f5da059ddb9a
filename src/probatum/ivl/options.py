"""How to verify: what Boogie's users set, with Boogie's defaults."""

from __future__ import annotations

from probatum.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a verification; each is named after Boogie's where there is one.

    Attributes
    ----------
    error_limit : int
        Errors reported per implementation (0: all).
    inline_depth : int
        `-inlineDepth:n`: calls of procedures without `{:inline}` are inlined this deep too; -1: only marked ones.
    inline : str
        `-inline:` none, assume, assert or spec: what stands at a call that is too deep.
    loop_unroll : int or None
        `-loopUnroll:n`; None: loops are cut by invariants.
    sound_unrolling : bool
        `-soundLoopUnrolling`: a path that needs more iterations than are unrolled fails an assertion; without
        it such a path is not looked at.
    procedures : tuple of str
        `-proc:p` with `*` as wildcard; empty: all.
    ignored_procedures : tuple of str
    libraries : tuple of str
        `-lib:base` and others.
    verify : bool
        False: `-noVerify`.
    infer : bool
        `-contractInfer`: Houdini.
    intervals : bool
        `-infer:j`: bounds of numbers are guessed for every loop, and those that are proved are its invariants too.
    prune : int
        Which axioms an obligation is given. `-prune:0`: all, even hidden ones. `-prune:1`: those that triggers and
        `uses` clauses lead to. 2, which is ours: all but those that cannot help, whatever is declared.
    timeout_s : float or None
        `-timeLimit:n`: for one obligation (Boogie's is for an implementation).
    rlimit : int or None
        `-rlimit:n`.
    subsumption : int
        `-subsumption:n`: 0 an assertion is not assumed afterwards, 1 if it has no quantifier, 2 always.
    split_on_every_assert : bool
        `-vcsSplitOnEveryAssert`: what `hide` and `reveal` say holds for each assertion by itself. Otherwise, as in
        Boogie, all assertions of a body know what one of them knows.
    smoke : bool
        `-smoke`: look for code that is never reached.
    remove_empty_blocks : bool
        `-removeEmptyBlocks:0` keeps them, and they appear in traces.
    templates : bool
        Ours: other invariants of usual forms are guessed too, see `probatum.ivl.templates`.
    infer_modifies : bool
        `-inferModifies`: modifies clauses are worked out from the bodies.
    always_assume_free_invariants : bool
        `-alwaysAssumeFreeLoopInvariants`: they are assumed also where invariants are asserted.
    seed : int
        `-randomSeed:n`, of the solvers.
    solver_options : tuple of (str, str)
        `-proverOpt:O:name=value`: settings of the search, where the solver takes them.
    """

    error_limit: int = 5
    inline_depth: int = -1
    inline: str = "assume"
    loop_unroll: int | None = None
    sound_unrolling: bool = False
    procedures: tuple[str, ...] = ()
    ignored_procedures: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    verify: bool = True
    infer: bool = False
    intervals: bool = False
    templates: bool = False
    prune: int = 2
    timeout_s: float | None = None
    rlimit: int | None = None
    subsumption: int = 2
    split_on_every_assert: bool = False
    smoke: bool = False
    remove_empty_blocks: bool = True
    infer_modifies: bool = False
    always_assume_free_invariants: bool = False
    seed: int = 0
    solver_options: tuple[tuple[str, str], ...] = ()
