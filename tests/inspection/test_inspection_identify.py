"""Products are told apart by how they look, strangers are said to be strangers, and a barcode cannot be passed over."""

from __future__ import annotations

import math

import pytest

from probatum.inspection.semantics.barcode import barcodes, is_article_number
from probatum.inspection.semantics.identify import Contradiction, Identifier, Known, Unknown, identifier
from probatum.inspection.semantics.looks import Looks, cubic_mean, fitted
from probatum.inspection.semantics.prints import agreeing, prints
from probatum.inspection.semantics.projection import discriminants

np = pytest.importorskip("numpy")


def photos(products: int, each: int, seed: int, noise: float = 1.0) -> tuple[Looks, list[str]]:
    """Looks whose largest differences are between photos, and not between products."""
    random = np.random.default_rng(7)
    widths = {"shapes": 60, "print": 40, "colours": 20}
    truth = {name: random.normal(size=(products, width)) for name, width in widths.items()}
    loud = {name: random.normal(size=(5, width)) * 4 for name, width in widths.items()}
    random = np.random.default_rng(seed)
    product = np.repeat(np.arange(products), each)
    seen = {
        name: truth[name][product]
        + random.normal(size=(len(product), 5)) @ loud[name]
        + noise * random.normal(size=(len(product), width))
        for name, width in widths.items()
    }
    return Looks(**{name: values.astype(np.float32) for name, values in seen.items()}, backbone="b"), [
        f"p{at:02}" for at in product
    ]


@pytest.fixture(scope="module")
def known() -> Identifier:
    references, products = photos(12, 8, seed=0)
    return identifier(references, products, barcodes={"4006381333931": "p00", "96385074": "p01"})


def test_products_are_told_apart_where_plain_distance_fails(known: Identifier) -> None:
    references, products = photos(12, 8, seed=0)
    queries, truth = photos(12, 10, seed=1)
    plain = (queries.shapes @ references.shapes.T).argmax(axis=1)

    found = known.candidates(queries)

    right = np.mean([one[0].product == name for one, name in zip(found, truth, strict=True)])
    assert right >= 0.95
    assert np.mean([products[at] == name for at, name in zip(plain, truth, strict=True)]) < 0.5
    assert all(len(one) == 5 and one[0].score >= one[1].score for one in found)
    assert all(one[0].score == pytest.approx(sum(one[0].channels.values()) / 3) for one in found)


def test_the_order_of_references_does_not_matter(known: Identifier) -> None:
    references, products = photos(12, 8, seed=0)
    turned = np.arange(len(products))[::-1]
    other = identifier(references.at(turned), [products[at] for at in turned])
    queries, _ = photos(12, 2, seed=2)

    assert [one[0].product for one in known.candidates(queries)] == [one[0].product for one in other.candidates(queries)]


def test_words_decide_between_products_that_look_alike(known: Identifier) -> None:
    references, products = photos(12, 8, seed=0)
    queries, _ = photos(12, 1, seed=1)
    looks_like = known.candidates(queries)[3]
    second = looks_like[1].product
    written = {one.product: [frozenset({"BRAND", "Strawberry"})] for one in looks_like}
    written[second] = [frozenset({"BRAND", "Vanilla"})]
    reads = identifier(references, products, words=written)

    [found] = reads.candidates(queries.at(np.array([3])), read=[["brand", "VANlLLA", "Vanill", "open"]])
    apart = {one.product: one.score for one in looks_like}
    [silent] = reads.candidates(queries.at(np.array([3])), read=[["brand", "open"]])
    [unread] = reads.candidates(queries.at(np.array([3])), read=[[]])

    gained = {one.product: one.score - apart[one.product] for one in found}
    assert gained[second] > 0.05
    assert max(gain for product, gain in gained.items() if product != second) < 0
    assert {one.product: one.words for one in found if one.words} == {second: ("VANlLLA", "Vanill")}
    assert [one.product for one in silent] == [one.product for one in looks_like]
    assert [one.product for one in unread] == [one.product for one in looks_like]


def test_looks_of_another_backbone_are_refused(known: Identifier) -> None:
    queries, _ = photos(12, 1, seed=1)

    with pytest.raises(ValueError, match="another backbone"):
        known.candidates(Looks(queries.shapes, queries.print, queries.colours, "c"))


def test_one_product_cannot_be_told_from_others() -> None:
    references, _ = photos(1, 4, seed=0)

    with pytest.raises(ValueError, match="two products"):
        identifier(references, ["p00"] * 4)


def test_products_with_one_picture_each_are_only_centred() -> None:
    references, products = photos(12, 1, seed=0, noise=0.1)

    found = identifier(references, products).candidates(references)

    assert [one[0].product for one in found] == products


def test_a_score_is_believed_only_above_the_threshold(known: Identifier) -> None:
    queries, truth = photos(12, 1, seed=1)
    candidates = known.candidates(queries)[0]

    below = known.decide(candidates, candidates[0].look)
    above = known.decide(candidates, candidates[0].look - 1e-6)

    assert isinstance(below, Unknown)
    assert isinstance(above, Known)
    assert (above.product, above.by) == (truth[0], "look")
    assert isinstance(known.decide((), 0), Unknown)


