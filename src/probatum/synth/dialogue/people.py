"""Users: where they live, what they want again and again, and how they say it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.homes import Home, draw_home
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.phrasing import Wish


@dataclass(frozen=True, slots=True)
class Speaker:
    """A device that listens."""

    identifier: str
    room: str
    screen: bool


@dataclass(slots=True, eq=False)
class User:
    """A user.

    Attributes
    ----------
    name, household : str
    home : Home
    speakers : tuple of Speaker
    activity : float
        Sessions a day.
    accent : int
        That of the household.
    quality : float
        What error rates of the recogniser are multiplied by.
    patience : float
    habits : list of Wish
    weights : list of float
        Of the habits, added up.
    words : dict of str to (templates, weights added up)
        By kind of wish.
    nicknames : dict of str to str
        Thing -> what the user calls it.
    hours : tuple of int
        When the user speaks, mostly.
    secret : str
        "" for none.
    """

    name: str
    household: str
    home: Home
    speakers: tuple[Speaker, ...]
    activity: float
    accent: int
    quality: float
    patience: float
    habits: list[Wish] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    words: dict[str, tuple[tuple[str, ...], list[float]]] = field(default_factory=dict)
    nicknames: dict[str, str] = field(default_factory=dict)
    hours: tuple[int, ...] = ()
    secret: str = ""


def draw_users(parameters: Parameters, works: Callable[[str, str], bool]) -> tuple[User, ...]:
    """Draw all users; the same for the same parameters.

    Parameters
    ----------
    parameters : Parameters
    works : callable of a kind and a template
        Whether the assistant understands those words, as they are meant.
    """
    rng = parameters.chance("users")
    users: list[User] = []
    order = list(range(1, parameters.users + 1))
    rng.shuffle(order)
    shares = [rank**-parameters.activity for rank in order]
    mean = sum(shares) / len(shares)
    household = 0
    while len(users) < parameters.users:
        household += 1
        home = draw_home(rng, parameters.entities)
        speakers = tuple(
            Speaker(parameters.opaque("device", household, n), room, rng.random() < parameters.screens)
            for n, room in enumerate(rng.sample(home.areas, rng.randint(1, min(3, len(home.areas)))))
        )
        for _ in range(
            1 + (rng.random() < (parameters.per_household - 1) / 2) + (rng.random() < (parameters.per_household - 1) / 2)
        ):
            if len(users) < parameters.users:
                share = parameters.sessions * shares[len(users)] / mean
                users.append(_user(len(users), household, home, speakers, share, parameters, works, rng))
    return tuple(users)


def _user(  # noqa: PLR0917 - what a user is made of, in one order
    number: int, household: int, home: Home, speakers: tuple[Speaker, ...], activity: float, parameters: Parameters,
    works: Callable[[str, str], bool], rng: random.Random,
) -> User:  # fmt: skip  # one line more would not tell more
    between = parameters.channel.between
    user = User(
        parameters.opaque("user", number), parameters.opaque("household", household), home, speakers, activity, household % parameters.channel.accents,
        rng.gammavariate(between, 1 / between),
        rng.betavariate(*parameters.reactions.patience),
    )  # fmt: skip  # one line for each thought
    for kind in phrasing.KINDS:
        templates = phrasing.chosen(kind, parameters.phrasings)
        # The plainest words are everybody's first guess; what never works is said less and less.
        liked = [rng.gammavariate(parameters.favour * (2 if at == 0 else 1), 1) + 1e-6 for at in range(len(templates))]
        user.words[kind] = (
            templates,
            list(
                accumulate(
                    like * (1.0 if works(kind, template) else parameters.unlearnt)
                    for like, template in zip(liked, templates, strict=True)
                )
            ),
        )
    user.hours = tuple(rng.sample(range(6, 24), 4))
    if rng.random() < parameters.nicknames:
        things = sorted(home.devices)
        for name in rng.sample(catalogue.NICKNAMES, rng.randint(1, 2)):
            user.nicknames[rng.choice(things)] = name
    if number < parameters.traps.canaries:
        user.secret = catalogue.secret(number)
        user.habits.append(Wish("add", user.secret))
    user.habits += [wish for wish in (draw_wish(user, parameters, rng) for _ in range(parameters.habits)) if wish is not None]
    # What has a name of the user's own is used.
    for thing in sorted(user.nicknames):
        domain = home.devices[thing].domain
        kind = next((k.name for k in phrasing.KINDS.values() if domain in k.domains), "")
        if kind:
            user.habits.append(wish_for(kind, thing, home, rng))
    user.weights = list(accumulate(1.0 / rank for rank in range(1, len(user.habits) + 1)))
    return user


def draw_wish(user: User, parameters: Parameters, rng: random.Random, *, screen: bool = True) -> Wish | None:
    """Draw something that the user could want; None if the home has nothing of the kind."""
    if rng.random() < parameters.cannot:
        return Wish(phrasing.CANNOT, zipf(tuple(catalogue.CANNOT), rng))
    kind = rng.choices(tuple(phrasing.USUAL), tuple(phrasing.USUAL.values()))[0]
    known = phrasing.KINDS[kind]
    home = user.home
    if kind == "film":
        return Wish("film", rng.choice(catalogue.FILMS)) if screen else None
    if kind == "play":
        return Wish("play", zipf(catalogue.half(catalogue.titles(), parameters.entities), rng))
    if kind == "add":
        return Wish("add", zipf(catalogue.half(catalogue.ITEMS, parameters.entities), rng))
    if kind == "timer":
        return Wish("timer", value=rng.choice((1, 2, 3, 5, 7, 8, 10, 12, 15, 20, 25, 30, 45)))
    if known.area:
        rooms = [area for area in home.areas if any(d.area == area and d.domain == known.area for d in home.devices.values())]
        return Wish(kind, area=rng.choice(rooms)) if rooms else None
    if known.domains:
        things = [name for name, device in sorted(home.devices.items()) if device.domain in known.domains]
        return wish_for(kind, rng.choice(things), home, rng) if things else None
    return Wish(kind)


def wish_for(kind: str, thing: str, home: Home, rng: random.Random) -> Wish:
    """Return a wish of a kind about a device."""
    value = {"dim": lambda: 10 * rng.randint(1, 9), "heat": lambda: rng.randint(17, 24)}.get(kind, lambda: 0)()
    return Wish(kind, thing, home.devices[thing].area, value)


def zipf(things: Sequence[str], rng: random.Random) -> str:
    """Draw one of some things, the first most often: inverse of rank, nearly."""
    # The inverse of the distribution function of a continuous law of the same shape.
    return things[min(len(things) - 1, int((len(things) + 1) ** rng.random()) - 1)]
