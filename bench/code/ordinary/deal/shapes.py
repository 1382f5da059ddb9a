"""Shapes, with a base class."""
# twin: `return self.width * self.height` becomes `return self.width - self.height`; then `Rectangle.area` is wrong

from abc import ABC, abstractmethod

import deal


class Shape(ABC):
    @abstractmethod
    @deal.post(lambda result: result >= 0)
    def area(self) -> int: ...


@deal.inv(lambda self: self.width >= 0 and self.height >= 0)
class Rectangle(Shape):
    @deal.pre(lambda self, width, height: width >= 0 and height >= 0)
    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height

    @deal.post(lambda result: result >= 0)
    def area(self) -> int:
        return self.width * self.height


class Square(Rectangle):
    @deal.pre(lambda self, side: side >= 0)
    def __init__(self, side: int) -> None:
        super().__init__(side, side)


@deal.post(lambda result: result >= 0)
def total_area(shapes: list[Shape]) -> int:
    total = 0
    for shape in shapes:
        total += shape.area()
    return total
