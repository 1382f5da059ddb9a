"""Recording how decisions are made, from a program: `with record("loans", ...) as run:`.

Light to import: what reads tables is loaded when a table is recorded.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import inspect
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from probatum.errors import UsageError
from probatum.fairness.artefacts.record import SCHEMA
from probatum.source import canonical_json, digest, digest_of

P = ParamSpec("P")
R = TypeVar("R")
_active: contextvars.ContextVar[Run | None] = contextvars.ContextVar("probatum_run", default=None)
_DEEPEST = 6
_INNER = ("best_estimator_", "estimator_", "regressor_", "classifier_")  # what a search or a wrapper fitted
_CHOSEN = ("best_params_", "best_score_", "best_threshold_")  # what it chose


class Run:
    """One run of a pipeline, recorded. A context manager; the record is written when it ends, also by an exception.

    Parameters
    ----------
    name : str
        What the run is called.
    to : path, optional
        Where the record is written; files it names are relative to its directory.
    protected : mapping of str to str
        Attribute to column; rows are counted by their groups wherever a table has the column.
    label : str
        Column of the outcome: then outcomes are counted by group as well.
    positive : str, number, truth value, or a sequence of such, optional
        The value of the outcome, and of decisions, that counts as positive; several, where columns have words of
        their own. Needed unless columns hold 0 and 1, or true and false.
    """

    def __init__(
        self,
        name: str,
        *,
        to: str | Path | None = None,
        protected: Mapping[str, str] | None = None,
        label: str = "",
        positive: Any = None,
    ) -> None:
        self.name = name
        self.to = Path(to) if to is not None else None
        self.protected = dict(protected or {})
        self.label = label
        self.positive = positive
        self.objects: dict[str, dict[str, Any]] = {}
        self.root = ""
        self._named: dict[str, list[str]] = {"data": [], "steps": [], "training": []}
        self._one: dict[str, str] = {}
        self._seen: dict[int, tuple[Any, str]] = {}
        self._started = _now()
        self._token: contextvars.Token[Run | None] | None = None

    def __enter__(self) -> Self:
        self._token = _active.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._token is not None:
            _active.reset(self._token)
        self.close(failed="" if kind is None else kind.__name__)

    def data(self, table: Any, name: str = "") -> str:
        """Record a table, a path of a table, or a path of any file, and return its digest."""
        held = self._seen.get(id(table))
        if held is not None and held[0] is table and not isinstance(table, str | Path):
            return held[1]
        from probatum.fairness.service.outcomes import words_of
        from probatum.fairness.service.profile import profile, table_or_file

        words = words_of(self.positive)
        if isinstance(table, str | Path):
            place = Path(table)
            if not place.is_file():
                raise UsageError(f"there is no file `{place.name}` to record", help="record it after it is written")
            own = table_or_file(place, name or place.name, protected=self.protected, label=self.label, positive=words)
            own["file"] = self._relative(place)
        else:
            called = name or type(table).__name__
            own = profile(table, called, protected=self.protected, label=self.label, positive=words)
        key = self._put(own)
        self._once("data", key)
        if not isinstance(table, str | Path):
            self._seen[id(table)] = (table, key)  # the table is kept, so that its identity stays its own
        return key

    def step(self, function: Callable[P, R] | None = None, **parameters: Any) -> Any:
        """Record calls of a function: the code's digest, parameters, tables that go in and out, and rows by group."""

        def wrapped(own: Callable[P, R]) -> Callable[P, R]:
            @functools.wraps(own)
            def called(*args: P.args, **kwargs: P.kwargs) -> R:
                return self._called(own, args, kwargs, parameters)

            return called

        return wrapped(function) if function is not None else wrapped

    @contextlib.contextmanager
    def stage(self, name: str, *tables: Any, **parameters: Any) -> Iterator[Stage]:
        """Record a block of code: tables that go in are given here, those that come out to the stage."""
        stage = Stage()
        before = [self.data(table) for table in tables]
        yield stage
        after = [self.data(table, own) for table, own in stage.gave]
        self.add_step(name, before, after, parameters, code="", where="")

    def pipeline(self, estimator: Any, *, before: Any = None, after: Any = None) -> list[str]:
        """Record the steps of a fitted scikit-learn pipeline: class, parameters and version of each, by looking, not by importing.

        A search is a step with what it chose, followed by the steps of the best estimator.
        """
        found: list[str] = []
        for name, own in _steps_of(estimator):
            kind = type(own)
            top = sys.modules.get(kind.__module__.split(".", 1)[0])
            parameters = own.get_params(deep=False) if hasattr(own, "get_params") else {}
            found.append(
                self.add_step(
                    name,
                    [self.data(before)] if before is not None and not found else [],
                    [],
                    {key: value for key, value in parameters.items() if not hasattr(value, "get_params")},
                    code=_code(kind),
                    where=f"{kind.__module__}.{kind.__qualname__}",
                    version=str(getattr(top, "__version__", "")),
                    columns=_names_out(own),
                    chosen=_plain({key: vars(own)[key] for key in _CHOSEN if key in getattr(own, "__dict__", {})}),
                )
            )
        if after is not None:
            self.data(after)
        return found

    def features(self, table: Any, names: Sequence[str], *, alpha: float = 0.05) -> str:
        """Record which columns decisions are made from, and how well each and all of them tell each group."""
        from probatum.fairness.model.proxies import proxies
        from probatum.fairness.semantics.relation import opened
        from probatum.fairness.service.profile import source_of

        found: dict[str, Any] = {}
        with opened(source_of(table, "features")) as relation:
            absent = [name for name in names if name not in relation.columns]
            if absent:
                raise UsageError(f"the table has no column `{absent[0]}`", help="name columns of the table")
            for attribute, column in self.protected.items():
                if column in relation.columns:
                    own = proxies(relation, names, column, alpha=alpha)
                    found[attribute] = {group: {name: one.to_json() for name, one in each.items()} for group, each in own.items()}
        value = {
            "kind": "features",
            "columns": list(names),
            "inputs": [self.data(table)],
            "proxies": found,
            "confidence": 1 - alpha,
        }
        return self._single("features", value)

    def objective(self, loss: str, **details: Any) -> str:
        """Record what is minimised, with its weights, and how it was searched."""
        return self._single("objective", {"kind": "objective", "loss": loss, "details": _plain(details)})

    def intended_use(self, use: str, *, users: Sequence[str] = (), not_for: Sequence[str] = ()) -> str:
        """Record what decisions are made for, by whom, and what the model must not be used for, in one's own words."""
        if not use.strip():
            raise UsageError("the intended use is empty", help="say in a sentence what is decided with the model")
        own = {"kind": "intended_use", "use": use, "users": list(users), "not_for": list(not_for)}
        return self._single("intended_use", own)

    def threshold(self, value: float, *, chosen_on: Any = None, by: str = "", how: str = "") -> str:
        """Record from which score on a decision is positive, who chose that, how, and on which table."""
        own: dict[str, Any] = {"kind": "threshold", "value": float(value), "by": by, "how": how, "at": _now()}
        if chosen_on is not None:
            own["inputs"] = [self.data(chosen_on)]
        return self._single("threshold", own)

    def model(self, file: str | Path, **details: Any) -> str:
        """Record the file of a model by the digest of its bytes."""
        from probatum.fairness.service.profile import file_digest

        place = Path(file)
        own = {"kind": "model", "name": place.name, "sha256": file_digest(place), "file": self._relative(place)}
        own["details"] = _plain(details)
        return self._single("model", own)

    def evaluation(self, table: Any, *, label: str = "", decision: str, positive: Any = None) -> str:
        """Record how decisions met outcomes, by group, as counts; `positive` as for the run, unless given here.

        Raises
        ------
        UsageError
            If a column is absent, or nobody can say which of its values are positive.
        """
        from probatum.fairness.service.evaluation import counted_by_group
        from probatum.fairness.service.outcomes import words_of
        from probatum.fairness.service.profile import source_of

        outcome = label or self.label
        words = words_of(self.positive if positive is None else positive)
        counts = counted_by_group(source_of(table, "evaluation"), outcome, decision, self.protected, words)
        value = {"kind": "evaluation", "inputs": [self.data(table)], "label": outcome, "decision": decision, "counts": counts}
        return self._single("evaluation", value)

    def training(
        self, name: str, *, objective: str, seeds: Mapping[str, int] | int = 0, data: Any = None, **details: Any
    ) -> Training:
        """Begin to record the training of a network; see `Training`."""
        own = {"name": name, "objective": objective, "seeds": {"": seeds} if isinstance(seeds, int) else dict(seeds)}
        if data is not None:
            own["inputs"] = [self.data(data)]
        return Training(self, own | {"details": _plain(details)})

    def close(self, *, failed: str = "") -> str:
        """Finish the record, write it where `to` says, and return its digest."""
        if not self.root:
            own = {
                "kind": "run",
                "name": self.name,
                "protected": self.protected,
                "label": self.label,
                **({} if self.positive is None else {"positive": self.positive}),
                "started": self._started,
                "ended": _now(),
                "failed": failed,
                "software": {"python": platform.python_version(), **_versions()},
                **{key: keys for key, keys in self._named.items() if keys},
                **self._one,
            }
            self.root = self._put(own)
            if self.to is not None:
                self.to.parent.mkdir(parents=True, exist_ok=True)
                self.to.write_text(self.text(), encoding="utf-8")
        return self.root

    def text(self) -> str:
        """Return the record as the text of its file."""
        return json.dumps({"schema": SCHEMA, "root": self.root, "objects": self.objects}, indent=1, sort_keys=True) + "\n"

    def _called(self, own: Callable[P, R], args: Any, kwargs: Any, parameters: Mapping[str, Any]) -> R:
        bound: dict[str, Any] = {f"argument {n}": value for n, value in enumerate(args)} | dict(kwargs)
        with contextlib.suppress(TypeError, ValueError):
            bound = dict(inspect.signature(own).bind(*args, **kwargs).arguments)
        tables = {key: value for key, value in bound.items() if _is_table(value)}
        before = [self.data(value, key) for key, value in tables.items()]
        answer = own(*args, **kwargs)
        gave = answer if isinstance(answer, tuple | list) and not _is_table(answer) else (answer,)
        after = [
            self.data(value, f"{own.__name__} {n}" if len(gave) > 1 else own.__name__)
            for n, value in enumerate(gave)
            if _is_table(value)
        ]
        rest = {key: value for key, value in bound.items() if key not in tables} | dict(parameters)
        self.add_step(own.__name__, before, after, rest, code=_code(own), where=_where(own))
        return answer

    def add_step(  # noqa: PLR0917 - the fields of a step, in the order in which it happens
        self, name: str, before: list[str], after: list[str], parameters: Mapping[str, Any], code: str, where: str, **more: Any
    ) -> str:
        """Record a step by the digests of what went in and what came out, and return its digest."""
        own = {"kind": "step", "name": name, "code": code, "where": where, "parameters": _plain(parameters)}
        own |= {key: value for key, value in more.items() if value}
        own |= {"order": len(self._named["steps"]), "inputs": before, "outputs": after, "flow": self._flow(before, after)}
        key = self._put(own)
        self._once("steps", key)
        return key

    def _flow(self, before: Sequence[str], after: Sequence[str]) -> dict[str, Any]:
        """Rows of each group before and after, between the first table that goes in and the first that comes out.

        Nothing where a table is only divided: the parts have all rows between them.
        """
        first = next((self.objects[key] for key in before if "groups" in self.objects[key]), None)
        last = next((self.objects[key] for key in after if "groups" in self.objects[key]), None)
        parts = [self.objects[key]["rows"] for key in after if "groups" in self.objects[key]]
        if first is None or last is None or (len(parts) > 1 and sum(parts) == first["rows"]):
            return {}
        flow: dict[str, Any] = {"": {"": _pair(first, last)}}
        for attribute in first["groups"]:
            if attribute in last["groups"]:
                groups = sorted({*first["groups"][attribute], *last["groups"][attribute]})
                flow[attribute] = {
                    group: _pair(first["groups"][attribute].get(group, {}), last["groups"][attribute].get(group, {}))
                    for group in groups
                }
        return flow

    def _relative(self, place: Path) -> str:
        base = (self.to.parent if self.to is not None else Path()).resolve()
        return Path(os.path.relpath(place.resolve(), base)).as_posix()

    def _put(self, own: Mapping[str, Any]) -> str:
        value = json.loads(canonical_json(_plain(own)))
        key = digest_of(value)
        self.objects[key] = value
        return key

    def _once(self, kind: str, key: str) -> None:
        if key not in self._named[kind]:
            self._named[kind].append(key)

    def _single(self, kind: str, own: Mapping[str, Any]) -> str:
        self._one[kind] = self._put(own)
        return self._one[kind]


