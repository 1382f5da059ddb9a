"""One obligation and one rung in a worker: what a solver says about a text.

Runs in a guarded child. Every question gets a context of its own, so that
neither the answer nor the count of the work depends on what was asked before;
that costs a millisecond, about as much as the rest of a trivial question.

The text is read by the solver's own reader, which obeys commands as well. It
must come from an encoder of ours; what looks like any command other than those
that declare, define and assert is refused all the same.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from typing import Any

from probatum.solve.stops import MOST_EFFORT, Stop

# For every question to z3. Model-based instantiation searches long for models of
# axioms that nobody asked for: the programs rely on triggers.
_BASE_Z3 = {"auto_config": "false", "smt.mbqi": "false", "ctrl_c": "false", "warning": "false"}

UNITS_OF_CVC5 = 10  # of z3's units in one of cvc5's: a millisecond is about 4,000 and 400 of them

# What z3 reads once, when a solver is made, from the settings of the process; with its own values.
_AT_FIRST = {"smt.qi.eager_threshold": "10"}

# What a program may set for one of its obligations: what steers the search, and never what writes a file.
_named = re.compile(r"smt\.[a-z0-9_.]+|auto_config")
_side_effects = re.compile(r"(^|[._])(log|dump|print|trace|profile|id|display|threads|cube|sls)")
_number = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_valued = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
# What only changes how things are printed, which nobody here reads.
_harmless = re.compile(r"(pp|model)[._][a-z0-9_.]+|print_success|produce_[a-z_]+|type_check|smtlib2_compliant|well_sorted_check")

# No function of a program can be called the former; what looks like the latter is a command only where a line begins.
_command = re.compile(r"\(\s*(?:set|get|check)-|^\s*\((?:include|exit|reset|push|pop)\b", re.MULTILINE)

_UINT, _BOOL, _DOUBLE, _SYMBOL = range(4)  # kinds of options, as z3 numbers them
_MEMORY_ERROR = 7  # as z3 numbers it
_FALSE = -1  # as z3 says that a term is `false`

Said = list[Any]

_LIBRARIES = 96 * 2**20  # bytes of address space that a process has with both solvers, and nothing asked

_limits: dict[str, int] = {}
_libraries: dict[str, Any] = {}


def prepare(argument: dict[str, int]) -> None:
    """Remember the limit of this child: the setup of a `Prover`."""
    _limits.update(argument)


def attempt(item: list[Any]) -> Said:
    """Ask one solver once.

    Parameters
    ----------
    item : list
        Solver, text, terms to evaluate, limit in z3's units, seed, options of
        the rung, options of the program; options are lists of two texts.

    Returns
    -------
    list
        `unsat`, `sat` or the value of a `Stop`; one line; the solver with its
        version; the work in z3's units; values of the terms by their text, or
        None where there is no model.

    Raises
    ------
    MemoryError
        If the solver ran out of memory: the child is not to be used again.
    """
    solver, text, values, effort, seed, options, asked = item
    found = _command.search(text)
    if found is not None:
        return [Stop.UNREADABLE.value, f"an obligation cannot contain `{found[0].strip()}`", solver, 0, None]
    try:
        library = _libraries.get(solver) or _load(solver)
    except ImportError:
        return [Stop.MISSING.value, f"{solver} is not installed: `pip install 'probatum[code]'`", solver, 0, None]
    said: Said = library.ask(text, values, effort=effort, seed=seed, options=dict(options), asked=asked)
    return said


def _load(solver: str) -> Any:
    _libraries[solver] = _Z3(_limits.get("memory_bytes")) if solver == "z3" else _Cvc5()
    return _libraries[solver]


def _interface() -> tuple[Any, Any]:
    """Return z3's C interface, without loading the Python interface above it, which takes longer than a small check.

    Raises
    ------
    ImportError
        If z3 is not installed.
    """
    spec = importlib.util.find_spec("z3")
    if spec is None:
        raise ImportError("z3")
    if "z3" in sys.modules:
        return importlib.import_module("z3.z3core"), importlib.import_module("z3.z3types")
    sys.modules["z3"] = importlib.util.module_from_spec(spec)  # a package that is not run
    try:
        return importlib.import_module("z3.z3core"), importlib.import_module("z3.z3types")
    finally:
        del sys.modules["z3"]  # whoever wants all of it gets all of it


class _Refused(Exception):
    """An option that the solver does not have, or not with that value."""


class _Z3:
    """z3 through its C interface: the objects of its Python interface cost as much as a small question."""

    def __init__(self, memory_bytes: int | None) -> None:
        z3core, z3types = _interface()
        self.c: Any = z3core
        self.error: type[Exception] = z3types.Z3Exception
        self.name = f"z3 {z3core.Z3_get_full_version().split('-')[0].removesuffix('.0')}"
        self.term: Any = z3types.Ast
        if memory_bytes is not None:
            # z3 stops by itself before the kernel refuses it memory: libraries need some of the limit too.
            left = min(memory_bytes * 3 // 4, memory_bytes - _LIBRARIES)
            z3core.Z3_global_param_set("memory_max_size", str(max(16, left >> 20)))
        for option, value in _BASE_Z3.items():
            z3core.Z3_global_param_set(option, value)
        self._configs: dict[int, Any] = {}
        self._kinds: dict[str, int] = {}

    def ask(
        self, text: str, values: list[str], *, effort: int, seed: int, options: dict[str, str], asked: list[list[str]]
    ) -> Said:
        c = self.c
        try:
            wanted = _wanted(seed, options, asked)
        except _Refused as problem:
            return [Stop.OPTION.value, str(problem), self.name, 0, None]
        context = c.Z3_mk_context_rc(self._config(effort))
        solver = None
        try:
            # By default an error ends the process; ours are raised by the wrappers. The object must outlive the context.
            handler = c.Z3_set_error_handler(context, _ignore)  # noqa: F841 - kept alive by its name
            for name, value in _AT_FIRST.items():
                given = wanted.get(name, value)
                c.Z3_global_param_set(name, given if _number.fullmatch(given) else value)
            solver = c.Z3_mk_simple_solver(context)
            c.Z3_solver_inc_ref(context, solver)
            if wanted:
                self._set(context, solver, wanted)
            return self._ask(context, solver, text, values)
        except _Refused as problem:
            return [Stop.OPTION.value, str(problem), self.name, 0, None]
        except self.error as problem:
            line = _line(problem)
            if c.Z3_get_error_code(context) == _MEMORY_ERROR or "out of memory" in line:
                raise MemoryError from None
            return [Stop.CRASHED.value, f"z3 failed: {line}", self.name, 0, None]
        finally:
            if solver is not None:
                c.Z3_solver_dec_ref(context, solver)
            c.Z3_del_context(context)

    def _config(self, effort: int) -> Any:
        """Return settings of a context with this limit: cheaper than parameters of each solver."""
        effort = min(effort, MOST_EFFORT)
        if effort not in self._configs:
            if len(self._configs) > 100:  # obligations with limits of their own
                for config in self._configs.values():
                    self.c.Z3_del_config(config)
                self._configs.clear()
            self._configs[effort] = self.c.Z3_mk_config()
            self.c.Z3_set_param_value(self._configs[effort], "rlimit", str(effort))
        return self._configs[effort]

    def _set(self, context: Any, solver: Any, options: dict[str, str]) -> None:
        c = self.c
        if not self._kinds:
            described = c.Z3_solver_get_param_descrs(context, solver)
            c.Z3_param_descrs_inc_ref(context, described)
            for i in range(c.Z3_param_descrs_size(context, described)):
                symbol = c.Z3_param_descrs_get_name(context, described, i)
                self._kinds[c.Z3_get_symbol_string(context, symbol)] = c.Z3_param_descrs_get_kind(context, described, symbol)
            c.Z3_param_descrs_dec_ref(context, described)
        params = c.Z3_mk_params(context)
        c.Z3_params_inc_ref(context, params)
        for name, value in options.items():
            own = name.removeprefix("smt.")
            symbol = c.Z3_mk_string_symbol(context, own)
            # z3 itself takes unknown names and wrong values without a word.
            match self._kinds.get(own):
                case kind if kind == _UINT and value.isdecimal() and int(value) <= MOST_EFFORT:
                    c.Z3_params_set_uint(context, params, symbol, int(value))
                case kind if kind == _BOOL and value in ("true", "false"):
                    c.Z3_params_set_bool(context, params, symbol, value == "true")
                case kind if kind == _DOUBLE and _number.fullmatch(value):
                    c.Z3_params_set_double(context, params, symbol, float(value))
                case kind if kind == _SYMBOL:
                    c.Z3_params_set_symbol(context, params, symbol, c.Z3_mk_string_symbol(context, value))
                case None:
                    raise _Refused(f"z3 has no option `{name}`")
                case _:
                    raise _Refused(f"z3's option `{name}` cannot be `{value}`")
        c.Z3_solver_set_params(context, solver, params)
        c.Z3_params_dec_ref(context, params)

    def _ask(self, context: Any, solver: Any, text: str, values: list[str]) -> Said:
        c = self.c
        reader = None
        try:
            try:
                if values:
                    reader = c.Z3_mk_parser_context(context)
                    c.Z3_parser_context_inc_ref(context, reader)
                    self._assert(context, solver, reader, text)
                else:
                    c.Z3_solver_from_string(context, solver, text)
            except self.error as problem:
                if c.Z3_get_error_code(context) == _MEMORY_ERROR:
                    raise
                return [Stop.UNREADABLE.value, f"z3 cannot read the obligation: {_line(problem)}", self.name, 0, None]
            answer = c.Z3_solver_check(context, solver)
            if answer < 0:
                return ["unsat", "", self.name, self._work(context, solver), None]
            stop, line = ("sat", "") if answer > 0 else _undecided(c.Z3_solver_get_reason_unknown(context, solver))
            work = self._work(context, solver)
            if stop not in ("sat", Stop.QUANTIFIERS.value, Stop.GAVE_UP.value):
                return [stop, line, self.name, work, None]
            model = self._model(context, solver)
            if model is None:
                return [stop, line, self.name, work, {} if stop == "sat" else None]
            try:
                if stop == "sat" and not self._holds(context, solver, model):
                    return [Stop.GAVE_UP.value, "z3 gave values that do not satisfy the obligation", self.name, work, None]
                return [stop, line, self.name, work, self._values(context, reader, model, values) if values else {}]
            finally:
                c.Z3_model_dec_ref(context, model)
        finally:
            if reader is not None:
                c.Z3_parser_context_dec_ref(context, reader)

    def _assert(self, context: Any, solver: Any, reader: Any, text: str) -> None:
        for formula in self._read(context, reader, text):
            self.c.Z3_solver_assert(context, solver, formula)
            self.c.Z3_dec_ref(context, formula)

    def _read(self, context: Any, reader: Any, text: str) -> list[Any]:
        """Return the assertions in a text, each with a reference that the caller gives back."""
        c = self.c
        vector = c.Z3_parser_context_from_string(context, reader, text)
        c.Z3_ast_vector_inc_ref(context, vector)
        found = [c.Z3_ast_vector_get(context, vector, i) for i in range(c.Z3_ast_vector_size(context, vector))]
        for formula in found:
            c.Z3_inc_ref(context, formula)
        c.Z3_ast_vector_dec_ref(context, vector)
        return found

    def _work(self, context: Any, solver: Any) -> int:
        c = self.c
        statistics = c.Z3_solver_get_statistics(context, solver)
        c.Z3_stats_inc_ref(context, statistics)
        work = 0
        for i in range(c.Z3_stats_size(context, statistics) - 1, -1, -1):  # near the end
            if c.Z3_stats_get_key(context, statistics, i) == "rlimit count":
                work = c.Z3_stats_get_uint_value(context, statistics, i)
                break
        c.Z3_stats_dec_ref(context, statistics)
        return int(work)

    def _model(self, context: Any, solver: Any) -> Any:
        try:
            model = self.c.Z3_solver_get_model(context, solver)
        except self.error:  # it says unknown without a candidate
            return None
        self.c.Z3_model_inc_ref(context, model)
        return model

    def _holds(self, context: Any, solver: Any, model: Any) -> bool:
        """Whether no assertion is false in a model: a model is a claim like any other, and evaluating it is cheap."""
        c = self.c
        vector = c.Z3_solver_get_assertions(context, solver)
        c.Z3_ast_vector_inc_ref(context, vector)
        try:
            for i in range(c.Z3_ast_vector_size(context, vector)):
                value = self._eval(context, model, c.Z3_ast_vector_get(context, vector, i))
                if c.Z3_get_bool_value(context, value) == _FALSE:
                    return False
            return True
        finally:
            c.Z3_ast_vector_dec_ref(context, vector)

    def _values(self, context: Any, reader: Any, model: Any, values: list[str]) -> dict[str, str]:
        """Evaluate terms; those that cannot be read are left out."""
        c = self.c
        c.Z3_set_ast_print_mode(context, 2)  # as the standard writes terms
        try:
            equations = self._read(context, reader, "".join(f"(assert (= {term} {term}))" for term in values))
            known = values
        except self.error:
            equations, known = [], []
            for term in values:
                try:
                    *stale, equation = self._read(context, reader, f"(assert (= {term} {term}))")
                except (self.error, ValueError):
                    continue
                for formula in stale:  # what was read before the error comes with the next that can be read
                    c.Z3_dec_ref(context, formula)
                equations.append(equation)
                known.append(term)
        found = {}
        for term, equation in zip(known, equations, strict=True):
            side = c.Z3_get_app_arg(context, c.Z3_to_app(context, equation), 0)
            found[term] = c.Z3_ast_to_string(context, self._eval(context, model, side))
            c.Z3_dec_ref(context, equation)
        return found

    def _eval(self, context: Any, model: Any, term: Any) -> Any:
        """Return the value of a term, complete even where the model is not; valid until the next call."""
        result = (self.term * 1)()
        if not self.c.Z3_model_eval(context, model, term, True, result):
            raise self.error("a term has no value in a model")
        return result[0]


def _wanted(seed: int, options: dict[str, str], asked: list[list[str]]) -> dict[str, str]:
    """Return the options of z3 for one question; what the program asks for counts most."""
    wanted = dict(options)
    if seed:
        wanted["smt.random_seed"] = str((seed + int(wanted.get("smt.random_seed", "0"))) % 2**32)
    for name, value in asked:
        own = name.lstrip(":").lower().replace("-", "_")
        if not _named.fullmatch(own) or _side_effects.search(own):
            if _harmless.fullmatch(own):
                continue
            raise _Refused(f"`{name}` is not an option of z3 that a program may set: those of `smt` that steer the search are")
        if not _valued.fullmatch(value):
            raise _Refused(f"z3's option `{name}` cannot be `{value[:60]}`")
        wanted[own] = value
    return wanted


def _undecided(reason: str) -> tuple[str, str]:
    if reason in ("canceled", "max. resource limit exceeded", "smt tactic failed to show goal to be sat/unsat canceled"):
        return Stop.LIMIT.value, "z3 did not decide within its limit"
    if "memout" in reason or "memory" in reason:
        raise MemoryError
    if "incomplete quantifiers" in reason:
        return Stop.QUANTIFIERS.value, "z3 ran out of instances of quantified facts, and cannot exclude this"
    return Stop.GAVE_UP.value, f"z3 gave up: {reason or 'no reason given'}"


class _Cvc5:
    def __init__(self) -> None:
        import cvc5

        self.module: Any = cvc5
        self.name = f"cvc5 {cvc5.__version__}"

    def ask(
        self, text: str, values: list[str], *, effort: int, seed: int, options: dict[str, str], asked: list[list[str]]
    ) -> Said:
        del asked  # they are z3's
        cvc5 = self.module
        terms = cvc5.TermManager()
        solver = cvc5.Solver(terms)
        settings = {
            "verbosity": "-1",  # it would say of each attribute that it does not know it
            "strings-exp": "true",  # the whole theory of strings, not only the decidable part
            "seed": str(seed),
            "sat-random-seed": str(seed),
            "rlimit-per": str(max(1, effort // UNITS_OF_CVC5)),
            "produce-models": "true" if values else "false",
            **options,
        }
        try:
            for name, value in settings.items():
                solver.setOption(name, value)
        except Exception as problem:  # noqa: BLE001 - its binding raises plain RuntimeError
            return [Stop.OPTION.value, f"cvc5 refuses an option: {_line(problem)}", self.name, 0, None]
        try:
            symbols = cvc5.SymbolManager(terms)
            self._execute(solver, symbols, f"(set-logic ALL)\n{text}")
        except Exception as problem:  # noqa: BLE001 - as above
            return [Stop.UNREADABLE.value, f"cvc5 cannot read the obligation: {_line(problem)}", self.name, 0, None]
        try:
            verdict = solver.checkSat()
            work = self._work(solver)
            if verdict.isUnsat():
                return ["unsat", "", self.name, work, None]
            if verdict.isSat():
                return self._sat(solver, symbols, values, work)
            explanation = str(verdict.getUnknownExplanation()).rsplit(".", 1)[-1]
        except Exception as problem:  # noqa: BLE001 - as above
            return [Stop.CRASHED.value, f"cvc5 failed: {_line(problem)}", self.name, 0, None]
        match explanation:
            case "RESOURCEOUT" | "TIMEOUT":
                return [Stop.LIMIT.value, "cvc5 did not decide within its limit", self.name, work, None]
            case "MEMOUT":
                raise MemoryError
        return [Stop.GAVE_UP.value, f"cvc5 gave up: {explanation.lower()}", self.name, work, None]

    def _sat(self, solver: Any, symbols: Any, values: list[str], work: int) -> Said:
        found = {}
        if values:
            # As with z3: a model is a claim, and evaluating it is cheap.
            if any(str(solver.getValue(formula)) == "false" for formula in solver.getAssertions()):
                line = "cvc5 gave values that do not satisfy the obligation"
                return [Stop.GAVE_UP.value, line, self.name, work, None]
            for term in values:
                parser = self.module.InputParser(solver, symbols)
                parser.setStringInput(self.module.InputLanguage.SMT_LIB_2_6, term, "term")
                try:
                    found[term] = str(solver.getValue(parser.nextTerm()))
                except Exception:  # noqa: BLE001, S112 - as above; a term that it cannot read has no value
                    continue
        return ["sat", "", self.name, work, found]

    def _execute(self, solver: Any, symbols: Any, text: str) -> None:
        parser = self.module.InputParser(solver, symbols)
        parser.setStringInput(self.module.InputLanguage.SMT_LIB_2_6, text, "obligation")
        while not (command := parser.nextCommand()).isNull():
            if complaint := command.invoke(solver, symbols):
                raise RuntimeError(complaint)

    def _work(self, solver: Any) -> int:
        return int(solver.getStatistics()["resource::resourceUnitsUsed"]["value"]) * UNITS_OF_CVC5


def _ignore(_context: int, _code: int) -> None:
    """Leave errors to the wrappers, which look them up after every call."""


def _line(problem: BaseException) -> str:
    text = problem.args[0] if problem.args else problem
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return " ".join(text.split())[:300] or type(problem).__name__
