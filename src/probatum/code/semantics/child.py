"""The process in which checked Python runs: modules from instrumented code, calls one after another, answers as JSON lines.

Started as a script in a sandbox, with nothing of this package but `monitor` beside
it and `runner.jail` around it. Reads one line that describes the program, then one
line for each batch of cases, and writes one line for each that it read.
"""

from __future__ import annotations

import binascii
import builtins
import importlib
import importlib.machinery
import io
import json
import marshal
import os
import signal
import sys
import time
from collections import deque
from types import CodeType, FrameType, ModuleType

from probatum.runner.jail import take_attempts

TYPE_CHECKING = False  # as type checkers read it; what it guards takes longer to import than a run takes
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from probatum.code.semantics import monitor
else:
    # A package by a name that no program has; its parts find each other through its path.
    monitor = ModuleType("__probatum_monitor__")
    monitor.__package__ = monitor.__name__
    monitor.__path__ = [os.path.join(os.path.dirname(__file__), "monitor")]  # noqa: PTH118, PTH120 - pathlib takes long to import
    monitor.__file__ = os.path.join(monitor.__path__[0], "__init__.py")  # noqa: PTH118 - as above
    sys.modules[monitor.__name__] = monitor
    importlib.machinery.SourceFileLoader(monitor.__name__, monitor.__file__).exec_module(monitor)

_TRACED = 4_000  # lines of a run that are followed; tracing is slow
_KEPT = 30  # of them, from the start, and as many from the end
_IMPORT_S = 20.0  # processor seconds for importing a module
_IN_MONITOR = {  # names of libraries of contracts that have a value
    "forall": "forall",
    "Forall": "forall",
    "exists": "exists",
    "Exists": "exists",
    "implies": "implies",
    "Implies": "implies",
    "multiset": "Multiset",
}
_NAMES = {
    "__forall__": "forall",
    "__exists__": "exists",
    "__multiset__": "Multiset",
    "__let__": "let",
    "__copy__": "deepcopy",
    "__separate__": "separate",
    "__sequence__": "Sequence_",
    "__set__": "Set_",
    "__seen__": "seen",
    "__reveal__": "same",
    "__reach__": "same",
    "__variable__": "same",
}


class Inert:
    """What a library of contracts offers, where its contracts have been read: a name without effect."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As a decorator, leave what is decorated alone."""
        if len(args) == 1 and not kwargs and (isinstance(args[0], int) or (callable(args[0]) and type(args[0]) is not Inert)):
            return args[0]  # used as a decorator, or an integer with a range made of an integer
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert(f"{self._name}.{name}")

    def __getitem__(self, item: object) -> Inert:
        return self

    def __or__(self, other: object) -> Inert:
        return self

    __ror__ = __or__

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return ()

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is not Inert and self._value(other))

    __hash__ = object.__hash__

    def _value(self, *args: object) -> Any:
        """Nothing is known of it: whatever depends on it must not count."""
        del args
        raise monitor.NotExecutable(f"`{self._name}` has no value at run time")

    __bool__ = __len__ = __iter__ = __contains__ = __index__ = __int__ = __lt__ = __le__ = __gt__ = __ge__ = _value
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __floordiv__ = __mod__ = __neg__ = _value
    __instancecheck__ = __subclasscheck__ = __enter__ = __exit__ = _value


