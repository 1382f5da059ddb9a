"""A small machine: match statements over tuples, texts and classes."""
# twin: `return Move(-by)` becomes `return Move(by - 1)`; then `inverse` is wrong

from dataclasses import dataclass
from enum import Enum, auto
from typing import Union


class Direction(Enum):
    UP = auto()
    DOWN = auto()


@dataclass(frozen=True)
class Move:
    by: int


@dataclass(frozen=True)
class Stop:
    pass


Command = Union[Move, Stop]


def run(position: int, command: Command) -> int:
    match command:
        case Move(by=n):
            after = position + n
        case Stop():
            after = position
    assert not isinstance(command, Stop) or after == position
    return after


def inverse(command: Command) -> Command:
    result = _inverse(command)
    assert run(run(0, command), result) == 0
    return result


def _inverse(command: Command) -> Command:
    match command:
        case Move(by):
            return Move(-by)
        case _:
            return command


def parse_command(words: list[str]) -> str:
    match words:
        case []:
            kind = "empty"
        case ["go", _]:
            kind = "go"
        case [_, *rest]:
            kind = "other" if rest else "word"
    assert (kind == "empty") == (len(words) == 0)
    return kind


def step(direction: Direction) -> int:
    match direction:
        case Direction.UP:
            by = 1
        case Direction.DOWN:
            by = -1
    assert by * by == 1
    return by