class Stage:
    """A block of code of a run; see `Run.stage`."""

    def __init__(self) -> None:
        self.gave: list[tuple[Any, str]] = []

    def gives(self, table: Any, name: str = "") -> None:
        """Say which table comes out."""
        self.gave.append((table, name))


class Training:
    """The training of a network, told by callbacks of any framework.

    `epoch` is called after each epoch, with the order in which items were shown;
    `checkpoint` with the file, or the bytes, of weights; `close` at the end. It
    knows no framework: numbers are plain numbers, orders are sequences of whole numbers.
    """

    def __init__(self, run: Run, own: dict[str, Any]) -> None:
        self._run = run
        self._own = own
        self._epochs: list[dict[str, Any]] = []
        self._checkpoints: list[dict[str, Any]] = []
        self.key = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close(failed="" if kind is None else kind.__name__)

    def epoch(self, order: Iterable[int] | None = None, **measures: float) -> None:
        """Record an epoch: in which order items were shown (kept as a digest), and what was measured."""
        own: dict[str, Any] = {"epoch": len(self._epochs), "measures": {key: float(value) for key, value in measures.items()}}
        if order is not None:
            listed = [int(one) for one in order]
            own |= {"items": len(listed), "order": digest(",".join(map(str, listed)))}
        self._epochs.append(own)

    def checkpoint(self, weights: str | Path | bytes) -> str:
        """Record weights by the digest of their bytes, and return it."""
        if isinstance(weights, bytes):
            own: dict[str, Any] = {"sha256": digest(weights)}
        elif not isinstance(weights, str | os.PathLike):
            raise UsageError(
                f"a `{type(weights).__name__}` is no file of weights", help="save it, and give the path of the file, or its bytes"
            )
        else:
            from probatum.fairness.service.profile import file_digest

            own = {"sha256": file_digest(Path(weights)), "file": self._run._relative(Path(weights))}  # noqa: SLF001 - of the same module
        self._checkpoints.append(own | {"epoch": len(self._epochs)})
        return str(own["sha256"])

    def close(self, *, failed: str = "", **measures: float) -> str:
        """Finish, with what was measured in the end."""
        if not self.key:
            own = {"kind": "training", **self._own, "epochs": self._epochs, "checkpoints": self._checkpoints, "failed": failed}
            own["measures"] = {key: float(value) for key, value in measures.items()}
            self.key = self._run._put(own)  # noqa: SLF001 - of the same module
            self._run._once("training", self.key)  # noqa: SLF001 - of the same module
        return self.key


