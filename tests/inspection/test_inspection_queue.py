"""Nobody gets what another one has in hand, nothing that was said is lost, and what is exported says it all again."""

import json
import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numpy")

from probatum.cli import program
from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.annotations import Answer, Draw, Question, Side, answer_json, answer_of
from probatum.inspection.artefacts.capture import TYPES, View
from probatum.inspection.artefacts.formats.coco import read_coco, write_coco
from probatum.inspection.artefacts.manifest import load, write_manifest
from probatum.inspection.artefacts.marks import Dataset, Mark
from probatum.inspection.artefacts.rle import Rle
from probatum.inspection.model.asking import estimate
from probatum.inspection.service.annotated import annotated, answers
from probatum.inspection.service.queue import JOURNAL, Queue
from probatum.inspection.service.queue_replies import Asking, Refused, Waiting
from probatum.store.journal import DamagedJournal, Journal

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TORN = Answer(
    defect=True,
    types=("tear", "crush"),
    severity=0.4,
    on_product=False,
    marks=(
        Mark(image="u0.jpg", label="tear", box=(1, 2, 30, 4.5), attributes={"severity": 0.4}),
        Mark(image="u0.jpg", label="crush", polygons=((0, 0, 5, 0, 5, 5),)),
        Mark(image="u0.jpg", label="crush", rle=Rle(4, 5, (3, 7, 10), packed=True)),
    ),
)
FINE = Answer(defect=False)


def draw(units: int = 4, *, again: frozenset[int] = frozenset(), confirm: bool = False) -> Draw:
    return Draw(
        seed="s",
        alarmed=Side(units=0, least=1.0),
        passed=Side(units=40, least=0.1),
        confirm=confirm,
        questions=tuple(
            Question(
                unit=f"u{n}",
                chance=0.1,
                coin=0.1 * n / units,
                reasons=("at random",),
                again=n in again,
                product=f"P{n % 2}",
                images=(f"u{n}.jpg",),
            )
            for n in range(units)
        ),
    )


def opened(folder: Path, *draws: Draw) -> Queue:
    queue = Queue(folder)
    for one in draws or (draw(),):
        queue.add(one, now=NOW)
    return queue


def taken(found: object) -> str:
    assert isinstance(found, Asking)
    return found.unit


def refused(found: object) -> str:
    assert isinstance(found, Refused)
    assert found.why == found.why.strip()
    return found.kind


def test_units_are_asked_in_their_order_and_to_one_person_at_a_time(tmp_path: Path) -> None:
    queue = opened(tmp_path)

    assert taken(queue.next("anna", now=NOW)) == "u0"
    assert taken(queue.next("ben", now=NOW)) == "u1"
    assert taken(queue.next("anna", now=NOW + MINUTE)) == "u0"
    assert queue.answer("anna", "u0", TORN, now=NOW + MINUTE) is None
    assert taken(queue.next("anna", now=NOW + MINUTE)) == "u2"
    found = queue.progress(now=NOW + MINUTE)
    assert (found.units, found.done, found.leased, found.damaged) == (4, 1, 2, 1)


