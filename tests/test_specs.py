"""Every example of every spec, and what a person sees of the first finding of each rule.

Golden files are rewritten by `python3 dev.py specs --accept`, to be read before they are committed.
"""

import os
from pathlib import Path

import pytest

from probatum import testing
from probatum.engine.systems import systems

SPECS = Path(__file__).resolve().parent.parent / "specs"
EXAMPLES = [
    pytest.param(system.module, example, id=f"{system.name}/{path.stem}:{example.line}")
    for system in systems()
    for path in sorted((SPECS / system.name).glob("*.md"))
    for example in testing.read_spec(path).examples
]
RULES = [rule for system in systems() for rule in testing.rules_of(system.module, specs=SPECS / system.name)]


@pytest.mark.parametrize(("package", "example"), EXAMPLES)
def test_a_spec_says_what_the_rule_does(package: str, example: testing.Example) -> None:
    testing.check_example(package, example)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_person_sees_what_was_accepted(rule: testing.Rule) -> None:
    golden = SPECS / rule.system / f"{rule.id.split('/')[1]}.txt"

    testing.accept_rendered(rule, golden, accept="PROBATUM_ACCEPT" in os.environ)