def record(
    name: str,
    *,
    to: str | Path | None = None,
    protected: Mapping[str, str] | None = None,
    label: str = "",
    positive: Any = None,
) -> Run:
    """Begin to record a run; see `Run`."""
    return Run(name, to=to, protected=protected, label=label, positive=positive)


def step(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as a step: its calls are recorded while a run is recorded, and are plain calls otherwise."""

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        run = _active.get()
        if run is None:
            return function(*args, **kwargs)
        return run._called(function, args, kwargs, {})  # noqa: SLF001 - of the same module

    return called


def _pair(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    pair: dict[str, Any] = {"rows": [before.get("rows", 0), after.get("rows", 0)]}
    if "positive" in before or "positive" in after:
        pair["positive"] = [before.get("positive", 0), after.get("positive", 0)]
    return pair


def _is_table(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(isinstance(own, list) for own in value.values())
    if isinstance(value, list):
        return bool(value) and all(isinstance(row, Mapping) for row in value)
    return hasattr(value, "columns") and (hasattr(value, "shape") or hasattr(value, "fetchall"))


def _steps_of(estimator: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield names and estimators, inside pipelines, column transformers, unions, searches and wrappers."""
    inner = next((vars(estimator)[name] for name in _INNER if name in getattr(estimator, "__dict__", {})), None)
    if inner is not None and depth <= _DEEPEST:
        own = prefix or type(estimator).__name__
        yield own, estimator
        yield from _steps_of(inner, own, depth + 1)
        return
    parts = (
        getattr(estimator, "steps", None)
        or getattr(estimator, "transformers_", None)
        or getattr(estimator, "transformer_list", None)
    )
    if not isinstance(parts, list) or depth > _DEEPEST:
        yield prefix or type(estimator).__name__, estimator
        return
    for part in parts:
        own = part[1]
        if own is not None and not isinstance(own, str):
            yield from _steps_of(own, f"{prefix}.{part[0]}" if prefix else str(part[0]), depth + 1)


def _names_out(own: Any) -> list[str]:
    try:
        return [str(name) for name in own.get_feature_names_out()]
    except Exception:  # noqa: BLE001 - an estimator that cannot say so raises anything
        return []


def _code(own: Any) -> str:
    try:
        return digest(inspect.getsource(own))
    except (OSError, TypeError):
        code = getattr(own, "__code__", None)
        return digest(code.co_code) if code is not None else ""


def _where(own: Any) -> str:
    code = getattr(own, "__code__", None)
    return f"{Path(code.co_filename).name}:{code.co_firstlineno}" if code is not None else ""


def _plain(value: Any, depth: int = 0) -> Any:
    """Return parameters as JSON: what has no such form by its type, and by its text where that says no address."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)  # noqa: PLR0124 - NaN differs from itself
    if depth > _DEEPEST:
        return f"<{type(value).__name__}>"
    if isinstance(value, Mapping):
        return {str(key): _plain(own, depth + 1) for key, own in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(own, depth + 1) for own in items]
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return _plain(value.item(), depth + 1)
    text = str(value)
    return text if " at 0x" not in text and len(text) <= 1000 else f"<{type(value).__name__}>"


def _versions() -> dict[str, str]:
    """Versions of the libraries of the field that are loaded anyway."""
    names = ("numpy", "pandas", "polars", "sklearn", "lightgbm", "xgboost", "torch", "jax", "tensorflow")
    return {name: str(getattr(sys.modules[name], "__version__", "")) for name in names if name in sys.modules}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