class InertModule(ModuleType):
    """A library of contracts."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return _starred
        if name in _IN_MONITOR:
            return getattr(monitor, _IN_MONITOR[name])
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert(name)


_starred = [  # what `from ... import *` brings
    *("requires", "ensures", "invariant", "decreases", "modifies", "raises", "old", "result", "forall", "exists", "implies"),
    *(
        "check",
        "ghost",
        "pure",
        "lemma",
        "opaque",
        "reveal",
        "fresh",
        "multiset",
        "Range",
        "Nat",
        "UInt8",
        "UInt16",
        "UInt32",
        "UInt64",
    ),
    *("Int8", "Int16", "Int32", "Int64"),
    "Acc",
    "Assert",
    "Assume",
    "Requires",
    "Ensures",
    "Exsures",
    "Invariant",
    "Result",
    "ResultT",
    "Old",
    "Forall",
    "Forall2",
    "Forall3",
    "Forall6",
    "Exists",
    "Implies",
    "Decreases",
    "Pure",
    "Predicate",
    "Ghost",
    "Opaque",
    "Reveal",
    "Unfolding",
    "Fold",
    "Unfold",
    "ContractOnly",
    "GhostReturns",
    "Previous",
    "Let",
    "PSeq",
    "PSet",
    "PMultiset",
    "PDict",
    "PByteSeq",
    "PIntSeq",
    "ToSeq",
    "ToMS",
    "ToByteSeq",
    "RaisedException",
    "MayCreate",
    "MaySet",
    "list_pred",
    "dict_pred",
    "set_pred",
    "bytearray_pred",
    "Low",
    "LowVal",
    "LowEvent",
    "Inline",
    "Rd",
    "Wildcard",
    "ARead",
    "MustTerminate",
    "io_lock",
    "Lemma",
    "isNaN",
    "int32_t",
]


class Finder:
    """Finds the modules of the program, installed packages, and in place of libraries of contracts names without effect."""

    def __init__(
        self,
        modules: Mapping[str, Mapping[str, Any]],
        inert: Sequence[str],
        names: Mapping[str, Any],
        installed: Mapping[str, str],
        records: Sequence[str],
    ) -> None:
        self.modules, self.inert, self.names = modules, tuple(inert), names
        self.installed, self.records = installed, records

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        """As the import system asks a finder."""
        del path, target
        own: Any = self  # a loader by what it does; the class for loaders takes long to import
        if name in self.modules:
            return importlib.machinery.ModuleSpec(name, own, origin=name, is_package=bool(self.modules[name]["package"]))
        if any(name == one or name.startswith(f"{one}.") for one in self.inert):
            return importlib.machinery.ModuleSpec(name, own, is_package=True)
        if name in self.installed:
            return _installed(name, self.installed[name])
        if any(other.startswith(f"{name}.") for other in (*self.modules, *self.inert, *self.installed)):
            return importlib.machinery.ModuleSpec(name, None, is_package=True)
        return None

    def find_distributions(self, context: Any) -> Iterator[Any]:
        """As `importlib.metadata` asks a finder: packages ask for their own versions."""
        from importlib.metadata import PathDistribution
        from pathlib import Path

        for record in self.records:
            name = os.path.basename(record).removesuffix(".dist-info").rpartition("-")[0]  # noqa: PTH119 - as above
            if context.name is None or _plain(context.name) == _plain(name):
                yield PathDistribution(Path(record))

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """As the import system asks a loader."""
        return ModuleType(spec.name) if spec.name in self.modules else InertModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """As the import system asks a loader."""
        own = self.modules.get(module.__name__)
        if own is None:
            return
        module.__dict__.update(self.names)
        module.__file__ = own["path"]
        code: CodeType = marshal.loads(binascii.a2b_base64(own["code"]))  # noqa: S302 - our own code object, from our own parent
        exec(code, module.__dict__)  # noqa: S102 - this is what the process is for


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _installed(name: str, place: str) -> importlib.machinery.ModuleSpec | None:
    """Return how a module of an installed package is loaded: from its file, or from its folder if it has none."""
    from importlib.util import spec_from_file_location

    folder = os.path.dirname(place)  # noqa: PTH120 - as above
    if os.path.isdir(place):  # noqa: PTH112 - as above
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [place]
        return spec
    package = os.path.basename(place).startswith("__init__.")  # noqa: PTH119 - as above
    return spec_from_file_location(name, place, submodule_search_locations=[folder] if package else None)


class Missing:
    """The last finder that is asked: it remembers the modules that are not there."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """As the import system asks a finder."""
        del path, target
        if len(self.names) < _KEPT:
            self.names.append(name)


class Names(dict):  # type: ignore[type-arg]  # at run time there are no types here
    """Names in the text of arguments: what they share, the module's, the builtins, then modules of the standard library."""

    def __init__(self, module: dict[str, Any]) -> None:
        super().__init__()
        self.module = module

    def __missing__(self, name: str) -> Any:
        if name in self.module:
            return self.module[name]
        if hasattr(builtins, name):
            return getattr(builtins, name)
        if name in sys.stdlib_module_names:
            return importlib.import_module(name)
        raise KeyError(name)


