"""What is done is not done again."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runner_store import Sqlite

from probatum.runner import Crashed, Done, Failed, resume


@pytest.fixture
def store():
    store = Sqlite(":memory:")
    yield store
    store.close()


def items_of(log, numbers, crash=()):
    return [{"log": str(log), "n": n, "crash": n in crash} for n in numbers]


def run(runner, store, items):
    results = resume(runner, "runner_tasks:record", items, key=lambda item: str(item["n"]), results=store, timeout_s=30)
    return sorted(results, key=lambda result: result.index)


def test_a_second_run_repeats_nothing_that_is_done(runner, store, tmp_path):
    log = tmp_path / "log"

    first = run(runner, store, items_of(log, range(10)))
    second = run(runner, store, items_of(log, range(12)))

    assert [result.value for result in first] == [10 * n for n in range(10)]
    assert [(result.index, result.value) for result in second] == [(n, 10 * n) for n in range(12)]
    assert sorted(map(int, log.read_text().split())) == list(range(12))


def test_what_crashed_or_failed_is_tried_again(runner, store, tmp_path):
    log = tmp_path / "log"

    first = run(runner, store, [*items_of(log, range(3), crash=[1]), {"log": str(log), "n": None}])
    second = run(runner, store, items_of(log, range(3)))

    assert [type(result) for result in first] == [Done, Crashed, Done, Failed]
    assert [result.value for result in second] == [0, 10, 20]
    assert sorted(log.read_text().split()) == ["0", "1", "1", "2", "None"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 30), unique=True, max_size=12), st.lists(st.integers(0, 30), unique=True, max_size=12))
def test_results_keep_the_index_of_their_item_whatever_is_stored(local, before, items):
    store = Sqlite(":memory:")
    for n in before:
        store.put(str(n), n * n)

    results = resume(local, "runner_tasks:square", items, key=str, results=store, timeout_s=30)

    assert {items[result.index]: result.value for result in results} == {n: n * n for n in items}
    store.close()


def test_the_store_is_asked_for_many_keys_at_a_time(local, store):
    for n in range(1000):
        store.put(str(n), n)

    results = list(resume(local, "runner_tasks:square", range(1000), key=str, results=store, timeout_s=30))

    assert len(results) == 1000
    assert min(store.questions) > 200


def test_closing_early_keeps_what_was_taken(local, store):
    results = resume(local, "runner_tasks:square", range(100), key=str, results=store, timeout_s=30)
    taken = [next(results) for _ in range(5)]
    results.close()

    assert store.get_many([str(result.index) for result in taken]) == {str(result.index): result.value for result in taken}
