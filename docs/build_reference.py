"""Write docs/reference from the code: `python3 dev.py docs`.

What a page says is taken from where the program takes it: commands from their
parsers, options of the configuration from the table that validates them, rules
and errors from the docstrings of their files. A test compares the pages with
what this would write, so they cannot grow stale.
"""

from __future__ import annotations

import ast
import enum
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "probatum"
REFERENCE = ROOT / "docs" / "reference"
MADE = "<!-- Written by `python3 dev.py docs` from the code; change it there. -->\n\n"

FIRST_ERROR = "ProbatumError"

_TYPES = ("int", "str", "bytes", "bytearray", "list", "tuple", "dict", "set", "frozenset", "deque")


def pages() -> dict[str, str]:
    """Return every page of the reference: file name -> text."""
    return {
        "boogie-options.md": MADE + boogie_options(),
        "commands.md": MADE + commands(),
        "configuration.md": MADE + configuration(),
        "errors.md": MADE + errors(),
        "library.md": MADE + library(),
        "python.md": MADE + python(),
        "report.md": MADE + report(),
        "rules.md": MADE + rules(),
    }


def boogie_options() -> str:
    """Every option of Boogie: whether it means something here, and what."""
    from probatum.cli.boogie_options import described

    head = "# Boogie's options\n\nEach may be written `-name:value` or `/name:value`, and its value as the next word.\n"
    bars = str.maketrans({"|": "\\|"})
    rows = [f"| `{spelling.translate(bars)}` | {kind} | {words} |" for spelling, kind, words in described()]
    return "\n".join([head, "| Option | | What it does, or why not |", "|---|---|---|", *rows]) + "\n"


def commands() -> str:
    """Every command with its options, as `--help` prints it, and the exit statuses."""
    from probatum.cli import COMMANDS, program

    parts = ["# Commands\n", program.help or "", "\n"]
    for name in COMMANDS:
        command = program.get_command(click.Context(program), name)
        if command is not None:
            parts.extend(_command(f"probatum {name}", command))
    return "\n".join(parts).rstrip() + "\n"


def _command(path: str, command: click.Command) -> Iterator[str]:
    names = ["-h", "--help"]  # as the program has them; a command keeps those that it is first shown with
    context = click.Context(command, info_name=path, terminal_width=100, max_content_width=100, help_option_names=names)
    yield f"## `{path}`\n"
    yield f"```text\n{command.get_help(context).strip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _command(f"{path} {name}", inner)


def configuration() -> str:
    """Every table and key of the configuration."""
    from probatum.project.options import options_of, tables, types

    parts = [
        "# Configuration",
        (
            "`probatum.toml`, or `[tool.probatum.<table>]` in `pyproject.toml`. The nearest file upwards counts. "
            "A key that is not listed here is an error, not a comment. The command line wins over the file."
        ),
    ]
    for table in tables():
        parts.append(f"## `[{table}]`")
        for option in options_of(table):
            one_of = f"; one of {', '.join(f'`{c}`' for c in option.choices)}" if option.choices else ""
            default = _toml(option.default)
            parts.append(
                f"### `{option.name}`\n\n{option.help}\n\n{types[option.type][0].capitalize()}{one_of}. Default: `{default}`.\n\n"
                f"```toml\n[{table}]\n{option.name} = {option.example}\n```"
            )
    return "\n\n".join(parts) + "\n"


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case dict() if not value:
            return "{}"
        case _:
            return str(value)


def rules() -> str:
    """Every rule, in its own words."""
    from probatum.engine import list_rules
    from probatum.engine.rules import built_in_rules

    parts = [
        "# Rules",
        "`probatum explain RULE` prints the same. Each spec shows by example what a rule finds and what it does not.",
    ]
    for rule in (*list_rules(), *built_in_rules()):
        words = re.sub(r"^## ", "### ", rule.docstring.partition("\n")[2].strip(), flags=re.MULTILINE)
        spec = f" Examples: [its spec](../../specs/{rule.id}.md)." if (ROOT / "specs" / f"{rule.id}.md").exists() else ""
        parts.append(f"## `{rule.id}`\n\n**{rule.title}.**{spec}\n\n{words}".rstrip())
    return "\n\n".join(parts) + "\n"


