"""Allocation problems: who could get what, what there is of it, and what was given to whom.

A problem is written as YAML or JSON, or as a table with one row for each agent, in
which case there is one resource. Numbers are what is written, exactly.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.requirements.allocation import Demands, Reading, exact, read_demands
from probatum.project.document import Node, parse, suggestion
from probatum.project.fields import Fields
from probatum.source import Data, Location, Source, decode

MOST_PAIRS = 200_000  # of agent and resource
SUPPLY = "supply"  # the resource of a table
_AGENT = (
    "group",
    "weight",
    "need",
    "need_sd",
    "need_samples",
    "quota",
    "priority",
    "values",
    "eligible",
    "excluded",
    "given",
    "distance",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Someone who gets something.

    Attributes
    ----------
    name, group : str
    weight : Fraction
        Entitlement, relative to others.
    need : Fraction or None
        Most that it can use; its utility is then the share of it that is met.
    need_sd : Fraction or None
        Standard deviation, where `need` is an expectation.
    need_samples : tuple of Fraction
        Needs on other days, ascending.
    quota : Fraction or None
        Most that it may get of all resources together.
    priority : Fraction
        The higher, the sooner.
    values : mapping of str to Fraction
        Resource to the worth of one unit; what is absent it may not get.
    """

    name: str
    group: str = ""
    weight: Fraction = Fraction(1)
    need: Fraction | None = None
    need_sd: Fraction | None = None
    need_samples: tuple[Fraction, ...] = ()
    quota: Fraction | None = None
    priority: Fraction = Fraction(0)
    values: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Who could get what.

    Attributes
    ----------
    agents : tuple of Agent
    capacities : mapping of str to Fraction
        Resource to how many units there are.
    indivisible : bool
        Whether units go whole, and an agent gets at most one of each resource.
    limit : Fraction or None
        Most that an agent may get of one resource.
    conflicts : tuple of pairs of str
        Resources of which nobody gets both.
    distances : mapping of (str, str) to Fraction
    given : mapping of (str, str) to Fraction, or None
        What was allocated, if it is known.
    """

    agents: tuple[Agent, ...]
    capacities: Mapping[str, Fraction]
    indivisible: bool = False
    limit: Fraction | None = None
    conflicts: tuple[tuple[str, str], ...] = ()
    distances: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    given: Mapping[tuple[str, str], Fraction] | None = None


def raw_of(source: Source) -> bytes:
    """Return the bytes of a file that may be read in place."""
    return Path(source.place).read_bytes() if isinstance(source, Data) else source.raw


def read_problem(source: Source, reading: Reading) -> Problem:
    """Read a problem.

    Raises
    ------
    UnreadableArtefact
        If it is none, with what to write instead.
    """
    text = decode(raw_of(source), source.path)
    ending = source.path.lower().rpartition(".")[2]
    if ending == "csv":
        return _of_table(source.path, text.content, reading)
    if ending in ("yaml", "yml"):
        value = _plain(parse(text, extra="fairness"))
    else:
        try:
            value = json.loads(text.content, parse_float=Decimal, object_pairs_hook=lambda pairs: _once(source.path, pairs))
        except (json.JSONDecodeError, RecursionError) as problem:
            raise _wrong(source.path, f"it is not JSON ({problem})", "correct it, or call it `.csv` or `.yaml`") from None
    if isinstance(value, dict) and "valuations" in value:
        value = _of_courses(source.path, value)
    return _Reader(source.path).problem(value)


def own_demands(source: Source) -> Demands | None:
    """Return the demands that a problem in YAML or JSON makes itself, under `demands`; None if it makes none.

    Raises
    ------
    UnreadableArtefact
        If they are none.
    """
    if not source.path.lower().endswith((".yaml", ".yml", ".json")):
        return None
    text = decode(raw_of(source), source.path)
    if source.path.lower().endswith(".json"):
        value = json.loads(text.content)
        text = replace(text, content=json.dumps({"demands": value.get("demands")} if isinstance(value, dict) else {}))
    node = parse(text, extra="fairness")
    found = node.value.get("demands") if isinstance(node.value, dict) else None
    if found is not None and found.value is None:
        return None
    if found is None:
        return None
    own = Fields(found, "`demands`")
    demands = read_demands(own)
    own.close()
    return demands


def _plain(node: Node) -> Any:
    return node.plain()


def _once(path: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise _wrong(path, f"the key `{twice}` occurs twice in one object", "remove one of them")
    return found


def _wrong(path: str, message: str, advice: str) -> UnreadableArtefact:
    return UnreadableArtefact(message, help=advice, location=Location(path))


class _Reader:
    """Reads one problem; every error names the file, and what is wrong in it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def problem(self, value: Any) -> Problem:
        value = self.mapping(
            value, "the problem", ("agents", "resources", "indivisible", "limit", "conflicts", "demands", "description")
        )
        resources = self.mapping(value.get("resources"), "`resources`")
        capacities = {}
        for name, said in resources.items():
            amount = said["capacity"] if isinstance(said, dict) and set(said) == {"capacity"} else said
            capacities[name] = self.amount(amount, f"the capacity of `{name}`")
        agents = self.mapping(value.get("agents"), "`agents`")
        if not agents or not capacities:
            raise _wrong(self.path, "it has no agent or no resource", "write `agents:` and `resources:`")
        for name in (*agents, *capacities):
            if not name.strip() or not name.isprintable():
                raise _wrong(self.path, f"{name!r} is a name that cannot be shown", "write plain text")
        if len(agents) * len(capacities) > MOST_PAIRS:
            raise _wrong(
                self.path,
                f"it has {len(agents):,} agents and {len(capacities):,} resources, more than {MOST_PAIRS:,} pairs",
                "divide it, by region or kind of resource, or add up those who are alike",
            )
        indivisible = value.get("indivisible", False)
        if not isinstance(indivisible, bool):
            raise _wrong(self.path, f"`indivisible` is `{indivisible}`", "write `true` or `false`")
        distances: dict[tuple[str, str], Fraction] = {}
        given: dict[tuple[str, str], Fraction] = {}
        known = False
        read = []
        for name, one in agents.items():
            own = self.mapping({} if one is None else one, f"the agent `{name}`", _AGENT)
            read.append(self.agent(name, own, capacities))
            for resource, much in self.resources(own.get("distance"), name, "distance", capacities).items():
                distances[name, resource] = self.amount(much, f"the distance of `{name}` to `{resource}`")
            known |= own.get("given") is not None
            for resource, much in self.resources(own.get("given"), name, "given", capacities).items():
                given[name, resource] = self.amount(much, f"what `{name}` was given of `{resource}`")
        return Problem(
            agents=tuple(read),
            capacities=capacities,
            indivisible=indivisible,
            limit=self.optional(value, "limit", "the problem"),
            conflicts=self.conflicts(value.get("conflicts"), capacities),
            distances=distances,
            given=given if known else None,
        )

    def agent(self, name: str, own: Mapping[str, Any], capacities: Mapping[str, Fraction]) -> Agent:
        values = self.resources(own.get("values"), name, "values", capacities)
        if own.get("values") is None:
            values = dict.fromkeys(capacities, 1)
        if own.get("eligible") is not None:
            wanted = self.resources(own["eligible"], name, "eligible", capacities)
            values = {resource: much for resource, much in values.items() if resource in wanted}
        for resource in self.resources(own.get("excluded"), name, "excluded", capacities):
            values.pop(resource, None)
        if not values:
            raise _wrong(
                self.path,
                f"the agent `{name}` may get no resource",
                f"leave it out, or say what it may get: {suggestion('', list(capacities))}",
            )
        need = self.optional(own, "need", name)
        if need is not None and not need:
            raise _wrong(self.path, f"the need of `{name}` is 0", "leave it out: there is no share of nothing")
        samples = own.get("need_samples") or []
        if not isinstance(samples, list):
            raise _wrong(self.path, f"`need_samples` of `{name}` is no list", "write the needs of other days: `[3, 5, 4]`")
        weight = self.optional(own, "weight", name)
        if weight is not None and not weight:
            raise _wrong(self.path, f"the weight of `{name}` is 0", "leave the agent out, or give it a weight above 0")
        group = own.get("group", "")
        return Agent(
            name=name,
            group="(missing)" if group is None else str(group),
            weight=Fraction(1) if weight is None else weight,
            need=need,
            need_sd=self.optional(own, "need_sd", name),
            need_samples=tuple(sorted(self.amount(s, f"a need of `{name}`") for s in samples)),
            quota=self.optional(own, "quota", name),
            priority=self.optional(own, "priority", name) or Fraction(0),
            values={resource: self.amount(much, f"the value of `{resource}` to `{name}`") for resource, much in values.items()},
        )

    def optional(self, own: Mapping[str, Any], key: str, name: str) -> Fraction | None:
        value = own.get(key)
        return None if value is None else self.amount(value, f"`{key}` of `{name}`")

    def amount(self, value: Any, what: str) -> Fraction:
        try:
            number = exact(value)
        except (ValueError, ZeroDivisionError, OverflowError):
            raise _wrong(self.path, f"{what} is `{value}`", "write a number") from None
        if number < 0:
            raise _wrong(self.path, f"{what} is `{value}`, which is negative", "write a number of at least 0")
        return number

    def resources(self, value: Any, name: str, key: str, capacities: Mapping[str, Fraction]) -> dict[str, Any]:
        """Read what is said of resources: a mapping, a list of names, or one number where there is one resource."""
        if value is None:
            return {}
        if isinstance(value, list):
            value = {str(resource): 1 for resource in value}
        if not isinstance(value, dict):
            if len(capacities) > 1:
                raise _wrong(
                    self.path, f"`{key}` of `{name}` is `{value}`, and there are several resources", "write `resource: number`"
                )
            value = {next(iter(capacities)): value}
        for resource in value:
            if resource not in capacities:
                raise _wrong(
                    self.path,
                    f"`{key}` of `{name}` names `{resource}`, which is no resource",
                    suggestion(resource, list(capacities)),
                )
        return dict(value)

    def conflicts(self, value: Any, capacities: Mapping[str, Fraction]) -> tuple[tuple[str, str], ...]:
        found: dict[tuple[str, str], None] = {}
        if not isinstance(value, list | None):
            raise _wrong(self.path, f"`conflicts` is `{value}`", "write a list of pairs: `[[morning, evening]]`")
        for pair in value or []:
            if (
                not isinstance(pair, list)
                or len(pair) != 2
                or pair[0] == pair[1]
                or not all(isinstance(p, str) and p in capacities for p in pair)
            ):
                raise _wrong(self.path, f"`{pair}` is no conflict", "write two resources: `[morning, evening]`")
            found[min(pair), max(pair)] = None
        return tuple(found)

    def mapping(self, value: Any, what: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(self.path, f"{what} is not there, or no mapping", "write `name: ...` lines")
        for key in value if known else ():
            if key not in known:
                raise _wrong(self.path, f"`{key}` is not a field of {what}", suggestion(key, known))
        return value


def _of_courses(path: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return a problem written as courses, as the fairpyx project publishes them: `valuations` and capacities."""
    reader = _Reader(path)
    fields = ("valuations", "agent_capacities", "item_capacities", "agent_conflicts", "item_conflicts")
    reader.mapping(value, "the problem", fields)
    of = {name: reader.mapping(value.get(name) or {}, f"`{name}`") for name in fields}
    for name in ("agent_conflicts", "item_conflicts"):
        for key, others in of[name].items():
            if not isinstance(others, list) or not all(isinstance(other, str) for other in others):
                raise _wrong(path, f"`{name}` of `{key}` is no list of names", "write the names of courses in a list")
    pairs = {tuple(sorted((a, b))) for a, others in of["item_conflicts"].items() for b in others if a != b}
    agents = {}
    for name, values in of["valuations"].items():
        refused = [resource for resource in of["agent_conflicts"].get(name, []) if resource in of["item_capacities"]]
        agents[name] = {"values": values, "quota": of["agent_capacities"].get(name), "excluded": refused}
    return {
        "agents": agents,
        "resources": of["item_capacities"],
        "indivisible": True,
        "conflicts": [list(pair) for pair in sorted(pairs)],
    }


def _of_table(path: str, content: str, reading: Reading) -> Problem:
    rows = csv.DictReader(io.StringIO(content), restkey="(beyond)", skipinitialspace=True)
    names = [name for name in rows.fieldnames or [] if name]
    if not names:
        raise _wrong(path, "the table has no columns", "write a first line of names: `agent,need`")
    fields = ("agent", *(name for name in _AGENT if name not in ("values", "eligible", "excluded")))
    where: dict[str, tuple[str, ...]] = {name: (name,) for name in fields if name in names}
    for key, columns in reading.columns.items():
        if key not in fields:
            raise _wrong(path, f"`{key}` in `columns` is not a field of an agent", suggestion(key, fields))
        for column in columns:
            if column not in names:
                raise _wrong(path, f"there is no column `{column}`", suggestion(column, names))
        where[key] = columns
    if "agent" not in where:
        raise _wrong(path, "there is no column `agent`", f"name it: `columns: {{agent: ...}}`; {suggestion('agent', names)}")
    reader = _Reader(path)
    agents: dict[str, dict[str, Any]] = {}
    for line, row in enumerate(rows, start=2):
        name = (row[where["agent"][0]] or "").strip()
        if not name or name in agents:
            raise _wrong(
                path, f"line {line} has {'no agent' if not name else f'the agent `{name}` again'}", "give each agent one row"
            )
        own: dict[str, Any] = {}
        for key, columns in where.items():
            texts = [(row[column] or "").strip() for column in columns]
            if key == "agent" or not all(texts):
                continue
            if key == "group":
                own[key] = ", ".join(texts)
            else:
                own[key] = Fraction(1)
                for column, text in zip(columns, texts, strict=True):
                    own[key] *= reader.amount(text, f"`{column}` of `{name}`")
        if "need" in where and "need" not in own:
            raise _wrong(path, f"line {line}: the need of `{name}` is missing", "fill it in, or leave the agent out")
        agents[name] = own
    supply = reading.supply
    if supply is None and reading.supply_share is not None:
        supply = reading.supply_share * sum((own.get("need", Fraction(0)) for own in agents.values()), Fraction(0))
    if supply is None:
        raise _wrong(path, "nothing says how much there is to allocate", "add `supply: ...`, or `supply_share: ...` of all needs")
    return reader.problem({"agents": agents, "resources": {SUPPLY: supply}})
