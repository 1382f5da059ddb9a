"""Every option of the configuration, in one table: it is validated, documented and written out from here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from probatum.records import dataclass

CHECK = "check"  # the table of options that belong to no system


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option.

    Attributes
    ----------
    table, name : str
        ``[check]`` and ``exclude``.
    type : str
        A key of `types`.
    default : JSON
        The value when the option is absent.
    help : str
        One line: what it does.
    example : str
        A value as it is written in TOML.
    choices : tuple of str
        The only texts allowed, if not empty; for tables of texts, of the values.
    fault : callable, optional
        What is wrong with a value of the right type, or "".
    """

    table: str
    name: str
    type: str
    default: Any
    help: str
    example: str
    choices: tuple[str, ...] = ()
    fault: Callable[[Any], str] = lambda _value: ""


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


# What a type is called in a message, and whether a value has it. `True` is an `int` to Python and not to a user.
types: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text in quotes", lambda v: isinstance(v, str)),
    "integer": ("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool)),
    "number": ("a number", lambda v: isinstance(v, int | float) and not isinstance(v, bool)),
    "boolean": ("`true` or `false`", lambda v: isinstance(v, bool)),
    "texts": ("a list of texts", _is_texts),
    "table of texts": ("a table whose values are texts", lambda v: isinstance(v, dict) and _is_texts(list(v.values()))),
    "tables": ("a list of tables", lambda v: isinstance(v, list) and all(isinstance(item, dict) for item in v)),
}


def _at_least(low: float, what: str = "") -> Callable[[Any], str]:
    return lambda value: "" if value >= low else f"it must be at least {low}{what}"


def _positive(value: float) -> str:
    return "" if 0 < value < float("inf") else "it must be more than 0"


def _each(pattern: str, shape: str) -> Callable[[list[str]], str]:
    def fault(values: list[str]) -> str:
        wrong = next((v for v in values if re.fullmatch(pattern, v) is None), None)
        return "" if wrong is None else f"`{wrong}` is not {shape}"

    return fault


def _relative(value: str) -> str:
    if value.startswith("/") or ".." in value.split("/") or not value:
        return f"`{value}` must be a path inside the project, without `..`"
    return ""


def _references(values: Mapping[str, str]) -> str:
    for value in values.values():
        if value.startswith("git:"):
            if not value[4:] or value[4] == "-":
                return f"`{value}` must name a revision, as in `git:main`"
        elif fault := _relative(value):
            return fault
    return ""


def _grants(values: list[Mapping[str, Any]]) -> str:
    for value in values:
        if unknown := sorted(set(value) - {"actions", "resources"}):
            return f"`{unknown[0]}` is not a key of it; there are `actions` and `resources`"
        if not _is_texts(value.get("actions")) or not value["actions"]:
            return "`actions` must be a list of at least one action pattern"
        if "resources" in value and (not _is_texts(value["resources"]) or not value["resources"]):
            return "`resources` must be a list of at least one resource pattern; leave it out for all resources"
    return ""


def _runner(value: str) -> str:
    return "" if re.fullmatch(r"local|ray|ray://\S+", value) else "it must be `local`, `ray` or `ray://host:port`"


