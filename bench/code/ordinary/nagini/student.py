"""An object that holds a list."""
# twin: `self.grades.append(grade)` becomes `self.grades = [grade]`; then `Student.add` is wrong

from typing import List

from nagini_contracts.contracts import *


class Student:
    def __init__(self, name: str) -> None:
        Ensures(Acc(self.name) and Acc(self.grades) and Acc(list_pred(self.grades)))
        Ensures(self.name == name and len(self.grades) == 0)
        self.name = name
        self.grades = []  # type: List[int]

    def add(self, grade: int) -> None:
        Requires(Acc(self.grades) and Acc(list_pred(self.grades)))
        Requires(1 <= grade and grade <= 6)
        Ensures(Acc(self.grades) and Acc(list_pred(self.grades)))
        Ensures(len(self.grades) == Old(len(self.grades)) + 1)
        Ensures(self.grades[len(self.grades) - 1] == grade)
        self.grades.append(grade)


def enrol(name: str) -> Student:
    Ensures(Acc(Result().name) and Acc(Result().grades) and Acc(list_pred(Result().grades)))
    Ensures(Result().name == name and len(Result().grades) == 1)
    s = Student(name)
    s.add(3)
    return s