class Trace:
    """The lines that a run executes, with the variables that changed."""

    def __init__(self) -> None:
        self.first: list[dict[str, Any]] = []
        self.last: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self.count = 0
        self.seen: dict[int, dict[str, str]] = {}

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        """As `sys.settrace` calls it."""
        del argument
        code = frame.f_code
        if code.co_filename not in monitor.paths or code.co_name == "<lambda>" or monitor.state.busy:
            return None
        if event == "line":
            self.count += 1
            if self.count > _TRACED:
                sys.settrace(None)
                return None
            self._changes(frame)
            step: dict[str, Any] = {"path": code.co_filename, "line": frame.f_lineno, "changed": {}}
            (self.first if len(self.first) < _KEPT else self.last).append(step)
        elif event == "return":
            self._changes(frame)
        return self

    def _changes(self, frame: FrameType) -> None:
        """Note at the step before what has changed since."""
        now = {k: monitor.show(v) for k, v in frame.f_locals.items() if not k.startswith("__")}
        before = self.seen.get(id(frame), {})
        self.seen[id(frame)] = now
        steps = self.last or self.first
        if steps and before != now:
            steps[-1]["changed"].update({k: v for k, v in now.items() if before.get(k) != v})

    def to_json(self) -> list[dict[str, Any]]:
        """Return the first steps and the last."""
        return [*self.first, *self.last]


