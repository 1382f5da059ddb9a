"""Small simulated worlds, each made once, for tests of what happens in them."""

from functools import cache

from probatum.dialogue.artefacts.turn import Turn
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.truth import Truth

SMALL = Parameters(users=40, days=6, understanding="classifier")


@cache
def world(parameters: Parameters = SMALL) -> Simulation:
    """Return a world; the same one for the same parameters."""
    return Simulation(parameters)


@cache
def made(parameters: Parameters = SMALL) -> tuple[tuple[Turn, Truth], ...]:
    """Return all its turns, and the truth about them."""
    return tuple(world(parameters).run())
