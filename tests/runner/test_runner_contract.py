"""What every runner promises, on children of this process and on a cluster of two machines."""

import hashlib
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runner_processes import alive, until

from probatum.runner import CannotStart, Crashed, Done, Failed, OutOfMemory, TimedOut

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

FEW_S = 30.0  # a deadline that only a hanging test reaches


def values(results):
    return {result.index: result.value for result in results if isinstance(result, Done)}


def run_one(runner, function, item, **limits):
    [result] = runner.map(f"runner_tasks:{function}", [item], **{"timeout_s": FEW_S, **limits})
    return result


def test_every_item_gets_exactly_one_result(runner):
    results = list(runner.map("runner_tasks:square", range(50), timeout_s=FEW_S))

    assert sorted(result.index for result in results) == list(range(50))
    assert values(results) == {n: n * n for n in range(50)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=5,
    )
)
def test_items_and_values_cross_unchanged(local, items):
    assert values(local.map("runner_tasks:echo", items, timeout_s=FEW_S)) == dict(enumerate(items))


def test_results_come_in_order_of_completion(runner, tmp_path):
    gate = tmp_path / "gate"
    results = runner.map("runner_tasks:wait_for_file", [str(gate), str(tmp_path)], timeout_s=FEW_S)

    first = next(results)
    gate.touch()
    second = next(results)

    assert (first.index, second.index) == (1, 0)


@pytest.mark.parametrize("task", ["say_pid_and_hang", "start_process_and_hang", "fork_and_hang"])
def test_deadline_kills_the_task_and_all_that_it_started(runner, tmp_path, task):
    said = tmp_path / "pid"

    result = run_one(runner, task, str(said), timeout_s=0.15)

    assert result == TimedOut(0, 0.15)
    assert until(lambda: not alive(int(said.read_text())))


def test_deadline_kills_code_that_never_returns_to_the_interpreter(runner):
    assert run_one(runner, "hang_without_python", None, timeout_s=0.1) == TimedOut(0, 0.1)


def test_deadline_ends_a_task_that_prints_without_end(runner):
    assert run_one(runner, "print_forever", None, timeout_s=0.1) == TimedOut(0, 0.1)


def test_a_task_may_have_no_deadline(runner):
    assert run_one(runner, "square", 3, timeout_s=float("inf")).value == 9


@pytest.mark.slow
def test_deadline_counts_from_the_start_of_the_task_not_from_its_turn(runner):
    """Two naps behind each other take longer than the limit of each."""
    results = list(runner.map("runner_tasks:nap", [0.5] * 8, timeout_s=0.9))

    assert {type(result) for result in results} == {Done}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("exit", "ended with exit status 3"),
        ("sys.exit", "so long"),
        ("segfault", "SIGSEGV"),
        ("kill", "SIGKILL"),
        ("abort", "Fatal Python error: Aborted"),
        ("stack", "SIGSEGV"),
        ("forge", "wrote to the descriptor"),
        pytest.param("close", "without an answer", marks=pytest.mark.slow),  # the guard waits for its last words
    ],
)
def test_a_crash_is_a_result_and_the_others_are_not_disturbed(runner, how, said):
    results = {result.index: result for result in runner.map("runner_tasks:end", ["fine", how, "fine"], timeout_s=FEW_S)}

    assert isinstance(results[1], Crashed)
    assert said in results[1].detail
    assert values(results.values()) == {0: "fine", 2: "fine"}


def test_a_crash_is_noticed_although_a_fork_holds_the_pipes(runner, tmp_path):
    said = tmp_path / "pid"

    result = run_one(runner, "fork_and_die", str(said))

    assert isinstance(result, Crashed)
    assert until(lambda: not alive(int(said.read_text())))


def test_a_fork_that_returns_gives_no_second_answer(runner):
    results = list(runner.map("runner_tasks:fork_and_both_return", range(3), timeout_s=FEW_S))

    assert values(results) == dict.fromkeys(range(3), "parent")


def test_memory_limit_ends_the_task_and_only_it(runner):
    limit = 96 * 2**20
    results = runner.map("runner_tasks:allocate", [2**40, 2**10, 2**27], timeout_s=FEW_S, memory_bytes=limit)

    assert {result.index: result for result in results if result.index != 1} == {
        0: OutOfMemory(0, limit),
        2: OutOfMemory(2, limit),
    }
    assert run_one(runner, "allocate", 2**27) == Done(0, 2**27, pytest.approx(0, abs=FEW_S))  # no limit, in a warm child


def test_a_library_that_aborts_for_lack_of_memory_is_out_of_memory(runner):
    assert run_one(runner, "abort_like_cpp", None, memory_bytes=2**30) == OutOfMemory(0, 2**30)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("value", "ValueError", "a bad `value`"),
        ("peculiar", "runner_tasks.Peculiar", "(cannot be shown: ValueError)"),
        ("set", "TypeError", "set is not JSON serializable"),
        ("nan", "ValueError", "JSON compliant"),
        ("recursion", "RecursionError", "maximum recursion depth"),
        ("interrupt", "KeyboardInterrupt", ""),
    ],
)
def test_an_exception_keeps_its_identity(runner, how, error, message):
    result = run_one(runner, "fail", how)

    assert isinstance(result, Failed)
    assert result.error == error
    assert message in result.message


