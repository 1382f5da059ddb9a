"""What one run of a program means: which assertion it violates, if any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probatum.code.artefacts import BoogieProgram
from probatum.ivl.execution import Interpretation, RecordedChoices, Run, Undetermined, Value, from_json, run
from probatum.ivl.execution.evaluation import Frame, holds
from probatum.ivl.execution.running import axioms, shapes_of
from probatum.ivl.execution.values import NoValue, fits
from probatum.ivl.syntax import tree

STEPS = 20_000


def replay(program: BoogieProgram, given: Mapping[str, Any]) -> Run:
    """Run the implementation that `given` names, with its constants and choices.

    Raises
    ------
    LookupError
        If the program has no such implementation.
    TypeError, NoValue
        If the case is malformed, or a value has not the type of its constant.
    """
    name, constants, choices = given["implementation"], given["constants"], given["choices"]
    if not isinstance(constants, dict) or not isinstance(choices, list):
        raise TypeError("`constants` must be an object and `choices` a list")
    interpretation = Interpretation(_values(program, constants))
    return run(program.tree, implementation(program, name), RecordedChoices(choices), interpretation=interpretation, steps=STEPS)


def _values(program: BoogieProgram, constants: Mapping[str, Any]) -> dict[str, Value]:
    shapes = shapes_of(program.tree)
    values = {key: from_json(value) for key, value in constants.items()}
    for group in program.tree.declarations:
        for constant in group.constants if isinstance(group, tree.ConstantGroup) else ():
            if constant.name in values and (constant.type is None or not fits(values[constant.name], constant.type, shapes)):
                raise NoValue(f"constant `{constant.name}` has no value of type `{constant.type}`")
    return values


def implementation(program: BoogieProgram, name: str) -> tree.Implementation:
    """Return the implementation of this name: `P`, or `P#2` for the second one of `P`.

    Raises
    ------
    LookupError
        If there is none.
    """
    base, _, number = name.partition("#")
    own = [d for d in program.tree.declarations if isinstance(d, tree.Implementation) and d.name == base]
    index = int(number or 1) - 1 if (number or "1").isdecimal() else -1
    if not 0 <= index < len(own):
        raise LookupError(f"implementation `{name}`")
    return own[index]


def axioms_hold(program: BoogieProgram, constants: Mapping[str, Any]) -> bool | None:
    """Whether every axiom holds for these constants, and unique ones differ; None if that cannot be determined."""
    interpretation = Interpretation(_values(program, constants))
    seen: set[tuple[str, Value]] = set()
    for declaration in program.tree.declarations:
        if isinstance(declaration, tree.ConstantGroup) and declaration.unique:
            for constant in declaration.constants:
                if constant.name in interpretation.constants:
                    pair = (str(constant.type), interpretation.constants[constant.name])
                    if pair in seen:
                        return False
                    seen.add(pair)
    frame = Frame({}, {}, interpretation, shapes_of(program.tree))
    answer: bool | None = True
    for axiom in axioms(program.tree):
        try:
            if not holds(axiom.expression, frame):
                return False
        except Undetermined:
            answer = None
    return answer
