"""What a rule and a system must keep, for ours and for those of others.

A rule is tried on examples. Usually they come from its spec, a Markdown file
that is documentation and test at once (`specs.py`). `promises()` are the facts
that must hold for every rule on every example; with pytest:

    rules = testing.rules_of("acme.forecast", specs=Path("specs/forecast"))

    @pytest.mark.parametrize("rule", rules, ids=str)
    @pytest.mark.parametrize("promise", testing.promises(), ids=str)
    def test_every_rule_keeps_every_promise(rule: Rule, promise: Promise) -> None:
        promise(rule)

`check_rule` keeps all of them at once, and `check_system` says what a package
lacks to be a system. What is broken is raised as `BrokenPromise`, an
`AssertionError` whose text says which promise, on which example, and how.
Start reading at `promises.py`.
"""

from probatum.testing.examples import Example, Expectation, Rule, rules_of
from probatum.testing.promises import BrokenPromise, Promise, check_rule, promises
from probatum.testing.specs import Spec, accept_rendered, check_example, read_spec, rendered
from probatum.testing.systems import check_system

__all__ = [
    "BrokenPromise",
    "Example",
    "Expectation",
    "Promise",
    "Rule",
    "Spec",
    "accept_rendered",
    "check_example",
    "check_rule",
    "check_system",
    "promises",
    "read_spec",
    "rendered",
    "rules_of",
]