def test_a_traceback_begins_in_the_task(runner):
    result = run_one(runner, "fail", "value")

    assert "runner_tasks.py" in result.traceback
    assert "child.py" not in result.traceback


def test_an_exception_leaves_the_child_warm(local):
    with_failure = list(local.map("runner_tasks:end", ["fine"] * 2, timeout_s=FEW_S))
    before = set(values(local.map("runner_tasks:pid", range(20), timeout_s=FEW_S)).values())
    list(local.map("runner_tasks:fail", ["value"] * 4, timeout_s=FEW_S))
    after = set(values(local.map("runner_tasks:pid", range(20), timeout_s=FEW_S)).values())

    assert len(with_failure) == 2
    assert len(before | after) <= 2


def test_huge_items_and_results_cross(runner):
    n = 2 * 10**6  # characters of two bytes, six as JSON
    result = run_one(runner, "text_of", n)
    returned = run_one(runner, "echo", "ab" * n)

    assert hashlib.sha256(result.value.encode()).digest() == hashlib.sha256(("é" * n).encode()).digest()
    assert returned.value == "ab" * n


def test_printing_does_not_disturb_the_protocol(runner, capfd):
    results = list(runner.map("runner_tasks:shout", [1, 300], timeout_s=FEW_S))

    assert values(results) == {0: 1, 1: 300}
    assert capfd.readouterr().out == ""


def test_closing_the_outputs_does_not_disturb_the_protocol(runner):
    results = list(runner.map("runner_tasks:close_output", range(2), timeout_s=FEW_S))

    assert set(values(results).values()) == {"closed"}


def test_closing_the_iterator_kills_what_runs_and_leaves_the_runner_usable(runner, tmp_path):
    said = tmp_path / "pid"

    def items():
        yield {"square": 2}
        yield {"hang": str(said)}

    results = runner.map("runner_tasks:square_or_hang", items(), timeout_s=600)
    assert next(results).value == 4
    assert until(said.exists)

    results.close()

    assert until(lambda: not alive(int(said.read_text())))
    assert run_one(runner, "square", 3).value == 9


def test_an_error_of_the_items_ends_the_run_and_the_tasks(runner, tmp_path):
    said = tmp_path / "pid"

    def items():
        yield str(said)
        assert until(said.exists)
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(runner.map("runner_tasks:say_pid_and_hang", items(), timeout_s=600))

    assert until(lambda: not alive(int(said.read_text())))


def test_items_are_drawn_only_as_results_are_taken(runner):
    drawn = []

    def items():
        for n in range(10_000):
            drawn.append(n)
            yield n

    results = runner.map("runner_tasks:square", items(), timeout_s=FEW_S)
    for _ in range(3):
        next(results)
    ahead = len(drawn) - 3
    results.close()

    assert ahead <= 8


def test_a_crashed_task_is_tried_again_as_often_as_asked(runner, tmp_path):
    once, never = str(tmp_path / "once"), str(tmp_path / "never")

    assert run_one(runner, "end_unless", once, retries=1).value == "second time"
    assert isinstance(run_one(runner, "end_unless", never), Crashed)


def test_what_failed_is_not_tried_again(runner, tmp_path):
    log = tmp_path / "log"

    result = run_one(runner, "record", {"log": str(log), "n": None}, retries=5)

    assert isinstance(result, Failed)
    assert log.read_text() == "None\n"


def test_setup_runs_once_in_each_child(runner):
    results = runner.map("runner_tasks:loads", range(12), timeout_s=FEW_S, setup="runner_tasks:load", setup_argument={"model": 1})

    assert all(value.count({"model": 1}) == 1 for value in values(results).values())


def test_setup_does_not_count_as_time_of_the_task(runner):
    result = run_one(runner, "square", 2, timeout_s=0.1, setup="runner_tasks:slow_load", setup_argument=0.15)

    assert result.value == 4


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ({"function": "no_such_module:run"}, "ModuleNotFoundError"),
        ({"function": "runner_tasks:no_such_task"}, "no_such_task"),
        ({"setup": "runner_tasks:fail", "setup_argument": "value"}, "a bad `value`"),
        ({"setup": "runner_tasks:end", "setup_argument": "exit"}, "exit status 3"),
    ],
)
def test_what_cannot_be_loaded_is_said_once_and_not_per_item(runner, names, why):
    arguments = {"function": "runner_tasks:square", "timeout_s": FEW_S, **names}

    with pytest.raises(CannotStart, match=why):
        list(runner.map(arguments.pop("function"), range(10), **arguments))

    assert run_one(runner, "square", 3).value == 9


def test_processor_time_is_that_of_the_task(runner):
    asleep = run_one(runner, "nap", 0.1)

    assert 0 <= asleep.cpu_s < 0.1
