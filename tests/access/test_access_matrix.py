"""All pairs of a collection: the shortcuts by action say what the search says."""

from __future__ import annotations

import random

import policy_strategies as made
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.access.model.containment import Contained, Difference, Sides, difference
from probatum.access.model.matrix import Matrix, atoms
from probatum.access.semantics import Settings


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_stages_agree_with_the_search(seed: int) -> None:
    chance = random.Random(seed)
    policies = [made.policy(made.document(chance, most=2), f"{n}.json") for n in range(4)]

    for entry in Matrix(policies, Settings()).entries():
        if entry.contained is not None:
            answer = difference(Sides(policies[entry.a], policies[entry.b], Settings()))
            assert isinstance(answer, Contained if entry.contained else Difference)


def test_every_pair_is_decided_once() -> None:
    chance = random.Random(7)
    policies = [made.policy(made.document(chance), f"{n}.json") for n in range(5)]

    pairs = [(e.a, e.b) for e in Matrix(policies, Settings()).entries()]

    assert sorted(pairs) == [(a, b) for a in range(5) for b in range(5) if a != b]


def test_a_list_of_all_actions_that_are_written_out_does_not_cover_a_pattern() -> None:
    """The trap: with atoms from a catalogue only, `s3:Get*` would seem to be covered by all of today's actions."""
    listed = ["s3:GetObject", "s3:GetBucketAcl"]
    wide = made.policy(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}, "w.json"
    )
    narrow = made.policy(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": listed, "Resource": "*"}]}, "n.json"
    )

    decided = {(e.a, e.b): e.contained for e in Matrix([wide, narrow], Settings()).entries()}

    assert decided == {(0, 1): False, (1, 0): True}


def test_atoms_hold_a_witness_for_every_pattern_and_one_for_services_to_come() -> None:
    found = atoms(["s3:Get*", "*:Tag?", "iam:PassRole".lower()])

    assert "iam:passrole" in found
    assert any(a.startswith("s3:Get") and a != "s3:Get" for a in found)
    assert any(not a.startswith(("s3:", "iam:")) for a in found)