options: tuple[Option, ...] = (
    Option(table=CHECK, name="select", type="texts", default=[], help="Rules to run, by identifier or glob; all when empty.", example='["access/*"]'),
    Option(table=CHECK, name="ignore", type="texts", default=[], help="Rules not to run, by identifier or glob.", example='["access/grants-nothing"]'),
    Option(table=CHECK, name="exclude", type="texts", default=[], help="Files and directories that are not looked at: globs, `**` crosses directories.", example='["vendor/**", "*.min.json"]'),
    Option(table=CHECK, name="max-file-mb", type="number", default=20, help="Larger files are reported as undecided instead of read, in millions of bytes.", example="20", fault=_positive),
    Option(table=CHECK, name="timeout", type="number", default=60, help="Limit of one rule on one artefact, in seconds. Where it is not given, a program of more than 40 kB (about a thousand lines) gets it once more for each further 40 kB, up to six times.", example="60", fault=_positive),
    Option(table=CHECK, name="memory-mb", type="integer", default=2048, help="Limit of one worker process, in MiB; 0 for none.", example="2048", fault=_at_least(0)),
    Option(table=CHECK, name="jobs", type="integer", default=0, help="Worker processes at once; 0 for as many as there are processors.", example="4", fault=_at_least(0)),
    Option(table=CHECK, name="runner", type="text", default="local", help="Where work is done: `local`, `ray` or `ray://host:port`.", example='"local"', fault=_runner),
    Option(table=CHECK, name="seed", type="integer", default=0, help="Seed of everything that draws at random.", example="0"),
    Option(table=CHECK, name="baseline", type="text", default="baseline.json", help="The file of accepted findings.", example='"baseline.json"', fault=_relative),
    Option(table=CHECK, name="suppressions", type="text", default="suppressions.toml", help="The file of findings that someone answers for.", example='"suppressions.toml"', fault=_relative),
    Option(table=CHECK, name="max-suppression-days", type="integer", default=365, help="The longest time for which a finding may be suppressed, in days from its `created`.", example="180", fault=_at_least(1, " day")),
    Option(table="access", name="kinds", type="table of texts", default={}, help="Which files hold which kind of policy: glob to kind.", example='{ "roles/*.trust.json" = "trust" }', choices=("identity", "resource", "trust", "scp", "rcp", "boundary", "session", "endpoint")),
    Option(table="access", name="trusted-accounts", type="texts", default=[], help="Accounts inside the trust zone, as 12 digits.", example='["111122223333"]', fault=_each(r"[0-9]{12}", "an account number of 12 digits")),
    Option(table="access", name="trusted-organisations", type="texts", default=[], help="Organisations inside the trust zone.", example='["o-a1b2c3d4e5"]', fault=_each(r"o-[a-z0-9]{10,32}", "an organisation identifier such as `o-a1b2c3d4e5`")),
    Option(table="access", name="arn-mode", type="text", default="segments", help="How patterns of resource names match: per segment between colons, or as one flat text.", example='"segments"', choices=("segments", "flat")),
    Option(table="access", name="reference", type="table of texts", default={}, help="What new access is measured against: glob of policies to a path or to `git:REVISION`.", example='{ "policies/*" = "git:main" }', fault=_references),
    Option(table="access", name="never-grant", type="tables", default=[], help="Access that no policy may grant: tables with `actions` and, optionally, `resources`.", example='[{ actions = ["iam:*"] }]', fault=_grants),
    Option(table="access", name="multivalue", type="text", default="never", help="Whether a condition without `ForAllValues` or `ForAnyValue` may meet a key with several values.", example='"never"', choices=("never", "any")),
    Option(table="code", name="contracts", type="texts", default=["probatum", "icontract", "deal", "pep316", "assert", "nagini"], help="Ways of writing contracts in Python that are read; a Python file without any is not checked.", example='["probatum", "icontract"]', fault=_each(r"probatum|icontract|deal|pep316|assert|nagini", "one of `probatum`, `icontract`, `deal`, `pep316`, `assert` and `nagini`")),
    Option(table="code", name="all-functions", type="boolean", default=False, help="Whether Python functions without a contract are checked too: that they raise nothing, and keep the contracts of what they call.", example="true"),
)  # fmt: skip  # one option a line reads as the table it is


def tables() -> tuple[str, ...]:
    """Names of the tables of the configuration, `check` first."""
    return tuple(dict.fromkeys(option.table for option in options))


def options_of(table: str) -> tuple[Option, ...]:
    """The options of one table, in the order in which they are documented."""
    return tuple(option for option in options if option.table == table)


def contradictions(values: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, str, str], ...]:
    """What is right by itself and cannot be meant together: (table, name, fault)."""
    check = values[CHECK]
    found: list[tuple[str, str, str]] = [
        (CHECK, "ignore", f"`{rule}` is in `select` and in `ignore`")
        for rule in sorted(set(check["select"]) & set(check["ignore"]))
    ]
    if check["baseline"] == check["suppressions"]:
        found.append((CHECK, "suppressions", f"`baseline` and `suppressions` are both `{check['baseline']}`"))
    if any(pattern.strip("/") in ("", ".", "*", "**", "**/*") for pattern in check["exclude"]):
        found.append((CHECK, "exclude", "it excludes every file, so that nothing would be checked"))
    return tuple(found)
