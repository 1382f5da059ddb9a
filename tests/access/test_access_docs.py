"""What the documentation says is assumed of requests is what is assumed."""

import re
from pathlib import Path

from probatum.access.semantics.axioms import AXIOMS
from probatum.access.semantics.references import PLAIN_NAMES
from probatum.project.options import options_of

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "explanation" / "access.md"


def test_every_axiom_is_explained_by_its_name_and_in_its_words() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## What is assumed\n", 1)[1].split("\n## ", 1)[0]

    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section, re.MULTILINE)) == AXIOMS


def test_what_is_assumed_of_the_text_of_policies_is_explained_in_its_words() -> None:
    assert PLAIN_NAMES in " ".join(PAGE.read_text(encoding="utf-8").split())


def test_every_switch_is_explained_with_all_of_its_values() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Where readings differ\n", 1)[1].split("\n## ", 1)[0]

    for option in options_of("access"):
        if option.name in ("arn-mode", "multivalue"):
            [item] = re.findall(rf"^- \*\*`{option.name}`\*\*(.*?)(?=^- |^\n|\Z)", section, re.MULTILINE | re.DOTALL)
            assert all(f"`{value}`" in item for value in option.choices)
            assert re.search(rf"`{option.default}`[^`]*the default", item)
