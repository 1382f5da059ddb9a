"""Boogie's own options, in both of its spellings: what each means here.

A table: an option sets something, or is accepted without effect and says why,
or is refused and says why. Nothing is swallowed: a name that is not in the
table is an error with the nearest name.

Start reading at `TABLE`.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from probatum.errors import UsageError


@dataclass(slots=True)
class Settings:
    """What is asked for, besides the files.

    Attributes
    ----------
    fields : dict
        Fields of `probatum.ivl.options.Options`, by name.
    error_trace : int
        0 prints no execution traces.
    silence : int
        1 leaves out closing lines, 2 everything.
    stop_after : str
        `parse` or `resolution`; empty: go on.
    print_file : str
        Where the program goes after parsing; `-` is standard output, empty nowhere.
    print_smt : str
        A directory for the questions to the solver.
    stability : int
        How many seeds, and how many variants, every proof is tried under; 0 for none.
    max_cost : int or None
        The gate: more work than this for a proof ends with status 1, and so does a fragile one.
    certify : str
        Where the report with certificates goes; empty: none are looked for.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    error_trace: int = 1
    silence: int = 0
    base_names: bool = False
    together: bool = False
    stop_after: str = ""
    print_file: str = ""
    print_assignment: bool = False
    counts: bool = True
    own_messages: bool = True
    values: bool = False
    trace: bool = False
    jobs: int | None = None
    print_smt: str = ""
    stability: int = 0
    max_cost: int | None = None
    certify: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an option means.

    Attributes
    ----------
    argument : str
        As it is shown in help: "" for none, `n`, `f`, `text`, or alternatives between bars.
    words : str
        What it does; or why it has no effect, or why it is refused.
    apply : callable or None
        Sets it; None if there is nothing to set.
    refused : bool
    """

    argument: str
    words: str
    apply: Callable[[Settings, str], None] | None = None
    refused: bool = False

    @property
    def kind(self) -> str:
        """`refused`, `no effect` or `accepted`."""
        return "refused" if self.refused else "accepted" if self.apply is not None else "no effect"


def _set(name: str, value: Callable[[str], Any]) -> Callable[[Settings, str], None]:
    def apply(settings: Settings, text: str) -> None:
        settings.fields[name] = value(text)

    return apply


def _add(name: str) -> Callable[[Settings, str], None]:
    def apply(settings: Settings, text: str) -> None:
        settings.fields[name] = (*settings.fields.get(name, ()), text)

    return apply


def _show(name: str, value: Callable[[str], Any]) -> Callable[[Settings, str], None]:
    def apply(settings: Settings, text: str) -> None:
        setattr(settings, name, value(text))

    return apply


def _solver_option(settings: Settings, text: str) -> None:
    name, equals, value = text.removeprefix("O:").partition("=")
    if text.startswith("O:") and equals:
        settings.fields["solver_options"] = (*settings.fields.get("solver_options", ()), (name, value))


def _yes(_: str) -> bool:
    return True


def _no(_: str) -> bool:
    return False


def _guesses(text: str) -> bool:
    return text != "t"  # Boogie's trivial domain


def _limit(text: str) -> float | None:
    return float(text) or None


def _count(text: str) -> int | None:
    return int(text) or None


def _unrolled(text: str) -> int | None:
    return int(text) if int(text) >= 0 else None


_splits = "every assertion is a question of its own here, whatever this says"
_civl = "it belongs to the concurrency layer"
_stratified = "it belongs to stratified inlining, another way to verify"
_intermediate = "it prints a stage of Boogie's own pipeline"
_encoding = "types are made ground, and maps are arrays of the solver, whatever this says"
_rivals = "our solvers and their options are fixed, so that verdicts repeat"

TABLE: Mapping[str, Meaning] = {
    # What is verified, and how
    "lib": Meaning("text", "add the declarations of a library: base, node or set_size", _add("libraries")),
    "proc": Meaning("text", "verify only procedures that match; `*` stands for anything", _add("procedures")),
    "noProc": Meaning("text", "do not verify procedures that match", _add("ignored_procedures")),
    "noVerify": Meaning("", "stop after type checking", _set("verify", _no)),
    "noResolve": Meaning("", "stop after parsing", _show("stop_after", lambda _: "parse")),
    "noTypecheck": Meaning("", "stop after name resolution", _show("stop_after", lambda _: "resolution")),
    "inlineDepth": Meaning("n", "inline calls of unmarked procedures, this deep", _set("inline_depth", int)),
    "inline": Meaning("none|assume|assert|spec", "what stands where inlining ends", _set("inline", str)),
    "loopUnroll": Meaning("n", "unroll loops n times instead of cutting them", _set("loop_unroll", _unrolled)),
    "soundLoopUnrolling": Meaning("", "a path beyond the unrolled iterations is an error", _set("sound_unrolling", _yes)),
    "inferModifies": Meaning("", "work out the modifies clauses", _set("infer_modifies", _yes)),
    "contractInfer": Meaning("", "infer which existential constants hold", _set("infer", _yes)),
    "printAssignment": Meaning("", "print what was inferred", _show("print_assignment", _yes)),
    "errorLimit": Meaning("n", "errors reported per implementation; 0 for all", _set("error_limit", int)),
    "timeLimit": Meaning("n", "seconds for one assertion; 0 for no limit", _set("timeout_s", _limit)),
    "rlimit": Meaning("n", "limit of the solver's own count of its work", _set("rlimit", _count)),
    "subsumption": Meaning("0|1|2", "whether an assertion is known after it", _set("subsumption", int)),
    "infer": Meaning("j|t", "guess bounds of numbers in loops, and prove them (`t`: do not)", _set("intervals", _guesses)),
    "smoke": Meaning("", "look for code that no execution reaches", _set("smoke", _yes)),
    "prune": Meaning("n", "0 keeps axioms that nothing leads to", _set("prune", int)),
    "removeEmptyBlocks": Meaning("0|1", "whether empty blocks appear in traces", _set("remove_empty_blocks", lambda t: t == "1")),
    "randomSeed": Meaning("n", "seed of the solvers", _set("seed", int)),
    "alwaysAssumeFreeLoopInvariants": Meaning(
        "", "assume free invariants where the loop is checked too", _set("always_assume_free_invariants", _yes)
    ),
    # What is printed
    "print": Meaning("text", "write the program after parsing; `-` is standard output", _show("print_file", str)),
    "errorTrace": Meaning("0|1|2", "0 prints no execution traces", _show("error_trace", int)),
    "enhancedErrorMessages": Meaning("0|1", "1 prints values with the trace", _show("values", lambda t: t == "1")),
    "printModel": Meaning(
        "0|1", "1 prints values with the trace, in the names of the source", _show("values", lambda t: t == "1")
    ),
    "forceBplErrors": Meaning("", "print our own message even if there is a `{:msg}`", _show("own_messages", _no)),
    "quiet": Meaning("", "print errors and nothing else", _show("silence", lambda _: 1)),
    "silent": Meaning("", "print nothing", _show("silence", lambda _: 2)),
    "useBaseNameForFileName": Meaning("", "print file names without directories", _show("base_names", _yes)),
    "printVerifiedProceduresCount": Meaning("0|1", "0 leaves the number out", _show("counts", lambda t: t != "0")),
    "trace": Meaning("", "say what each implementation needed", _show("trace", _yes)),
    "proverLog": Meaning("text", "write the questions to the solver into a directory of this name", _show("print_smt", str)),
    "vcsCores": Meaning("n", "processes at once", _show("jobs", lambda t: max(1, int(t)))),
    "together": Meaning("", "all files are one program", _show("together", _yes)),
    "verifySeparately": Meaning("", "each file is a program; so it is by default", _show("together", _no)),
    # Without effect, for a reason
    "env": Meaning("0|1|2", "nothing about the machine is printed"),
    "nologo": Meaning("", "nothing about versions is printed"),
    "traceTimes": Meaning("", "`--format json` says the time of each implementation"),
    "tracePOs": Meaning("", "`--format json` lists every obligation"),
    "traceverify": Meaning("", _intermediate),
    "proverWarnings": Meaning("0|1|2", "what the solver complains about is a result here, never a warning"),
    "logPrefix": Meaning("text", "names of files are as they are given"),
    "proverLogAppend": Meaning("", "each question has a file of its own"),
    "typeEncoding": Meaning("m|p|a|monomorphic|predicates|arguments", _encoding),
    "monomorphize": Meaning("", _encoding),
    "useArrayTheory": Meaning("", _encoding),
    "useArrayAxioms": Meaning("", _encoding),
    "instrumentInfer": Meaning("e|h", "what is guessed from intervals stands at the heads of loops"),
    "checkInfer": Meaning("", "what is guessed from intervals is always proved"),
    "printInstrumented": Meaning("", _intermediate),
    "printInlined": Meaning("", _intermediate),
    "printDesugared": Meaning("", _intermediate),
    "printUnstructured": Meaning("", _intermediate),
    "printLambdaLifting": Meaning("", _intermediate),
    "printMeasureDesugaring": Meaning("", _intermediate),
    "printWithUniqueIds": Meaning("", _intermediate),
    "printSplit": Meaning("text", _intermediate),
    "printPruned": Meaning("text", _intermediate),
    "printSplitDeclarations": Meaning("", _intermediate),
    "pretty": Meaning("0|1", "there is one way to print"),
    "normalizeNames": Meaning("0|1", "names are always normalised, so that renaming changes no verdict"),
    "normalizeDeclarationOrder": Meaning("0|1", "the order is always that of first need"),
    "emitDebugInformation": Meaning("0|1", "questions to the solver are never named after the source"),
    "liveVariableAnalysis": Meaning("0|1|2", "what is not live is in no question"),
    "coalesceBlocks": Meaning("0|1", "blocks are put together as in Boogie"),
    "noPruneInfeasibleEdges": Meaning("", "questions are the same with and without"),
    "modifyTopologicalSorting": Meaning("", "questions are the same with and without"),
    "reflectAdd": Meaning("", "addition is the solver's"),
    "freeVarLambdaLifting": Meaning("", "what a lambda captures is found by its type"),
    "keepQuantifier": Meaning("", "quantifiers are always kept"),
    "relaxFocus": Meaning("", _splits),
    "vcsMaxCost": Meaning("f", _splits),
    "vcsMaxSplits": Meaning("n", _splits),
    "vcsMaxKeepGoingSplits": Meaning("n", _splits),
    "vcsKeepGoingTimeout": Meaning("n", _splits),
    "vcsFinalAssertTimeout": Meaning("n", _splits),
    "vcsPathJoinMult": Meaning("f", _splits),
    "vcsPathCostMult": Meaning("f", _splits),
    "vcsAssumeMult": Meaning("f", _splits),
    "vcsPathSplitMult": Meaning("f", _splits),
    "vcsSplitOnEveryAssert": Meaning(
        "", "what `hide` and `reveal` say holds for each assertion by itself", _set("split_on_every_assert", _yes)
    ),
    "vcsLoad": Meaning("f", "`--jobs` says how many processes there are"),
    "vcBrackets": Meaning("0|1", "names are normalised"),
    "smokeTimeout": Meaning("n", "`-timeLimit` holds for these questions too"),
    "processTimeLimit": Meaning("n", "`--deadline` ends the whole run"),
    "timeLimitPerAssertionInPercent": Meaning("n", "`-timeLimit` is for one assertion"),
    "runDiagnosticsOnTimeout": Meaning("", _splits),
    "traceDiagnosticsOnTimeout": Meaning("", _splits),
    "restartProver": Meaning("", "every question is decided from a clean state"),
    "proverOpt": Meaning("text", "`O:name=value` is a setting of the search; the rest has no effect", _solver_option),
    "p": Meaning("text", "the same as `-proverOpt`", _solver_option),
    "proverPreamble": Meaning("text", "it would change every question", refused=True),
    "boolControlVC": Meaning("", _stratified),
    "useProverEvaluate": Meaning("", "values of a trace are always evaluated in full"),
    "useUnsatCoreForContractInfer": Meaning("", "the result of the inference does not depend on it"),
    "reverseHoudiniWorklist": Meaning("", "the result of the inference does not depend on it"),
    "crossDependencies": Meaning("", "the result of the inference does not depend on it"),
    "concurrentHoudini": Meaning("", "the result of the inference does not depend on it"),
    "warnNotEliminatedVars": Meaning("", _intermediate),
    "dbgRefuted": Meaning("", _intermediate),
    "wait": Meaning("", "nobody is waited for"),
    # Refused
    "xml": Meaning("text", "there is no XML; use `--format json`", refused=True),
    "mv": Meaning("text", "there are no model files; use `--values` or `--format json`", refused=True),
    "printModelToFile": Meaning("text", "there are no model files; use `--values` or `--format json`", refused=True),
    "printCFG": Meaning("text", "control-flow graphs are not drawn", refused=True),
    "printPassive": Meaning("", _intermediate, refused=True),
    "printLean": Meaning("text", "programs are not translated into Lean", refused=True),
    "vcsDumpSplits": Meaning("", "there are no splits to dump; use `--print-smt`", refused=True),
    "overlookTypeErrors": Meaning("", "what is not well typed has no meaning to verify", refused=True),
    "kInductionDepth": Meaning("n", "loops are cut or unrolled, there is no k-induction", refused=True),
    "extractLoops": Meaning("", _stratified, refused=True),
    "deterministicExtractLoops": Meaning("", _stratified, refused=True),
    "stratifiedInline": Meaning("n", _stratified, refused=True),
    "recursionBound": Meaning("n", _stratified, refused=True),
    "enableUnSatCoreExtraction": Meaning("n", _stratified, refused=True),
    "verifySnapshots": Meaning("n", "results are cached by content, across all versions of a file", refused=True),
    "traceCaching": Meaning("n", "results are cached by content, across all versions of a file", refused=True),
    "trackVerificationCoverage": Meaning("", "what a proof used is not reported; verdicts do not depend on it"),
    "warnVacuousProofs": Meaning("", "what a proof used is not reported; `-smoke` finds unreachable code", refused=True),
    "randomizeVcIterations": Meaning("n", "use `--stability N`", refused=True),
    "randomSeedIterations": Meaning("n", "use `--stability N`", refused=True),
    "explainHoudini": Meaning("", "only the result of the inference is printed", refused=True),
    "stagedHoudini": Meaning("text", "there is one way to infer", refused=True),
    "stagedHoudiniThreads": Meaning("n", "there is one way to infer", refused=True),
    "stagedHoudiniReachabilityAnalysis": Meaning("", "there is one way to infer", refused=True),
    "stagedHoudiniMergeIgnoredAnnotations": Meaning("", "there is one way to infer", refused=True),
    "debugStagedHoudini": Meaning("", "there is one way to infer", refused=True),
    "debugConcurrentHoudini": Meaning("", "there is one way to infer", refused=True),
    "variableDependenceIgnore": Meaning("text", "there is one way to infer", refused=True),
    "proverDll": Meaning("text", _rivals, refused=True),
    "proverHelp": Meaning("", _rivals, refused=True),
    "break": Meaning("", "there is no debugger to start", refused=True),
    "launch": Meaning("", "there is no debugger to start", refused=True),
    "civlDesugaredFile": Meaning("text", _civl, refused=True),
    "trustMoverTypes": Meaning("", _civl, refused=True),
    "trustNoninterference": Meaning("", _civl, refused=True),
    "trustRefinement": Meaning("", _civl, refused=True),
    "trustInvariants": Meaning("", _civl, refused=True),
    "trustLayersUpto": Meaning("n", _civl, refused=True),
    "trustLayersDownto": Meaning("n", _civl, refused=True),
}

# Keys of `-proverOpt` under which results would be of something else.
_fatal_prover_options = ("PROVER_PATH", "INSPECTOR", "BINARY", "SOLVER=noop")


def separate(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Split a command line into Boogie's options, each as `-name` or `-name:value`, and the rest.

    `/name` is an option if the table has it and no such file exists; otherwise
    it is a path. `--` ends options, and goes to the rest, as does everything
    that begins with two dashes.
    """
    options: list[str] = []
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            rest += [word, *queue]
            break
        if not is_option(word):
            rest.append(word)
            continue
        name, colon, _ = word[1:].partition(":")
        meaning = TABLE.get(name)
        if not colon and meaning is not None and meaning.argument and queue:
            word = f"{word}:{queue.pop(0)}"  # `-proc P` means `-proc:P`
        options.append(f"-{word[1:]}")
    return options, rest


