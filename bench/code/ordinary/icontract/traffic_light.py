"""A traffic light."""
# twin: `return Light.YELLOW` becomes `return Light.GREEN`; then `following` is wrong

from enum import Enum

from icontract import ensure


class Light(Enum):
    RED = "red"
    GREEN = "green"
    YELLOW = "yellow"


@ensure(lambda light, result: result != light)
@ensure(lambda light, result: (result is Light.GREEN) == (light is Light.RED))
def following(light: Light) -> Light:
    if light is Light.RED:
        return Light.GREEN
    elif light is Light.GREEN:
        return Light.YELLOW
    return Light.RED


@ensure(lambda result: result > 0)
@ensure(lambda light, result: light != Light.YELLOW or result < 10)
def seconds(light: Light) -> int:
    durations = {Light.RED: 30, Light.GREEN: 25, Light.YELLOW: 4}
    return durations[light]
