"""What several commands can be asked for: options of a check, how to show it, where to write it."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from probatum.records import dataclass
from probatum.report import FORMATS

if TYPE_CHECKING:
    from probatum.engine import CheckOptions

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write, and in which format."""

    format: str
    path: Path


class OutputType(click.ParamType[Output]):
    """`FORMAT:FILE`."""

    name = "FORMAT:FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        """Split at the first colon."""
        if isinstance(value, Output):
            return value
        kind, colon, path = str(value).partition(":")
        if not colon or not path:
            self.fail(f"`{value}` does not say format and file, as in `html:report.html`", param, ctx)
        if kind not in FORMATS:
            self.fail(f"`{kind}` is not a format; there are {', '.join(FORMATS)}", param, ctx)
        if path == "-":
            self.fail(f"standard output has a format of its own: write `--format {kind}`", param, ctx)
        return Output(kind, Path(path))


class SecondsType(click.ParamType[float]):
    """A time that ends."""

    name = "SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a positive, finite number."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1.0
        if not 0 < seconds < float("inf"):
            self.fail(f"`{value}` is not a number of seconds above 0", param, ctx)
        return seconds


class RunnerType(click.ParamType[str]):
    """Where tasks run."""

    name = "RUNNER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Accept what names a runner, whether it is there or not."""
        if not re.fullmatch(r"local|ray|ray://\S+", str(value)):
            self.fail(f"`{value}` is not a runner; there are `local`, `ray` and `ray://host:port`", param, ctx)
        return str(value)


class BytesType(click.ParamType[int]):
    """A number of bytes, with or without a unit."""

    name = "BYTES"
    _units = {"": 1, "b": 1} | {
        f"{letter}{tail}": base**power
        for power, letter in enumerate("kmgt", start=1)
        for tail, base in (("", 1024), ("ib", 1024), ("b", 1000))
    }

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read `512MiB`, `2GB`, `1g` or a number of bytes."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,18}) ?([a-z]{0,3})", str(value).strip().lower(), re.ASCII)
        if found is None or found[2] not in self._units:
            self.fail(f"`{value}` is not a number of bytes; write `512MiB` or `2GB`", param, ctx)
        unit: int = self._units[found[2]]
        return int(found[1]) * unit


class DayType(click.ParamType[date]):
    """A day, as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read a day."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            self.fail(f"`{value}` is not a day; write 2027-01-31", param, ctx)


def root_argument(command: F) -> F:
    """`[PATH]`: what to look at, a directory or a file."""
    return click.argument("root", metavar="[PATH]", default=".", type=click.Path(path_type=Path))(command)


def root_option(command: F) -> F:
    """`--root DIR`, for commands whose arguments are something else."""
    words = "The directory that is meant; default: this one."
    return click.option("--root", metavar="DIR", default=".", type=click.Path(path_type=Path), help=words)(command)


_check_options = (
    click.option("--select", "-s", metavar="RULE", multiple=True, help="Only these rules; `access` means all of a system."),
    click.option("--ignore", metavar="RULE", multiple=True, help="Not these rules."),
    click.option(
        "--timeout",
        "timeout_s",
        metavar="SECONDS",
        type=SecondsType(),
        help="Limit of one task; default 60, for large programs up to 360.",
    ),
    click.option(
        "--memory",
        "memory_bytes",
        metavar="BYTES",
        type=BytesType(),
        help="Limit of one process, as `512MiB`; default 2GiB, 0 for none.",
    ),
    click.option(
        "--jobs", "-j", metavar="N", type=click.IntRange(min=1), help="Processes at once; default: the processors there are."
    ),
    click.option("--runner", metavar="RUNNER", type=RunnerType(), help="Where tasks run: `local`, `ray` or `ray://host:port`."),
    click.option("--no-cache", "use_cache", flag_value=False, default=True, help="Decide everything anew."),
    click.option("--baseline", "only_new", is_flag=True, help="Show only what is not in the baseline; refuse if there is none."),
    click.option(
        "--baseline-file",
        "baseline",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The baseline; default: baseline.json.",
    ),
    click.option("--no-baseline", "use_baseline", flag_value=False, default=True, help="Show what the baseline hides."),
    click.option("--changed-since", metavar="REF", help="Only files that differ from this git revision."),
    click.option("--show-suppressed", is_flag=True, help="List hidden findings too, without counting them."),
    click.option("--seed", metavar="N", type=int, help="Seed of all chance; default 0."),
    click.option(
        "--no-replay",
        "replay",
        flag_value=False,
        default=True,
        help="Run no code of the project: what only a run can show stays undecided.",
    ),
    click.option(
        "--allow-unsandboxed",
        is_flag=True,
        help="Run code of the project with limits of resources alone where no sandbox can be had.",
    ),
    click.option(
        "--certify",
        is_flag=True,
        help="Look for a ground certificate of every proof about code, which `recheck` confirms without search; takes two to four times as long.",
    ),
    click.option("--today", metavar="DAY", type=DayType(), help="The day against which suppressions expire; default: today."),
)


def check_options(command: F) -> F:
    """Add the options of a check, and give the command one `CheckOptions` as `options`."""

    @functools.wraps(command)
    def gathered(**asked: Any) -> Any:
        from probatum.engine import CheckOptions

        if not asked.get("use_baseline", True) and (asked.get("only_new") or asked.get("baseline")):
            other = "--baseline" if asked.get("only_new") else "--baseline-file"
            raise click.UsageError(f"`--no-baseline` and `{other}` contradict each other; keep one")
        outputs = [output.path.resolve() for output in asked.get("outputs", ())]
        if twice := next((path for path in outputs if outputs.count(path) > 1), None):
            raise click.UsageError(f"two outputs would be written to `{twice.name}`; give each a file of its own")
        own = {field.name for field in dataclasses.fields(CheckOptions)}
        options: CheckOptions = CheckOptions(**{name: asked.pop(name) for name in own & set(asked)})
        return command(options=options, **asked)

    decorated: Any = gathered
    for option in reversed(_check_options):
        decorated = option(decorated)
    result: F = decorated
    return result


def color_option(command: F) -> F:
    """`--no-color`, and the custom of the environment variable of that name."""
    return click.option("--no-color", is_flag=True, help="No colour; the variable NO_COLOR says so too.")(command)


def format_option(*formats: str) -> Callable[[F], F]:
    """`--format`, of those that the command has; the first is the default."""
    known = formats or tuple(FORMATS)
    words = f"How to print it; default {known[0]}."
    return click.option(
        "--format", "-f", "format", type=click.Choice(known), default=known[0], metavar="|".join(known), help=words
    )


def output_option(command: F) -> F:
    """`--output`, as often as wanted."""
    words = "Write it to a file besides, as `html:report.html`; may be repeated."
    return click.option("--output", "-o", "outputs", type=OutputType(), multiple=True, metavar="FORMAT:FILE", help=words)(command)


def existing(root: Path) -> Path:
    """Return the path, if something is there.

    Raises
    ------
    UsageError
        If nothing is.
    """
    from probatum.errors import UsageError

    if not root.exists():
        raise UsageError(f"`{root}` does not exist", help="name a directory or a file to look at")
    return root