def test_what_somebody_left_lying_is_given_to_others_and_a_late_answer_counts_if_it_is_still_wanted(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    for who in ("anna", "ben"):
        queue.next(who, now=NOW)

    later = NOW + 16 * MINUTE

    assert taken(queue.next("carl", now=later)) == "u0"
    assert queue.answer("ben", "u1", FINE, now=later) is None
    assert queue.answer("anna", "u0", FINE, now=later) is None
    assert refused(queue.answer("carl", "u0", TORN, now=later)) == "taken"
    assert taken(queue.next("carl", now=later)) == "u2"


def test_two_look_where_that_was_drawn_and_the_second_is_another_person(tmp_path: Path) -> None:
    queue = opened(tmp_path, draw(2, again=frozenset({0})))
    assert taken(queue.next("anna", now=NOW)) == "u0"
    second = queue.next("ben", now=NOW)
    assert taken(second) == "u0"
    queue.answer("anna", "u0", TORN, now=NOW)
    assert taken(queue.next("anna", now=NOW)) == "u1"
    assert queue.said(draw(2)) == {}
    assert refused(queue.answer("anna", "u0", FINE, now=NOW)) == "said"

    assert queue.answer("ben", "u0", FINE, now=NOW) is None

    assert queue.said(draw(2)) == {"u0": None}
    assert queue.judged()["u0"].contradicted
    assert queue.progress(now=NOW).contradicted == 1


def test_what_is_called_damaged_is_confirmed_by_another_person(tmp_path: Path) -> None:
    queue = opened(tmp_path, draw(2, confirm=True))
    for unit, answer in (("u0", TORN), ("u1", FINE)):
        assert taken(queue.next("anna", now=NOW)) == unit
        queue.answer("anna", unit, answer, now=NOW)

    assert queue.next("anna", now=NOW) == Waiting(others=0)
    found = queue.next("ben", now=NOW)
    assert isinstance(found, Asking)
    assert (found.unit, found.second) == ("u0", True)
    queue.answer("ben", "u0", TORN, now=NOW)
    assert queue.said(draw(2)) == {"u0": True, "u1": False}
    assert isinstance(queue.next("ben", now=NOW), Waiting)


def test_who_cannot_tell_passes_it_on_once(tmp_path: Path) -> None:
    queue = opened(tmp_path, draw(1))

    for who in ("anna", "ben"):
        assert taken(queue.next(who, now=NOW)) == "u0"
        assert queue.skip(who, "u0", now=NOW, note="glare") is None

    assert isinstance(queue.next("carl", now=NOW), Waiting)
    assert queue.said(draw(1)) == {"u0": None}
    assert queue.progress(now=NOW).open == 1


def test_what_was_said_can_be_taken_back_one_after_the_other(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    for unit in ("u0", "u1"):
        queue.next("anna", now=NOW)
        queue.answer("anna", unit, FINE, now=NOW)

    assert queue.undo("anna", now=NOW) == "u1"
    assert taken(queue.next("anna", now=NOW)) == "u1"
    assert queue.undo("anna", now=NOW) == "u0"
    assert refused(queue.undo("anna", now=NOW)) == "nothing"
    assert refused(queue.undo("ben", now=NOW)) == "nothing"
    assert queue.answer("anna", "u0", TORN, now=NOW) is None
    assert queue.judged()["u0"].types == ("crush", "tear")


def test_references_out_of_date_are_counted_by_product_and_person(tmp_path: Path) -> None:
    queue = opened(tmp_path)

    for who, unit in (("anna", "u0"), ("anna", "u2"), ("ben", "u2"), ("ben", "u1")):
        assert queue.gallery_out_of_date(who, unit, now=NOW, note="new logo") is None

    assert queue.progress(now=NOW).stale == {"P0": 2, "P1": 1}
    assert queue.progress(now=NOW).done == 0


def test_what_cannot_be_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    before = (tmp_path / JOURNAL).read_bytes()

    for answer in (
        Answer(defect=True, types=("dent",)),
        Answer(defect=False, types=("tear",)),
        Answer(defect=True, severity=float("nan")),
        Answer(defect=True, marks=(Mark(image="other.jpg", label="tear", box=(0, 0, 1, 1)),)),
        Answer(defect=True, marks=(Mark(image="u0.jpg", label="tear"),)),
        Answer(defect=True, marks=(Mark(image="u0.jpg", label="tear", box=(0, 0, -1, 1)),)),
        Answer(defect=True, marks=(Mark(image="u0.jpg", label="tear", polygons=((0, 0, 1, 1),)),)),
    ):
        assert refused(queue.answer("anna", "u0", answer, now=NOW)) == "impossible"
    assert refused(queue.answer("anna", "u9", FINE, now=NOW)) == "unknown"
    assert refused(queue.answer(" ", "u0", FINE, now=NOW)) == "nobody"
    assert refused(queue.next("", now=NOW)) == "nobody"

    assert (tmp_path / JOURNAL).read_bytes() == before


def test_a_crash_costs_the_last_line_at_most_and_is_told(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.next("anna", now=NOW)
    queue.answer("anna", "u0", TORN, now=NOW)
    whole = (tmp_path / JOURNAL).read_bytes()

    for cut in (1, 30):
        (tmp_path / JOURNAL).write_bytes(whole[:-cut])
        again = Queue(tmp_path)
        assert "was cut off" in again.progress(now=NOW).notes[0]
        assert taken(again.next("anna", now=NOW)) == "u0"
        assert again.answer("anna", "u0", TORN, now=NOW) is None
        assert (tmp_path / JOURNAL).read_bytes() == whole
        assert Queue(tmp_path).progress(now=NOW).notes == ()


def test_what_was_altered_or_is_of_another_version_is_said(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.next("anna", now=NOW)
    (tmp_path / JOURNAL).write_bytes((tmp_path / JOURNAL).read_bytes().replace(b'"by":"anna"', b'"by":"anne"'))
    with pytest.raises(DamagedJournal, match="line 2 "):
        Queue(tmp_path)

    (tmp_path / JOURNAL).unlink()
    Journal(tmp_path / JOURNAL).append({"what": "dreamt", "by": "anna", "unit": "u0", "at": NOW.isoformat()})
    with pytest.raises(UnreadableArtefact, match="line 1 "):
        Queue(tmp_path)


def work(folder: Path, who: str) -> None:
    queue = Queue(folder)
    now = NOW
    while isinstance(found := queue.next(who, now=now), Asking):
        assert queue.answer(who, found.unit, FINE, now=now) is None
        now += timedelta(seconds=20)


@pytest.mark.slow  # starts processes
def test_people_at_several_screens_share_the_queue(tmp_path: Path) -> None:
    opened(tmp_path, draw(24))
    context = multiprocessing.get_context("spawn")
    people = [context.Process(target=work, args=(tmp_path, who)) for who in ("anna", "ben")]

    for one in people:
        one.start()
    for one in people:
        one.join()

    assert [one.exitcode for one in people] == [0, 0]
    queue = Queue(tmp_path)
    found = queue.progress(now=NOW)
    assert (found.done, sum(found.annotators.values())) == (24, 24)
    assert len(queue.judged()) == 24
    assert all(rate == pytest.approx(180) for rate in found.per_hour.values())


def test_one_journal_serves_two_screens_in_one_process(tmp_path: Path) -> None:
    one = opened(tmp_path)
    other = Queue(tmp_path)

    assert (taken(one.next("anna", now=NOW)), taken(other.next("ben", now=NOW))) == ("u0", "u1")
    one.answer("anna", "u0", TORN, now=NOW)
    assert other.judged().keys() == {"u0"}
    assert refused(other.answer("carl", "u0", FINE, now=NOW)) == "taken"


def test_what_was_said_says_what_was_shipped_damaged(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    for n in range(4):
        queue.next("anna", now=NOW)
        assert queue.answer("anna", f"u{n}", FINE if n else TORN, now=NOW) is None

    found, level = estimate(queue.draws[0], queue.said(queue.draws[0]))

    assert level == 1
    assert found.passed_faulty.value == pytest.approx(10 / 40)
    assert found.passed_faulty.low <= 0.25 <= found.passed_faulty.high


def views() -> tuple[View, ...]:
    return tuple(View(capture_id=f"u{n}", image=f"u{n}.jpg", item_identifier=f"P{n % 2}") for n in range(4))


def test_annotations_become_columns_and_marks_and_come_back_from_coco_and_manifests(tmp_path: Path) -> None:
    queue = opened(tmp_path, draw(3, again=frozenset({2})))
    for unit, answer in (("u0", TORN), ("u1", FINE), ("u2", FINE)):
        queue.next("anna", now=NOW)
        assert queue.answer("anna", unit, answer, now=NOW) is None
    queue.next("ben", now=NOW)
    other = Answer(defect=True, types=("spill",), marks=(Mark(image="u2.jpg", label="spill", box=(0, 0, 1, 1)),))
    assert queue.answer("ben", "u2", other, now=NOW) is None

    made = annotated(views(), queue.judged(), queue.draws)

    assert [view.defect for view in made.views] == [True, False, None, None]
    torn = made.views[0]
    assert (torn.defect_types, torn.severity, torn.on_product) == (("crush", "tear"), 0.4, False)
    assert (torn.annotator, torn.inclusion_probability) == ("anna", 0.1)
    assert (made.views[2].annotator, made.views[3].annotator) == ("anna,ben", "")
    assert [mark.attributes["annotator"] for mark in made.marks] == ["anna"] * 3 + ["ben"]
    assert made.notes == ("of 1 units nobody can tell, or people contradict each other",)
    write_coco(made, tmp_path / "coco.json")
    write_manifest(tmp_path / "views.csv", made.views)
    from_coco = read_coco(tmp_path / "coco.json")
    assert [replace(view, extra={}) for view in from_coco.views] == list(made.views)
    columns = tuple(view for unit in load(tmp_path / "views.csv").captures for view in unit.views)
    assert columns == made.views

    back = answers(from_coco)

    assert back["anna"]["u0"].types == ("crush", "tear")
    assert [(mark.box, mark.polygons, mark.rle) for mark in back["anna"]["u0"].marks] == [
        (mark.box, mark.polygons, mark.rle) for mark in TORN.marks
    ]
    assert back["anna"]["u1"] == FINE
    assert answers(Dataset(views=columns))["anna"]["u0"] == replace(TORN, types=("crush", "tear"), marks=())


def test_what_came_with_a_file_is_kept_apart_from_what_was_drawn(tmp_path: Path) -> None:
    queue = opened(tmp_path)

    refused_units = queue.take({"u0": TORN, "x": FINE, "y": Answer(defect=False, types=("tear",))}, source="kaputt", now=NOW)

    assert {unit: one.kind for unit, one in refused_units.items()} == {"y": "impossible"}
    assert queue.take({"u0": FINE}, source="kaputt", now=NOW)["u0"].kind == "said"
    assert queue.said(draw()) == {}
    assert taken(queue.next("anna", now=NOW)) == "u0"
    again = Queue(tmp_path).judged()
    assert (again["u0"].types, again["x"].defect) == (("crush", "tear"), False)
    assert again["x"].opinions[0].imported


numbers = st.integers(0, 99) | st.floats(0, 99)
marks = st.builds(
    Mark,
    image=st.just("u0.jpg"),
    label=st.sampled_from(TYPES),
    box=st.tuples(numbers, numbers, numbers, numbers),
    polygons=st.lists(st.lists(numbers, min_size=6, max_size=6).map(tuple), max_size=2).map(tuple),
)
said = st.just(FINE) | st.builds(
    Answer,
    defect=st.just(True),
    types=st.lists(st.sampled_from(TYPES), unique=True, max_size=3).map(tuple),
    severity=st.none() | st.floats(0, 1),
    on_product=st.none() | st.booleans(),
    marks=st.lists(marks, max_size=2).map(tuple),
    note=st.text(max_size=5),
)


@settings(max_examples=50)
@given(said)
def test_an_answer_survives_its_journal(answer: Answer) -> None:
    assert answer_of(answer_json(answer)) == answer
    assert answer.problem(("u0.jpg",)) == ""


steps = st.lists(
    st.tuples(st.sampled_from(["anna", "ben", "carl"]), st.sampled_from(["next", "answer", "bad", "skip", "undo", "wait"])),
    max_size=25,
)


@pytest.mark.slow  # writes thousands of lines durably
@settings(max_examples=60, deadline=None)
@given(steps, st.booleans(), st.frozensets(st.integers(0, 3)))
def test_whatever_people_do_nobody_is_asked_twice_and_reopening_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]], confirm: bool, again: frozenset[int]
) -> None:
    folder, now = tmp_path_factory.mktemp("queue"), NOW
    queue = opened(folder, draw(again=again, confirm=confirm))
    held: dict[str, str] = {}
    for who, step in steps:
        unit = held.get(who, "u0")
        if step == "next" and isinstance(found := queue.next(who, now=now), Asking):
            own = queue.judged().get(found.unit)
            assert own is None or who not in {one.by for one in own.opinions}
            held[who] = found.unit
        elif step in ("answer", "bad"):
            queue.answer(who, unit, TORN if step == "bad" and unit == "u0" else FINE, now=now)
        elif step == "skip":
            queue.skip(who, unit, now=now)
        elif step == "undo":
            queue.undo(who, now=now)
        else:
            now += timedelta(minutes=7)
        for own in queue.judged().values():
            assert len({one.by for one in own.opinions}) == len(own.opinions) <= 3

    reopened = Queue(folder)

    assert reopened.judged() == queue.judged()
    assert reopened.progress(now=now) == queue.progress(now=now)


def test_how_far_people_agree_is_said_with_the_progress(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    queue.add(draw(12, again=frozenset(range(12))), now=NOW)
    for person in ("anna", "ben"):
        for n in range(12):
            seen = n % 3 == 0 or (n == 1 and person == "ben")  # they differ in one unit of twelve
            said = Answer(defect=seen, types=("tear",) if seen else ())
            assert queue.answer(person, f"u{n}", said, now=NOW) is None
    policy = tmp_path / "inspection.yaml"
    policy.write_text("captures: manifest.csv\n", encoding="utf-8")

    shown = CliRunner().invoke(program, ["inspection", "queue", "progress", str(policy)], catch_exceptions=False).stdout
    told = CliRunner().invoke(program, ["inspection", "queue", "progress", str(policy), "--json"], catch_exceptions=False).stdout

    agreed = json.loads(told)["agreement"]["defect"]
    # 2 of 24 judgements stand in pairs that differ, of 9 and 15 of a kind: 1 - (23 * 2) / (2 * 9 * 15).
    assert agreed["alpha"] == pytest.approx(1 - 46 / 270)
    assert agreed["units"] == 12
    assert agreed["low"] < agreed["alpha"] < agreed["high"]
    assert "agreement on damage: alpha 0.83 [" in shown
    assert ", by 12 units that several judged\n" in shown
    assert "people contradict each other on 1 unit\n" in shown
