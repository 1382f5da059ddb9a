"""How long one artefact is worked on: a large one as long as several small ones, unless somebody says how long."""

from dataclasses import replace

import pytest

from probatum.engine import CheckOptions, check, systems, workers


@pytest.fixture
def limits(monkeypatch):
    """The limits with which children are asked: of the children themselves, and what they are told, by function and path."""
    monkeypatch.setattr(systems, "_table", {name: replace(s, bytes_in_limit=10) for name, s in systems._table.items()})
    found = {}
    asked = workers.Workers.map

    def noted(own, function, items, count, times=1):
        def each():
            for item in items:
                found[function, item["path"]] = (times, item["soft_s"])
                yield item

        return asked(own, function, each(), count, times)

    monkeypatch.setattr(workers.Workers, "map", noted)
    return found


def test_a_large_artefact_is_given_as_much_time_as_several_small_ones(project, limits):
    base = project(a_txt="bad", b_txt="good bad good good bad", c_txt="bad " * 100)

    report = check(base)

    assert limits == {
        (function, f"{name}.txt"): (times, 60.0 * times)
        for function in ("check_artefact", "confirm_artefact")
        for name, times in (("a", 1), ("b", 3), ("c", 6))
    }
    assert {f.location.path for f in report.findings} == {"a.txt", "b.txt", "c.txt"}
    assert not report.undecided


@pytest.mark.parametrize("written", [CheckOptions(timeout_s=7), None])
def test_a_limit_that_somebody_wrote_is_meant_whatever_the_size(project, limits, written):
    base = project(c_txt="good " * 100, **({} if written else {"probatum_toml": "[check]\ntimeout = 7\n"}))

    check(base, written)

    assert limits == {("check_artefact", "c.txt"): (1, 7.0)}
