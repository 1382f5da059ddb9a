"""The public names and their signatures are a promise: a change of them is a change of this golden file.

Rewritten by `python3 dev.py specs --accept`, to be read before it is committed.
"""

import dataclasses
import enum
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

GOLDEN = Path(__file__).with_name("public_api.txt")
MODULES = ("probatum", "probatum.fairness", "probatum.ivl", "probatum.spec", "probatum.testing")


def described() -> str:
    return "".join(f"{line}\n" for module in MODULES for line in _module(module))


def _module(name: str) -> Iterator[str]:
    module = importlib.import_module(name)
    for public in sorted(module.__all__):
        value = getattr(module, public)
        yield from _thing(f"{name}.{public}", value)


def _thing(name: str, value: object) -> Iterator[str]:
    if inspect.isclass(value) and issubclass(value, enum.Enum):
        yield f"class {name}: {', '.join(f'{member.name} = {member.value}' for member in value)}"
    elif inspect.isclass(value):
        yield f"class {name}{_signature(value)}"
        own = {f.name for f in dataclasses.fields(value)} if dataclasses.is_dataclass(value) else set()
        for member, inner in sorted(vars(value).items()):
            if member.startswith("_") or member in own:
                continue
            plain = inner.__func__ if isinstance(inner, staticmethod | classmethod) else inner
            if isinstance(plain, property):
                yield f"    {name.rsplit('.', 1)[1]}.{member}: {_plain(inspect.signature(plain.fget).return_annotation)}"
            elif callable(plain):
                yield f"    {name.rsplit('.', 1)[1]}.{member}{_signature(plain)}"
    elif callable(value):
        yield f"{name}{_signature(value)}"
    else:
        yield f"{name} = {value!r}" if isinstance(value, str) else f"{name}: {_plain(value)}"


def _signature(value: object) -> str:
    try:
        return _plain(inspect.signature(value))
    except (TypeError, ValueError):
        return ""


def _plain(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    # Names alone, without where they live or what a default object looks like in memory.
    text = re.sub(r"<factory>|<object object at 0x[0-9a-f]+>", "...", text)
    # Annotations are texts and are shown without quotes; a default that is an empty text keeps them.
    text = text.replace("= ''", "= \0").replace("'", "").replace("\0", "''")
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])", "", text)


def test_the_public_names_are_those_that_were_promised() -> None:
    found = described()
    if "PROBATUM_ACCEPT" in os.environ:
        GOLDEN.write_text(found, encoding="utf-8")

    assert GOLDEN.read_text(encoding="utf-8") == found


def test_each_public_name_has_one_home() -> None:
    """The same thing under two names would have to be kept under both."""
    things: dict[int, list[str]] = {}
    for name in MODULES:
        module = importlib.import_module(name)
        for public in module.__all__:
            value = getattr(module, public)
            if inspect.isclass(value) or inspect.isfunction(value):
                things.setdefault(id(value), []).append(f"{name}.{public}")

    assert [names for names in things.values() if len(names) > 1] == []


def test_everything_public_is_documented() -> None:
    silent = [
        f"{name}.{public}"
        for name in MODULES
        for public in importlib.import_module(name).__all__
        if callable(value := getattr(importlib.import_module(name), public)) and not inspect.getdoc(value)
    ]

    assert silent == []


def test_importing_the_package_loads_nothing_of_it() -> None:
    program = (
        "import sys, probatum; print(sorted(m for m in sys.modules if m.startswith('probatum') or m in ('click', 'z3', 'numpy')));"
        "print(probatum.Finding.__module__, 'check' in dir(probatum))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "['probatum']\nprobatum.findings True\n"


def test_a_name_that_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        importlib.import_module("probatum").nothing  # noqa: B018 - the access is what is tested