def is_option(word: str) -> bool:
    """Whether a word is an option in one of Boogie's spellings, known or not."""
    if word.startswith("-"):
        return len(word) > 1 and not word.startswith("--") and word not in {"-h", "-j", "-f"} and not re.fullmatch(r"-j\d+", word)
    if not word.startswith("/") or os.path.lexists(word):
        return False
    name = word[1:].partition(":")[0]
    # An absolute path that does not exist is a missing file, unless it has the looks of an option.
    return name in TABLE or ("/" not in word[1:] and "." not in name)


def apply(options: Iterable[str], settings: Settings) -> None:
    """Apply options, `-name:value`, to settings.

    Raises
    ------
    UsageError
        If an option is unknown or refused, or its value cannot be meant.
    """
    for word in options:
        name, colon, value = word[1:].partition(":")
        meaning = TABLE.get(name)
        if meaning is None:
            close = difflib.get_close_matches(name, TABLE, n=1)
            hint = (
                f"did you mean `-{close[0]}`?"
                if close
                else "`probatum boogie --list-options` lists those of Boogie that are known"
            )
            raise UsageError(f"`{word}` is not an option", help=hint)
        if meaning.refused:
            raise UsageError(f"`-{name}` is not supported: {meaning.words}", help="leave it out")
        _validate(name, meaning.argument, bool(colon), value)
        if name in {"proverOpt", "p"} and value.startswith(_fatal_prover_options):
            raise UsageError(f"`{word}` is not supported: {_rivals}", help="leave it out")
        if meaning.apply is not None:
            meaning.apply(settings, value)


