"""Provers: every obligation gets a decision, whatever the solvers do to their processes."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from probatum.findings import Why
from probatum.solve import ladder as ladders
from probatum.solve.ladder import STRUGGLED, Ladder, Rung
from probatum.solve.prover import Decision, Obligation, Prover, stability
from probatum.solve.stops import Stop

pytestmark = pytest.mark.slow  # every test starts processes that load solvers

PROVED = Obligation(
    "(declare-fun f (Int) Int)(declare-const x Int)"
    "(assert (forall ((i Int)) (! (> (f i) i) :pattern ((f i)) :qid |q.1| :weight 1 :skolemid |3|)))"
    "(assert (not (> (f x) x)))"
)
REFUTED = Obligation(
    "(declare-const x Int)(declare-const y Int)(assert (and (> x 3) (= y (+ x 1)) (< x 5)))", values=("x", "(+ x y)")
)
CANDIDATE = Obligation(
    "(declare-fun f (Int) Int)(declare-const x Int)"
    "(assert (forall ((i Int)) (! (> (f i) 0) :pattern ((f i)))))"
    "(assert (not (> (f x) 1)))(assert (= x 7))",
    values=("x", "(f x)"),
)
# No solver decides this soon, and nonlinear reasoning makes z3 look at its limit now and then only.
CUBES = "(declare-const x Int)(declare-const y Int)(declare-const z Int)(assert (= (+ (* x x x) (* y y y) (* z z z)) 42))"
ENDLESS = Ladder((Rung("endless", "z3", 2**32 - 1, wall_s=3.0),))


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover(workers=2) as shared:
        yield shared


def one(prover: Prover, obligation: Obligation) -> Decision:
    [(_, decision)] = prover.decide([("it", obligation)])
    return decision


def pigeons(n: int) -> str:
    """As hard as one likes: n + 1 pigeons do not fit n holes."""
    names = [[f"p{i}_{j}" for j in range(n)] for i in range(n + 1)]
    lines = [f"(declare-const {name} Bool)" for row in names for name in row]
    lines += [f"(assert (or {' '.join(row)}))" for row in names]
    lines += [f"(assert (not (and {a[j]} {b[j]})))" for i, a in enumerate(names) for b in names[:i] for j in range(n)]
    return "\n".join(lines)


def descendants() -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it has just ended
    found, todo = set(), {os.getpid()}
    while todo:
        todo = {child for child, parent in parents.items() if parent in todo}
        found |= todo
    return found


def test_unsatisfiable_is_proved(prover: Prover) -> None:
    decision = one(prover, PROVED)

    assert (decision.answer, decision.why, decision.rung, decision.candidate) == ("unsat", None, "z3", False)
    assert decision.solver.startswith("z3 ")
    assert decision.effort > 0


def test_satisfiable_has_values_of_terms(prover: Prover) -> None:
    decision = one(prover, REFUTED)

    assert (decision.answer, decision.candidate) == ("sat", False)
    assert decision.values == {"x": "4", "(+ x y)": "9"}


def test_exhausted_triggers_leave_a_candidate_at_once(prover: Prover) -> None:
    decision = one(prover, CANDIDATE)

    assert (decision.answer, decision.why, decision.candidate) == ("unknown", Why.SOLVER_GAVE_UP, True)
    assert decision.values == {"x": "7", "(f x)": "1"}
    assert decision.effort < 10_000


def test_a_thorough_ladder_turns_a_candidate_into_a_model() -> None:
    with Prover(workers=1, ladder=ladders.THOROUGH) as thorough:
        decision = one(thorough, CANDIDATE)

    assert (decision.answer, decision.rung, decision.candidate) == ("sat", "z3 by models", False)


def test_values_that_cannot_be_read_are_left_out(prover: Prover) -> None:
    decision = one(prover, Obligation(REFUTED.text, values=("x", "(nobody x)", "y")))

    assert decision.values == {"x": "4", "y": "5"}


def test_malformed_text_is_named_and_others_are_decided(prover: Prover) -> None:
    found = dict(prover.decide([("bad", Obligation("(assert (> undeclared 1))")), ("good", PROVED)]))

    assert found["good"].answer == "unsat"
    assert (found["bad"].answer, found["bad"].why) == ("unknown", Why.UNREADABLE)
    assert "undeclared" in found["bad"].reason


@pytest.mark.parametrize("text", ["(set-option :timeout 1)", '(assert false)\n(include "/etc/passwd")', "( check-sat)"])
def test_commands_are_refused(prover: Prover, text: str) -> None:
    decision = one(prover, Obligation(text))

    assert (decision.answer, decision.why) == ("unknown", Why.UNREADABLE)


def test_a_function_may_be_called_like_a_command(prover: Prover) -> None:
    decision = one(prover, Obligation("(declare-fun exit (Int) Bool)(assert (and (exit 1) (not (exit 1))))"))

    assert decision.answer == "unsat"


def test_what_only_the_second_solver_reads_it_decides(prover: Prover) -> None:
    decision = one(prover, Obligation("(declare-const s (Set Int))(assert (set.member 1 s))(assert (not (set.member 1 s)))"))

    assert (decision.answer, decision.rung) == ("unsat", "cvc5")


def test_the_second_solver_reads_what_is_meant_for_the_first() -> None:
    with Prover(workers=1, ladder=Ladder((Rung("cvc5", "cvc5", 1_000_000),))) as second:
        assert one(second, PROVED).answer == "unsat"
        refuted = one(second, REFUTED)

    assert (refuted.answer, refuted.values["x"]) == ("sat", "4")


def test_an_option_of_the_program_reaches_z3(prover: Prover) -> None:
    by_models = one(prover, Obligation(CANDIDATE.text, options=((":smt.MBQI", "true"),)))

    assert by_models.answer == "sat"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smt.no_such_thing", "1"),
        ("smt.mbqi", "perhaps"),
        ("smt.case_split", "-1"),
        ("trace_file_name", "out"),
        ("smt.qi.profile", "true"),
        ("smt.arith.solver", "2 3"),
    ],
)
def test_other_options_are_refused_by_name(prover: Prover, name: str, value: str) -> None:
    decision = one(prover, Obligation(PROVED.text, options=((name, value),)))

    assert (decision.answer, decision.why) == ("unknown", Why.UNSUPPORTED)
    assert name in decision.reason


def test_options_for_printing_are_ignored(prover: Prover) -> None:
    assert one(prover, Obligation(PROVED.text, options=(("pp.bv_literals", "false"), ("model.v2", "true")))).answer == "unsat"


def test_a_limit_of_the_obligation_stops_the_ladder(prover: Prover) -> None:
    decision = one(prover, Obligation(pigeons(9), rlimit=20_000))

    assert (decision.answer, decision.why) == ("unknown", Why.TIME_LIMIT)
    assert 20_000 <= decision.effort < 60_000
    assert decision.repeatable


def test_a_limit_of_z3s_work_is_none_for_other_solvers() -> None:
    steps = Ladder((Rung("first", "z3", 100), Rung("second", "cvc5", 1_000_000)))
    with Prover(workers=1, ladder=steps) as prover:
        free = one(prover, Obligation(pigeons(3)))
        limited = one(prover, Obligation(pigeons(3), rlimit=1_000_100))

    assert (free.answer, free.rung) == ("unsat", "second")
    assert (limited.answer, limited.rung) == ("unknown", "first")
    assert limited.repeatable


def test_no_work_at_all_is_unknown(prover: Prover) -> None:
    assert one(prover, Obligation("(assert false)", rlimit=0)).answer == "unknown"


def test_the_next_rung_tries_what_the_first_had_no_work_left_for() -> None:
    steps = Ladder((Rung("short", "z3", 100), Rung("long", "z3", 10_000_000)))
    with Prover(workers=1, ladder=steps) as climbing:
        decision = one(climbing, Obligation(pigeons(4)))

    assert (decision.answer, decision.rung) == ("unsat", "long")


def test_a_hanging_obligation_is_killed_and_others_are_not() -> None:
    with Prover(workers=2, ladder=ENDLESS) as hanging:
        found = list(
            hanging.decide([("hangs", Obligation(CUBES)), *((n, Obligation(f"(assert (= {n} {n + 1}))")) for n in range(50))])
        )
        after = one(hanging, PROVED)

    by_key = dict(found)
    assert (by_key["hangs"].answer, by_key["hangs"].why) == ("unknown", Why.TIME_LIMIT)
    assert not by_key["hangs"].repeatable
    assert all(by_key[n].answer == "unsat" for n in range(50))
    assert found[-1][0] == "hangs"
    assert after.answer == "unsat"


def test_the_time_of_an_obligation_covers_all_rungs() -> None:
    endless = Ladder(tuple(Rung(f"endless {n}", "z3", 2**32 - 1, wall_s=60.0) for n in range(3)))
    with Prover(workers=1, ladder=endless) as hanging:
        started = time.monotonic()
        decision = one(hanging, Obligation(CUBES, timeout_s=1.0))
        took = time.monotonic() - started

    assert decision.why is Why.TIME_LIMIT
    assert took < 30  # not 3 * 60


BOMB = (
    "(declare-const a (_ BitVec 4096))(declare-const b (_ BitVec 4096))(assert (= (bvmul a b) (bvurem (bvmul b a b) (bvadd a #x"
    + "0" * 1023
    + "1))))"
)


def test_a_memory_bomb_is_unknown_and_the_next_gets_a_fresh_worker() -> None:
    once = Ladder((Rung("z3", "z3", 2**32 - 1, wall_s=60.0),))
    with Prover(workers=1, ladder=once, memory_bytes=300 * 2**20) as small:
        bomb = one(small, Obligation(BOMB))
        after = one(small, PROVED)

    assert (bomb.answer, bomb.why) == ("unknown", Why.MEMORY_LIMIT)
    assert not bomb.repeatable
    assert after.answer == "unsat"


def test_a_worker_killed_from_outside_is_a_crash_and_is_replaced() -> None:
    once = Ladder((Rung("z3", "z3", 2**32 - 1, wall_s=60.0),))
    with Prover(workers=1, ladder=once) as victim:
        assert one(victim, PROVED).answer == "unsat"
        before = descendants()
        results: list[Decision] = []
        asking = threading.Thread(target=lambda: results.append(one(victim, Obligation(CUBES))))
        asking.start()
        worker = busy(before)
        os.kill(worker, signal.SIGKILL)
        asking.join(60)
        after = one(victim, REFUTED)

    assert results[0].answer == "unknown"
    assert results[0].why in (Why.CRASHED, Why.MEMORY_LIMIT)  # whoever kills by SIGKILL may have been the kernel
    assert not results[0].repeatable
    assert after.answer == "sat"


def busy(processes: set[int]) -> int:
    """Wait until one of these processes has worked for a while, and return it."""

    def ticks(process: int) -> int:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    started = {process: ticks(process) for process in processes}
    while True:
        for process, before in started.items():
            if ticks(process) > before + 20:
                return process
        time.sleep(0.01)


def test_a_crash_leaves_the_obligation_to_the_next_rung() -> None:
    steps = Ladder(
        (Rung("hangs", "z3", 2**32 - 1, wall_s=1.0, options=(("smt.random_seed", "1"),)), Rung("cvc5", "cvc5", 10_000))
    )
    with Prover(workers=1, ladder=steps) as climbing:
        decision = one(climbing, Obligation(CUBES))

    assert decision.answer == "unknown"
    assert not decision.repeatable
    assert "was stopped after 1 s" in decision.reason
    assert "cvc5" in decision.reason


def test_work_and_answer_do_not_depend_on_what_was_asked_before() -> None:
    questions = {
        "proved": PROVED,
        "refuted": REFUTED,
        "candidate": CANDIDATE,
        "pigeons": Obligation(pigeons(5)),
        "arrays": Obligation(
            "(declare-const a (Array Int Int))(declare-const i Int)(declare-const j Int)"
            "(assert (not (= (select (store (store a i 1) j 2) i) (ite (= i j) 2 1))))"
        ),
        "sorts": Obligation(
            "(declare-sort T 0)(declare-const a T)(declare-fun g (T) T)(assert (distinct (g (g a)) (g a) a))", ("a",)
        ),
    }
    said = []
    for order in (list(questions), list(reversed(questions)), [*questions][3:] + [*questions][:3]):
        with Prover(workers=1) as fresh:
            found = dict(fresh.decide((key, questions[key]) for key in order))
        said.append({key: (d.answer, d.effort, d.values) for key, d in found.items()})

    assert said[0] == said[1] == said[2]
    assert said[0]["pigeons"][0] == said[0]["arrays"][0] == "unsat"


def test_equal_obligations_are_decided_once(prover: Prover) -> None:
    same = Obligation("(declare-const never_asked_before Int)(assert (< never_asked_before never_asked_before))")
    found = list(prover.decide((n, same) for n in range(20)))

    assert sorted(key for key, _ in found) == list(range(20))
    assert {decision.answer for _, decision in found} == {"unsat"}
    assert sum(not decision.cached for _, decision in found) == 1


def test_obligations_are_drawn_as_decisions_are_taken(prover: Prover) -> None:
    drawn = 0

    def endless() -> Iterator[tuple[int, Obligation]]:
        nonlocal drawn
        while True:
            drawn += 1
            yield drawn, Obligation(f"(declare-const x Int)(assert (= x {drawn} {drawn + 1}))")

    decisions = prover.decide(endless())
    for taken in range(1, 2001):
        _, decision = next(decisions)
        assert decision.answer == "unsat"
        assert drawn <= taken + 20
    decisions.close()

    assert one(prover, PROVED).answer == "unsat"


def test_a_decision_may_be_asked_for_while_others_are_taken(prover: Prover) -> None:
    for key, _ in prover.decide((n, Obligation(f"(assert (= {n} {n + 1}))")) for n in range(100, 110)):
        inner = one(prover, Obligation(f"(assert (= {key} {key}))"))
        assert inner.answer == "sat"


def test_an_iteration_that_is_closed_kills_only_its_own(prover: Prover) -> None:
    with Prover(workers=2, ladder=Ladder((Rung("endless", "z3", 2**32 - 1, wall_s=600.0),))) as shared:
        hanging = shared.decide([("fast", PROVED), ("hangs", Obligation(CUBES))])
        assert next(hanging)[0] == "fast"
        hanging.close()
        assert one(shared, REFUTED).answer == "sat"


def test_closing_leaves_no_process_behind() -> None:
    before = descendants()
    closing = Prover(workers=2, ladder=Ladder((Rung("endless", "z3", 2**32 - 1, wall_s=600.0),)))
    decisions = closing.decide([("a", PROVED), ("b", Obligation(CUBES)), ("c", Obligation(CUBES + "(assert (> x 1))"))])
    assert next(decisions)[0] == "a"
    assert descendants() > before

    closing.close()
    closing.close()

    assert descendants() <= before
    with pytest.raises(RuntimeError, match="closed"):
        next(decisions)


def test_a_closed_prover_decides_nothing() -> None:
    closed = Prover(workers=1)
    closed.close()

    with pytest.raises(RuntimeError, match="closed"):
        one(closed, PROVED)


def test_stability_varies_seed_and_text(prover: Prover) -> None:
    def renamed(obligation: Obligation, number: int) -> Obligation:
        return Obligation(obligation.text.replace("p1_", f"q{number}_"))

    report = stability(prover, Obligation(pigeons(4)), 3, renamed)

    assert report.verdicts == ("unsat",) * 7
    assert report.effort_mean > 0
    assert report.fragile == (report.effort_cv > 0.5)


def test_what_some_seed_does_not_prove_is_fragile() -> None:
    with Prover(workers=1) as trying:
        easy = stability(trying, Obligation("(assert false)"), 2)
        hard = stability(trying, Obligation(pigeons(9), rlimit=10_000), 2)

    assert not easy.fragile
    assert hard.fragile
    assert set(hard.verdicts) == {"unknown"}


def test_shares_of_a_ladder() -> None:
    steps = Ladder((Rung("a", "z3", 100), Rung("b", "z3", 300, STRUGGLED), Rung("c", "cvc5", 600)))

    assert [(r.name, share) for r, share in steps.shares(None)] == [("a", 100), ("b", 300), ("c", 600)]
    assert [(r.name, share) for r, share in steps.shares(250)] == [("a", 100), ("b", 150)]
    assert [(r.name, share) for r, share in steps.shares(2000)] == [("a", 200), ("b", 600), ("c", 1200)]
    assert list(steps.shares(0)) == []


def test_a_ladder_needs_rungs_and_limits() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Ladder(())
    with pytest.raises(ValueError, match="positive"):
        Ladder((Rung("a", "z3", 0),))
    assert Stop.QUANTIFIERS not in STRUGGLED