def test_a_barcode_agrees_or_contradicts_and_makes_nothing_known(known: Identifier) -> None:
    queries, truth = photos(12, 1, seed=1)
    candidates = known.candidates(queries)[0]
    assert truth[0] == candidates[0].product == "p00"

    agreed = known.decide(candidates, -1, barcodes=["4006381333931"])
    other = known.decide(candidates, -1, barcodes=["96385074"])
    several = known.decide(candidates, -1, barcodes=["96385074", "4006381333931"])
    unlike = known.decide(candidates, math.inf, barcodes=["4006381333931"])
    foreign = known.decide(candidates, -1, barcodes=["5901234123457"])

    assert isinstance(agreed, Known)
    assert agreed.by == "look and barcode"
    assert isinstance(other, Contradiction)
    assert (other.looks_like, other.barcode_says) == ("p00", "p01")
    assert isinstance(several, Unknown)
    assert isinstance(unlike, Unknown)
    assert isinstance(foreign, Known)
    assert foreign.by == "look"


def test_directions_are_no_more_than_products_can_differ_in() -> None:
    references, products = photos(12, 8, seed=0)
    product = np.array([int(name[1:]) for name in products])

    found = discriminants(references.shapes, product)

    assert found.directions.shape == (60, 11)
    assert np.allclose(np.linalg.norm(found.project(references.shapes), axis=1), 1, atol=1e-5)
    assert discriminants(references.shapes, product, width=4).directions.shape == (60, 4)


def test_few_strong_places_count_more_than_many_weak_ones() -> None:
    layer = np.zeros((2, 2, 2), dtype=np.float32)
    layer[0] = 0.5
    layer[1, 0, 0] = 2.0
    weights = np.full((2, 2), 0.25, dtype=np.float32)

    found = cubic_mean(layer, weights)

    assert found[0] == pytest.approx(0.5)
    assert found[1] == pytest.approx(2 * 0.25 ** (1 / 3))


@pytest.mark.parametrize("shape", [(10, 40), (40, 10), (500, 250), (2, 300)])
def test_a_picture_of_any_size_fits_into_the_square(shape: tuple[int, int]) -> None:
    pytest.importorskip("cv2")

    found = fitted(np.full((*shape, 3), 255, dtype=np.uint8), 64)

    assert found.shape == (64, 64, 3)
    assert (found == 255).all(axis=2).mean() == pytest.approx(min(shape) / max(shape), abs=0.02)


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("4006381333931", True),
        ("4006381333930", False),
        ("96385074", True),
        ("036000291452", True),
        ("", False),
        ("４００６３８１３３３９３１", False),
    ],
)
def test_a_check_digit_is_checked(code: str, is_one: bool) -> None:
    assert is_article_number(code) is is_one


def test_a_barcode_is_read_from_a_picture() -> None:
    pytest.importorskip("cv2")
    left = {"L": ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]}
    left["R"] = ["".join("10"[int(bit)] for bit in code) for code in left["L"]]
    left["G"] = [code[::-1] for code in left["R"]]
    digits, order = "4006381333931", "LGLLGG"  # the order of the first digit, 4
    bars = "101" + "".join(left[kind][int(digit)] for kind, digit in zip(order, digits[1:7], strict=True))
    bars += "01010" + "".join(left["R"][int(digit)] for digit in digits[7:]) + "101"
    line = np.array([255 * (bit == "0") for bit in bars], dtype=np.uint8).repeat(2)
    picture = np.full((260, len(line) + 160, 3), 255, dtype=np.uint8)
    picture[80:180, 80:-80] = line[None, :, None]

    assert barcodes(picture) == (digits,)
    assert barcodes(np.full((100, 100, 3), 255, dtype=np.uint8)) == ()


def label(seed: int) -> np.ndarray:
    """Something printed: blots of several sizes, in grey on white."""
    cv2 = pytest.importorskip("cv2")
    random = np.random.default_rng(seed)
    found = np.full((200, 140, 3), 235, dtype=np.uint8)
    for _ in range(60):
        at, size = random.integers(5, 135, size=2), random.integers(3, 12, size=2)
        cv2.ellipse(
            found,
            (int(at[0]), int(at[1] * 1.4)),
            (int(size[0]), int(size[1])),
            int(random.integers(180)),
            0,
            360,
            (int(random.integers(120)),) * 3,
            -1,
        )
    return found


def test_print_is_found_again_turned_and_smaller_and_not_on_another_product() -> None:
    cv2 = pytest.importorskip("cv2")
    moved = cv2.getRotationMatrix2D((70, 100), 20, 0.8)
    seen = prints(cv2.warpAffine(label(0), moved, (140, 200), borderValue=(235,) * 3))

    own, other = agreeing(seen, prints(label(0))), agreeing(seen, prints(label(1)))

    assert own >= 20
    assert other <= own / 3
    assert agreeing(prints(np.full((50, 50, 3), 9, dtype=np.uint8)), prints(label(0))) == 0


def test_print_decides_between_candidates_if_all_of_them_have_a_plate() -> None:
    references, products = photos(12, 8, seed=0)
    queries, _ = photos(12, 1, seed=1)
    seen = [prints(label(at)) for at in range(12)]
    plates = {f"p{at:02}": [prints(label((at + 1) % 12))] for at in range(12)}
    confused = identifier(references, products, plates=plates)
    some = identifier(references, products, plates={"p00": plates["p00"]})
    plain = identifier(references, products).candidates(queries)

    with_all = confused.candidates(queries, printed=seen)
    with_one = some.candidates(queries, printed=seen)

    changed = [one[0].product != before[0].product for one, before in zip(with_all, plain, strict=True)]
    assert any(changed)
    assert max(candidate.agreeing for one in with_all for candidate in one) >= 20
    assert [one[0] for one in with_one] == [one[0] for one in plain]
