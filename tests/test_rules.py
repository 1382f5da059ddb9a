"""Every rule keeps every promise, on the examples of its spec."""

from pathlib import Path

import pytest

from probatum import testing
from probatum.engine.systems import systems

SPECS = Path(__file__).resolve().parent.parent / "specs"
RULES = [rule for system in systems() for rule in testing.rules_of(system.module, specs=SPECS / system.name)]


@pytest.mark.slow  # each tries a rule on all its examples, many times over
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("promise", testing.promises(), ids=str)
def test_every_rule_keeps_every_promise(rule: testing.Rule, promise: testing.Promise) -> None:
    promise(rule)  # raises an AssertionError that names the promise


@pytest.mark.parametrize("system", systems(), ids=lambda system: system.name)
def test_every_system_has_the_rooms_of_a_system(system) -> None:
    testing.check_system(system.module)
