"""Types of parameters that nobody declared: from what a function demands before it does anything else, and from nothing else."""

import textwrap

import pytest

from probatum.python.reading import read_module

CASES = {
    "requires(isinstance(x, int))": "int",
    "requires(x > 0 and isinstance(x, int))": "int",
    "requires(type(x) is str)": "str",
    "requires(x is None or isinstance(x, str))": "None | str",
    "requires(isinstance(x, (int, float)))": "int | float",
    "requires(isinstance(x, int | None))": "int | None",
    "requires(isinstance(x, list) and all(isinstance(y, int) for y in x))": "list[int]",
    "assert isinstance(x, bytes), x": "bytes",
    "if not isinstance(x, int):\n        raise TypeError(x)": "int",
    "if not isinstance(x, int) or isinstance(x, bool) or x < 0:\n        raise TypeError(x)": "int",
    "if type(x) is not str:\n        raise TypeError(x)": "str",
    # None of these demands a type.
    "requires(isinstance(x, list))": "unknown",
    "requires(isinstance(x, int) or x)": "unknown",
    "requires(not isinstance(x, int))": "unknown",
    "requires(isinstance(y, int))": "unknown",
    "if isinstance(x, int):\n        raise TypeError(x)": "unknown",
    "if not isinstance(x, int) and y:\n        raise TypeError(x)": "unknown",
    "if not isinstance(x, int):\n        return": "unknown",
    "y = x\n    assert isinstance(x, int)": "unknown",
    "x = int(x)\n    assert isinstance(x, int)": "unknown",
}


@pytest.mark.parametrize(("start", "type_"), CASES.items())
def test_a_parameter_has_the_type_that_the_function_demands_first(start, type_) -> None:
    text = f"from probatum.spec import *\ndef f(x, y=1):\n    {start}\n    return None\n"
    parameter, other = read_module(text, "m.py", "m").functions["f"].parameters
    assert str(parameter.type) == type_
    assert bool(parameter.evidence) is (type_ != "unknown")
    assert other.evidence == "y=1"


def test_a_name_that_hides_a_builtin_demands_nothing() -> None:
    text = """
    from probatum.spec import requires
    def isinstance(x, y): return True
    def f(x):
        requires(isinstance(x, int))
    """
    [parameter] = read_module(textwrap.dedent(text), "m.py", "m").functions["f"].parameters
    assert str(parameter.type) == "unknown"


def test_what_is_declared_stays() -> None:
    text = "from probatum.spec import requires\ndef f(x: object):\n    requires(isinstance(x, int))\n"
    [parameter] = read_module(text, "m.py", "m").functions["f"].parameters
    assert (str(parameter.type), parameter.evidence) == ("object", "")
