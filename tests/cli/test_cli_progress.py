"""Progress is for people who wait: at a terminal, after a second, and gone at the end."""

from __future__ import annotations

import io

from probatum.cli.progress import Line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def drawn(seconds_a_task, *, tasks=20, out=None):
    out = out if out is not None else Terminal()
    clock = Clock()
    line = Line(out, clock)
    line.start(tasks)
    for n in range(tasks):
        clock.now += seconds_a_task
        line.advance(1, f"policies/{n}.json")
    before_end = out.getvalue()
    line.finish()
    return before_end, out.getvalue()


def test_work_of_less_than_a_second_shows_nothing() -> None:
    assert drawn(0.01) == ("", "")


def test_longer_work_says_how_far_it_is_and_how_long_it_takes() -> None:
    before_end, _ = drawn(0.5)

    assert "10 of 20  5 s left  policies/9.json" in before_end


def test_the_line_is_gone_at_the_end() -> None:
    before_end, after = drawn(0.5)

    assert after.removeprefix(before_end) == "\r\x1b[2K"


def test_nothing_is_written_where_nobody_looks() -> None:
    assert drawn(0.5, out=io.StringIO()) == ("", "")


def test_the_line_is_not_drawn_more_often_than_an_eye_can_follow() -> None:
    before_end, _ = drawn(0.001, tasks=3000)

    assert 15 <= before_end.count("\r") <= 21


def test_a_hostile_label_cannot_act_on_the_terminal() -> None:
    out, clock = Terminal(), Clock()
    line = Line(out, clock)
    line.start(2)
    clock.now = 5
    line.advance(1, "a\x1b]0;owned\x07\r\nb")

    assert out.getvalue().count("\x1b") == 1
    assert "\n" not in out.getvalue()


def test_a_terminal_that_went_away_ends_progress_and_not_the_check() -> None:
    class Gone(Terminal):
        def write(self, _text):
            raise OSError(5, "Input/output error")

    assert drawn(0.5, out=Gone()) == ("", "")
