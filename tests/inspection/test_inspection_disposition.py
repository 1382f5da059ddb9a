"""What becomes of a unit follows from a policy that is read strictly; where what is known does not decide, a person looks."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.capture import TYPES
from probatum.inspection.artefacts.disposition import Costs, Disposition, ItemClass, Tolerable, read_disposition
from probatum.inspection.semantics.disposition import Unit, decide, place
from probatum.source import Location, Text

POLICY = """\
schema: probatum-inspection-disposition/1
currency: EUR
costs: {ship_damaged: 45, sideline_damaged: 6, sideline_sound: 9, look: 0.7}
people_miss: 0.02
classes:
  - name: glass
    materials: [glass]
    costs: {ship_damaged: 90}
    always_sideline: [spill, opened]
  - name: boxes
    products: ["B0*"]
    tolerable:
      - {types: [crush, superficial], on: packaging, up_to: 0.3}
  - name: rest
outlets:
  - {outlet: discount, types: [superficial], up_to: 0.5, cost: 1.2, proceeds: 12}
  - {outlet: donate, on: packaging, cost: 1, proceeds: 0}
  - {outlet: dispose, classes: [glass], cost: 4}
  - {outlet: dispose, cost: 2.5}
prevalence: [0.001, 0.01]
"""


def policy(text: str = POLICY) -> Disposition:
    return read_disposition(Text("disposition.yaml", text, ""))


@pytest.fixture(scope="module")
def given_policy() -> Disposition:
    return policy()


def test_classes_inherit_costs_that_they_do_not_name(given_policy: Disposition) -> None:
    glass = given_policy.class_of(material="glass", product="B012")

    assert glass.name == "glass"
    assert glass.costs == Costs(ship_damaged=90, sideline_damaged=6, sideline_sound=9, look=0.7)
    assert given_policy.class_of(product="B012").name == "boxes"
    assert given_policy.class_of(product="C1", material="wood").name == "rest"
    assert given_policy.class_of().name == "rest"


def test_items_of_no_class_have_the_costs_of_all() -> None:
    found = policy(POLICY.replace("  - name: rest\n", ""))

    assert found.class_of().costs.ship_damaged == 45
    assert not found.class_of().tolerable


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("ship_damaged: 45", "ship_damagd: 45", 3, "did you mean `ship_damaged`?"),
        ("look: 0.7", "look: -1", 3, "between 0"),
        ("look: 0.7", "look: cheap", 3, "a number"),
        (", look: 0.7", "", 6, "`look: ...`"),
        ("people_miss: 0.02", "people_miss: 2", 4, "between 0 and 1"),
        ("people_miss", "persons_miss", 4, "did you mean `people_miss`?"),
        ("[spill, opened]", "[spil]", 9, "did you mean `spill`?"),
        ("on: packaging, up_to", "on: package, up_to", 13, "did you mean `packaging`?"),
        ("up_to: 0.3", "up_to: 30", 13, "between 0 and 1"),
        ("outlet: donate", "outlet: burn", 17, "`dispose`"),
        ("classes: [glass]", "classes: [glas]", 18, "did you mean `glass`?"),
        ("  - {outlet: dispose, cost: 2.5}\n", "", 16, "without conditions"),
        ("name: boxes", "name: glass", 10, "a name of its own"),
        ('    products: ["B0*"]\n', "", 10, "as the last one"),
        (
            "  - name: rest\n",
            "  - name: rest\n    always_sideline: [crush]\n    tolerable: [{types: crush}]\n",
            15,
            "remove it",
        ),
        ("classes:\n  - name: glass", "classes: none\nothers:\n  - name: glass", 5, "one entry after each"),
        ("disposition/1", "disposition/7", 1, "probatum-inspection-disposition/1"),
        ("[0.001, 0.01]", "[0.01, 0.001]", 20, "within 0 and 1"),
        ("[0.001, 0.01]", "[0, 0.01]", 20, "within 0 and 1"),
        ("[0.001, 0.01]", "rare", 20, "between which two it lies"),
        ("prevalence: [0.001, 0.01]\n", "", 1, "share of damaged units"),
    ],
)
def test_what_is_wrong_in_a_policy_is_said_with_its_place_and_what_to_write(old: str, new: str, line: int, said: str) -> None:
    assert old in POLICY

    with pytest.raises(UnreadableArtefact) as caught:
        policy(POLICY.replace(old, new, 1))

    assert said in f"{caught.value} {caught.value.help}"
    assert caught.value.location is not None
    assert caught.value.location.line == line


def test_the_cheapest_action_is_taken_where_the_interval_decides(given_policy: Disposition) -> None:
    def action(low: float, high: float) -> str:
        return decide(given_policy, Unit(probability=(low, high), types=("tear",), alarms=high > 0.5)).action

    assert action(0.001, 0.01) == "ship"
    assert action(0.97, 0.999) == "sideline"
    assert action(0.2, 0.3) == "look"
    assert action(0.001, 0.999) == "look"


def test_what_alarms_is_not_shipped_because_that_is_cheap(given_policy: Disposition) -> None:
    unit = Unit(probability=(0.001, 0.01), types=("tear",))

    assert decide(given_policy, unit).action == "look"
    assert "only damage that is tolerated" in decide(given_policy, unit).reason
    assert decide(given_policy, replace(unit, seen=True)).action == "look"
    assert decide(given_policy, replace(unit, alarms=False)).action == "ship"


def test_a_wide_interval_is_said_to_decide_nothing(given_policy: Disposition) -> None:
    found = decide(given_policy, Unit(probability=(0.001, 0.99), types=("tear",)))

    assert found.action == "look"
    assert found.reason == "a probability of damage from 0.1% to 99% does not decide between putting it aside and shipping it"
    assert found.costs["ship"] == pytest.approx((0.045, 44.55))


def test_what_cannot_be_judged_goes_to_a_person_and_is_never_shipped(given_policy: Disposition) -> None:
    assert decide(given_policy, Unit(probability=None)).action == "look"


def test_damage_that_is_tolerated_on_packaging_is_not_on_the_product(given_policy: Disposition) -> None:
    unit = Unit(product="B07", probability=(0.9, 0.99), types=("crush",), severity=(0.1, 0.25), on_product=False)

    assert decide(given_policy, unit).action == "ship"
    assert "tolerated" in decide(given_policy, unit).reason
    assert decide(given_policy, replace(unit, on_product=True)).action == "sideline"
    assert decide(given_policy, replace(unit, on_product=None)).action == "look"
    assert "tolerated, which is not known" in decide(given_policy, replace(unit, on_product=None)).reason
    assert decide(given_policy, replace(unit, severity=(0.2, 0.5))).action == "look"
    assert decide(given_policy, replace(unit, types=("crush", "tear"))).action == "look"
    assert decide(given_policy, replace(unit, certain=("tear",))).action == "sideline"


def test_some_damage_always_puts_aside_what_it_is_certain_of(given_policy: Disposition) -> None:
    unit = Unit(material="glass", probability=(0.0, 0.01), types=("spill",))

    assert decide(given_policy, unit).action != "sideline"
    assert decide(given_policy, replace(unit, certain=("spill",))).action == "sideline"
    assert "spill always puts aside" in decide(given_policy, replace(unit, certain=("spill",))).reason


def test_nothing_is_put_aside_unseen_beyond_the_budget_of_alarms(given_policy: Disposition) -> None:
    unit = Unit(probability=(0.97, 0.999), types=("tear",), alarms=False)

    assert decide(given_policy, unit).action == "look"
    assert "within the budget" in decide(given_policy, unit).reason
    assert decide(given_policy, replace(unit, seen=True)).action == "sideline"


def test_what_was_put_aside_goes_where_it_gains_most_if_it_may(given_policy: Disposition) -> None:
    unit = Unit(probability=(1, 1), certain=("superficial",), severity=(0.2, 0.4), on_product=True)

    assert place(given_policy, unit).outlet == "discount"
    assert place(given_policy, unit).gain == {"discount": 10.8, "dispose": -2.5}
    assert place(given_policy, replace(unit, severity=(0.6, 0.7))).outlet == "dispose"
    assert place(given_policy, replace(unit, certain=("superficial", "tear"))).outlet == "dispose"
    assert place(given_policy, replace(unit, certain=("tear",), on_product=False)).outlet == "donate"
    open_ = place(given_policy, replace(unit, severity=(0.4, 0.6)))
    assert (open_.outlet, open_.reason) == ("", "discount gains more, and whether it may be is not known: a person decides")


def test_what_is_no_interval_or_no_damage_is_refused(given_policy: Disposition) -> None:
    for wrong in (Unit(probability=(0.5, 0.4)), Unit(probability=(0, 2)), Unit(probability=None, severity=(0.1, float("nan")))):
        with pytest.raises(ValueError, match="no interval"):
            decide(given_policy, wrong)
    with pytest.raises(ValueError, match="no type of damage"):
        decide(given_policy, Unit(probability=None, types=("dent",)))


shares = st.floats(0, 1)
intervals = st.tuples(shares, shares).map(lambda pair: (min(pair), max(pair)))
costs = st.builds(Costs, **dict.fromkeys(("ship_damaged", "sideline_damaged", "sideline_sound", "look"), st.floats(0, 100)))
types = st.lists(st.sampled_from(TYPES), unique=True, max_size=3).map(tuple)


units = st.builds(
    Unit, probability=intervals, severity=intervals, types=types, on_product=st.none() | st.booleans(), alarms=st.booleans()
)


@given(costs, shares, units, types, shares)
def test_no_truth_within_the_intervals_makes_another_action_cheaper(
    costs: Costs, missed: float, unit: Unit, tolerable: tuple[str, ...], up_to: float
) -> None:
    """An action that is taken because it is the cheapest is so for every truth that is possible, by costs that are counted here anew."""
    allowed = (Tolerable(types=tolerable, on="packaging", up_to=up_to),) if tolerable else ()
    of = ItemClass(name="all", costs=costs, tolerable=allowed)
    every = Disposition(currency="", prevalence=(0.5, 0.5), people_miss=missed, classes=(of,), outlets=(), location=Location("x"))
    assert unit.probability is not None

    found = decide(every, unit)

    if found.action == "look":
        return
    places = (True, False) if unit.on_product is None else (unit.on_product,)
    middle, severe = ([(1 - t) * low + t * high for t in (0, 0.4, 1)] for low, high in (unit.probability, unit.severity))
    for p, worst, inside, kind in itertools.product(middle, severe, places, unit.types or TYPES):
        counts = not (kind in tolerable and not inside and worst <= up_to)
        bad = p if counts else 0.0
        ship = bad * costs.ship_damaged
        aside = bad * costs.sideline_damaged + (1 - bad) * costs.sideline_sound
        look = costs.look + bad * ((1 - missed) * costs.sideline_damaged + missed * costs.ship_damaged)
        assert {"ship": ship, "sideline": aside}[found.action] <= min(ship, aside, look) + 1e-9