def errors() -> str:
    """Every error that a user can fix, with where it is raised from."""
    parts = [
        "# Errors",
        (
            "Every error that probatum raises on purpose says what happened, why, and what to do. "
            f"All derive from `{FIRST_ERROR}`; anything else that escapes is a defect of probatum and ends with status 4."
        ),
    ]
    parts.extend(
        f"## `{name}`\n\n`{module}`, a kind of `{parent}`\n\n{words}" for name, (module, parent, words) in error_classes().items()
    )
    return "\n\n".join(parts) + "\n"


def error_classes() -> dict[str, tuple[str, str, str]]:
    """Name -> (module, parent, docstring) of every class below `ProbatumError`; read from the files, importing none."""
    classes = [
        (_module(path), node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    found: dict[str, tuple[str, str, str]] = {}
    known = {FIRST_ERROR}
    while True:
        new = [
            (node.name, module, base.id, ast.get_docstring(node) or "")
            for module, node in classes
            for base in node.bases
            if isinstance(base, ast.Name) and base.id in known and node.name not in known
        ]
        if not new:
            return dict(sorted(found.items()))
        for name, module, parent, words in new:
            found[name] = (module, parent, words)
            known.add(name)


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python() -> str:
    """Every public name, with its signature and its docstring."""
    parts = [
        "# From Python",
        (
            "Public is what is in `probatum.__all__`, in `probatum.fairness`, in `probatum.testing` and in the [schema of the report](report.md). "
            "The rest may change on any day."
        ),
    ]
    for name in ("probatum", "probatum.fairness", "probatum.testing"):
        module = importlib.import_module(name)
        parts.append(f"## `{name}`\n\n{_words(module)}")
        for public in sorted(module.__all__):
            value = getattr(module, public)
            if inspect.isclass(value) and issubclass(value, enum.Enum):
                members = ", ".join(f"`{member.value}`" for member in value)
                parts.append(f"### `{public}`\n\n{members}\n\n{_words(value)}")
            elif inspect.isclass(value) or inspect.isfunction(value):
                parts.append(f"### `{public}`\n\n```python\n{public}{_signature(value)}\n```\n\n{_words(value)}")
    return "\n\n".join(parts) + "\n"


def library() -> str:
    """What of Python's built-in functions and types, and of its standard library, proofs know the meaning of."""
    import builtins

    from probatum.lower.lowering import Lowerer

    found = dir(Lowerer)
    functions = sorted(
        name
        for way in ("call_", "special_")
        for name in (one.removeprefix(way) for one in found if one.startswith(way))
        if hasattr(builtins, name)
    )
    types = [kind for kind in _TYPES if any(one.startswith(f"method_{kind}_") for one in found)]
    modules: dict[str, list[str]] = {}
    for path in sorted((PACKAGE / "code" / "stubs").glob("*.pyi")):
        modules[path.stem] = list(_public(ast.parse(path.read_text(encoding="utf-8"))))
    for name in (one.removeprefix("library_") for one in found if one.startswith("library_")):
        module, _, function = name.partition("_")
        if importlib.util.find_spec(module) is not None:
            modules.setdefault(module, []).append(function)
    parts = [
        "# Python's own functions and types\n",
        (
            "What proofs know the meaning of, as tests compare it with what CPython does. A function that uses something else of\n"
            "these kinds is not handled, and its outcome names what it is. See also\n"
            "[what is understood of the language](../explanation/python.md#what-is-understood).\n"
        ),
        "## Built-in functions\n",
        _named(functions) + "\n",
        "## Methods\n",
        "| Of | |",
        "|---|---|",
        *(
            f"| `{kind}` | {_named(one.removeprefix(f'method_{kind}_') for one in found if one.startswith(f'method_{kind}_'))} |"
            for kind in types
        ),
        "",
        "`str.format` gives some text. `Counter` and `defaultdict` have the methods of `dict`. Of the class itself: "
        + _named(_class_methods(found))
        + ".\n",
        "## The standard library\n",
        "Besides these, what is used in annotations and for classes: `abc`, `dataclasses`, `enum`, `typing` and the like.\n",
        "| Module | |",
        "|---|---|",
        *(f"| `{name}` | {_named(sorted(set(own)))} |" for name, own in sorted(modules.items()) if own),
    ]
    return "\n".join(parts) + "\n"


def _public(module: ast.Module) -> Iterator[str]:
    """Yield the names that a file of contracts declares: of functions, classes and constants."""
    for one in module.body:
        match one:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                if not name.startswith("_"):
                    yield name
            case _:
                pass


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _class_methods(found: Iterable[str]) -> list[str]:
    """Methods that are called on a built-in class: `dict.fromkeys`."""
    return [
        f"{kind}.{name}"
        for one in found
        if one.startswith("class_")
        for kind, _, name in [one.removeprefix("class_").partition("_")]
        if kind in _TYPES
    ]


def _signature(value: object) -> str:
    try:
        text = str(inspect.signature(value))  # type: ignore[arg-type] # anything public that is callable has one, or raises
    except (TypeError, ValueError):
        return "(...)"
    return re.sub(r"<factory>", "...", text).replace("= ''", "= \0").replace("'", "").replace("\0", "''")


def _words(value: object) -> str:
    """Return a docstring as it stands; sections are underlined, which Markdown would read as headings of its own."""
    return f"```text\n{inspect.getdoc(value) or ''}\n```"


def report() -> str:
    """Explain the JSON of a report, from its published schema."""
    from probatum.findings import SCHEMA
    from probatum.report import schema

    whole = schema()
    parts = [
        "# The report as JSON",
        (
            f"`--format json` writes it; its `schema` is `{SCHEMA}`. The JSON Schema is part of the package: "
            "`src/probatum/report/schema.json`, and `probatum.report.schema()` in Python."
        ),
        _table("The report", whole),
    ]
    parts.extend(_table(f"`{name}`", inner) for name, inner in sorted(whole.get("$defs", {}).items()) if "properties" in inner)
    return "\n\n".join(parts) + "\n"


def _table(title: str, schema: dict[str, object]) -> str:
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        raise TypeError(f"the properties of {title} are not an object")
    rows = [f"| `{name}` | {_kind(inner)} | {_cell(inner.get('description', ''))} |" for name, inner in properties.items()]
    words = f"{schema['description']}\n\n" if "description" in schema else ""
    return f"## {title}\n\n{words}| Key | Value | Meaning |\n|---|---|---|\n" + "\n".join(rows)


def _kind(inner: dict[str, object]) -> str:
    if "$ref" in inner:
        return f"`{str(inner['$ref']).rsplit('/', 1)[-1]}`"
    if "const" in inner:
        return f"`{inner['const']}`"
    if "enum" in inner:
        values = inner["enum"]
        return ", ".join(f"`{v}`" for v in values) if isinstance(values, list) else ""
    for some in ("anyOf", "oneOf"):
        options = inner.get(some)
        if isinstance(options, list):
            return " or ".join(_kind(o) for o in options)
    kind = inner.get("type", "")
    items = inner.get("items")
    if kind == "array" and isinstance(items, dict):
        return f"list of {_kind(items) or 'values'}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def main() -> int:
    """Write the pages, and remove those that are no longer made."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    made = pages()
    for stale in set(REFERENCE.glob("*.md")) - {REFERENCE / name for name in made}:
        stale.unlink()
    for name, text in made.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