class Child:
    """One program, and the runs of it."""

    def __init__(self, program: Mapping[str, Any], answers: io.RawIOBase) -> None:
        self.answers = answers
        self.modules = program["modules"]
        self.cover = bytearray(program["branches"])
        self.blank = bytes(program["branches"])
        self.reached = 0  # branches that some run took, as bits of a number
        monitor.clauses[:], monitor.functions[:] = program["clauses"], program["functions"]
        for own in self.modules.values():
            monitor.paths.add(own["path"])
            if own["lines"] is not None:
                monitor.columns[own["path"]] = own["lines"]
        names = {
            "__pb__": monitor,
            "__pb_cover__": self.cover,
            **{k: getattr(monitor, v) for k, v in _NAMES.items()},
        }
        self.installed: Mapping[str, str] = program["installed"]
        self.where: str = program["where"]
        self.missing = Missing()
        sys.meta_path.insert(0, Finder(self.modules, program["inert"], names, self.installed, program["records"]))
        sys.meta_path.append(self.missing)
        if self.installed:  # threads are refused
            os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
        self.charged = 0.0  # processor seconds that have been reported
        self.compiled: dict[str, CodeType] = {}

    def load(self, name: str) -> ModuleType | dict[str, Any]:
        """Import a module of the program; what stands in the way is an answer."""
        monitor.begin(steps=5_000_000)
        take_attempts()
        try:
            _watch(_IMPORT_S)
            return importlib.import_module(name)
        except monitor.Stop:
            ended = monitor.state.ended or {}
            return {
                "status": "import",
                "what": f"importing it ends with {ended.get('kind') or ended.get('what') or ended.get('status')}",
            }
        except BaseException as error:  # noqa: BLE001 - importing runs code of the program
            tried = take_attempts()
            package = self._package(error)
            if isinstance(error, ModuleNotFoundError) and error.name:
                return {"status": "import", "what": self._absent(error.name, package)}
            what = f"importing {f'`{package}`' if package else 'it'}"
            if tried:
                return {"status": "refused", "what": f"{what} tries to {tried[0]}"}
            return {"status": "import", "what": f"{what} raises {type(error).__name__}: {error}"}
        finally:
            _watch(0)

    def _absent(self, name: str, package: str = "") -> str:
        """Say that a module is not there: of the program, of what is installed, or because it is nowhere."""
        top = name.partition(".")[0]
        if top in self.installed or any(own.partition(".")[0] == top for own in self.modules):
            return f"it imports `{name}`, which is not there"
        return f"{f'`{package}`' if package else 'it'} imports `{top}`, which is not installed {self.where}"

    def _package(self, error: BaseException) -> str:
        """Return the installed package in whose code an exception was raised; "" if in none."""
        trace, found = error.__traceback__, ""
        while trace is not None:
            name = str(trace.tb_frame.f_globals.get("__name__", ""))
            own = next((n for n in self.installed if name == n or name.startswith(f"{n}.")), "")
            found = own or found
            trace = trace.tb_next
        return found

    def serve(self, request: Mapping[str, Any]) -> None:
        """Run a batch of cases; without a function: import the module, for what that does; with -1: so that it is imported."""
        if request["function"] is None:
            self._answer([self.top_level(request["module"])])
            return
        module = self.load(request["module"])
        if request["function"] == -1:  # nothing but that
            self._answer([])
            return
        until = time.process_time() + request["budget"]
        found: list[Mapping[str, Any]] = []
        for case in request["cases"]:
            if isinstance(module, dict):
                found.append(module)
            elif time.process_time() > until:
                found.append({"status": "skipped"})
            else:
                found.append(self.run(module, request, case))
        self._answer(found)

    def _answer(self, found: Sequence[Mapping[str, Any]]) -> None:
        data = memoryview(
            json.dumps({"runs": found, "cpu_s": time.process_time() - self.charged}, separators=(",", ":")).encode() + b"\n"
        )
        self.charged = time.process_time()
        while data:
            data = data[self.answers.write(data) or 0 :]

    def top_level(self, name: str) -> dict[str, Any]:
        """Import a module, once, and say what that violates."""
        monitor.begin(steps=5_000_000)
        take_attempts()
        answer: dict[str, Any] = {"status": "returned"}
        try:
            _watch(_IMPORT_S)
            importlib.import_module(name)
        except monitor.Stop:
            answer = dict(monitor.state.ended or {})
        except (RecursionError, MemoryError) as error:
            answer = {"status": "limit", "what": "recursion" if isinstance(error, RecursionError) else "memory"}
        except ImportError as error:
            answer = {"status": "import", "what": f"importing it raises {type(error).__name__}: {error}"}
        except BaseException as error:  # noqa: BLE001 - importing runs code of the program
            path, line, column, kind = monitor.origin(error)
            if path:
                text = monitor.described(error)
                place = {"path": path, "line": line, "column": column, "clause_path": "", "clause_line": 0, "clause_column": 0}
                answer = {"status": "violated", "kind": kind, "function": name, "text": text, "values": {}, **place}
            else:
                answer = {"status": "import", "what": f"importing it raises {type(error).__name__}: {error}"}
        finally:
            _watch(0)
        tried = take_attempts()
        return {"status": "refused", "what": f"it tries to {tried[0]}"} if tried else answer

    def _value(self, text: str, names: Names) -> Any:
        code = self.compiled.get(text)
        if code is None:
            if len(self.compiled) > 20_000:
                self.compiled.clear()
            code = self.compiled[text] = compile(text, "<argument>", "eval", dont_inherit=True)
        return eval(code, names.module, names)  # noqa: S307 - this is what the process is for

    def run(self, module: ModuleType, request: Mapping[str, Any], case: Sequence[Any]) -> dict[str, Any]:
        """Run one case: `[[how, name, text] ...], [[name, text] ...]`."""
        state, given, shared = monitor.state, case[0], case[1]
        steps = request["steps"]
        monitor.begin(steps=steps, depth=request["depth"])
        self.cover[:] = self.blank
        names = Names(module.__dict__)
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        self.missing.names.clear()
        take_attempts()
        state.making = True
        try:
            for name, text in shared:
                names[name] = self._value(text, names)
            for how, name, text in given:
                value = self._value(text, names)
                if how == "p":
                    args.append(value)
                elif how == "k":
                    kwargs[name] = value
                elif how == "*":
                    args.extend(value)
                else:
                    kwargs.update(value)
        except monitor.Stop:
            return {"status": "arguments", "what": (state.ended or {}).get("kind") or (state.ended or {}).get("status", "")}
        except BaseException as error:  # noqa: BLE001 - constructors are code of the program
            return {"status": "arguments", "what": f"{type(error).__name__}: {error}"[:300]}
        wrapper = monitor.wrappers.get(request["function"])
        if wrapper is None:
            return {"status": "import", "what": "importing the module does not define the function"}
        monitor.begin(steps=steps, depth=request["depth"])
        state.target = request["function"]
        return self._call(wrapper, args, kwargs, request)

    def _call(self, wrapper: Any, args: Sequence[Any], kwargs: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
        state = monitor.state
        trace = Trace() if request["trace"] else None
        answer: dict[str, Any] = {}
        if "random" in sys.modules:
            sys.modules["random"].seed(0)
        try:
            _watch(request["seconds"])
            if trace is not None:
                sys.settrace(trace)
            result = wrapper(*args, **kwargs)
            sys.settrace(None)
            answer = {"status": "returned"}
            if trace is not None:
                answer["value"] = monitor.show(result)
        except monitor.Stop:
            pass
        except (RecursionError, MemoryError) as error:
            answer = {"status": "limit", "what": "recursion" if isinstance(error, RecursionError) else "memory"}
        except BaseException as error:  # noqa: BLE001 - this is what the function does
            said = f"{type(error).__name__}: {error}"[:300]
            answer = {"status": "crashed", "what": said} if _ours(error) else {"status": "raised", "value": said}
        finally:
            sys.settrace(None)
            _watch(0)
        if state.ended is not None:
            answer = dict(state.ended)
        absent = next((name for name in self.missing.names if f"No module named '{name}'" in str(answer.get("text", ""))), None)
        if absent is not None and answer.get("kind") == "EXCEPTION":  # with the package it may not be raised
            answer = {"status": "import", "what": self._absent(absent)}
        tried = take_attempts()
        if tried:
            answer = {"status": "refused", "what": f"it tries to {tried[0]}"}
        if state.open_clauses:
            answer["open"] = sorted(state.open_clauses)
        answer["steps"] = request["steps"] - state.steps
        taken = int.from_bytes(self.cover, "little")
        if taken & ~self.reached:
            self.reached |= taken
            answer["new"] = True
        if trace is not None:
            answer["trace"] = trace.to_json()
        return answer


def _ours(error: BaseException) -> bool:
    """Whether the monitor itself failed, in which case nothing is known of the run."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and monitor.ours(trace.tb_frame.f_code.co_filename)


def _watch(seconds: float) -> None:
    """Interrupt what no limit on steps catches, such as an endless iterator in a comprehension, after processor seconds; 0: never."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _late(number: int, frame: object) -> None:
    del number, frame
    monitor.end("limit", what="time")


def main() -> None:
    """Serve until there are no more requests."""
    answers = io.FileIO(os.dup(1), "wb")
    requests = os.fdopen(os.dup(0), "rb")
    nothing, other = os.pipe()
    os.close(other)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what the program prints is nobody's answer
    signal.signal(signal.SIGPROF, _late)
    sys.setrecursionlimit(4_000)
    child: Child | None = None
    for line in requests:
        message = json.loads(line)
        if child is None:
            child = Child(message, answers)
            answers.write(b"{}\n")
        else:
            child.serve(message)


if __name__ == "__main__":
    main()