def _validate(name: str, argument: str, given: bool, value: str) -> None:
    if not argument:
        if given:
            raise UsageError(f"`-{name}` takes no value", help=f"write `-{name}`")
        return
    if not given or not value:
        raise UsageError(f"`-{name}` needs a value", help=f"write `-{name}:{_example(argument)}`")
    if argument == "text":
        return
    if argument in {"n", "f"}:
        try:
            number = int(value) if argument == "n" else float(value)
        except ValueError:
            number = None
        if number is None or not -(2**31) <= number < 2**31:
            raise UsageError(f"`{value}` is not a number that `-{name}` can have", help=f"write `-{name}:{_example(argument)}`")
        if number < 0 and name not in {"loopUnroll", "inlineDepth", "randomSeed"}:
            raise UsageError(f"`-{name}` cannot be negative", help=f"write `-{name}:{_example(argument)}`")
        return
    if value not in argument.split("|"):
        raise UsageError(f"`{value}` is not a value of `-{name}`", help=f"there are {', '.join(argument.split('|'))}")


def _example(argument: str) -> str:
    return {"n": "5", "f": "0.5", "text": "..."}.get(argument, argument.split("|", maxsplit=1)[0])


def described() -> list[tuple[str, str, str]]:
    """Return spelling, kind and words of every option, in the order of the table."""
    return [
        (f"-{name}:<{meaning.argument}>" if meaning.argument else f"-{name}", meaning.kind, meaning.words)
        for name, meaning in TABLE.items()
    ]
