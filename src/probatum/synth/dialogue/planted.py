"""Those who are no ordinary users: one person with many accounts, and televisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.exchange import UNKNOWN, Exchange, Session, Try
from probatum.synth.dialogue.online import Rewriting
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.people import User
from probatum.synth.dialogue.phrasing import Wish

_NOON_S, _EVENING_S = 12 * 3600.0, 20 * 3600.0


@dataclass(frozen=True, slots=True)
class Trap:
    """A pair of requests that looks like a rewrite.

    Attributes
    ----------
    kind : str
        `halved` (some who say the first want it, others the second), `film` (right on a screen, and wrong elsewhere), `settled` (who says the
        second after the first wants something else by then), `burst` (one person said it, many times).
    said, then : str
    """

    kind: str
    said: str
    then: str


def traps(parameters: Parameters) -> tuple[Trap, ...]:
    """Return the pairs that mislead."""
    found = [Trap("halved", f"play {short}", f"play {short} {more}") for short, more in catalogue.LONGER.items()]
    found += [Trap("film", f"play {title}", f"play the movie {title}") for title in catalogue.FILMS]
    found += [Trap("settled", said, then) for said, then in catalogue.CANNOT.items() if then]
    found += [Trap("burst", *(f"play {title}" for title in _burst(number))) for number in range(parameters.traps.bursts)]
    return tuple(found)


def _burst(number: int) -> tuple[str, str]:
    return catalogue.titles()[number], catalogue.titles()[-1 - number]


def bursts(exchange: Exchange, users: Sequence[User], day: int, rewriting: Rewriting | None) -> list[Session]:
    """Let one person say one thing, and then another, with each of many accounts, on some days."""
    of = exchange.parameters
    rng = of.chance("bursts", day)
    out: list[Session] = []
    for burst in range(of.traps.bursts):
        if day != (burst + 1) * of.days // (of.traps.bursts + 1):
            continue
        said = _burst(burst)
        for account in range(of.traps.accounts):
            user = User(
                of.opaque("account", burst, account),
                of.opaque("burst", burst),
                users[0].home,
                users[0].speakers,
                0.0,
                0,
                1.0,
                0.0,
            )
            session = Session(
                user, user.speakers[0], f"{user.name}-{day}", of.at(day, _NOON_S + 3.0 * account), rng, of.part(day)
            )
            out.append(session)
            for place, title in enumerate(said):
                wish = Wish("play", title)
                text, meant = phrasing.say(wish, phrasing.KINDS["play"].templates[0], title)
                wanted = (phrasing.KINDS["play"].intent, (title,), "")
                exchange.say(
                    session, Try(text, meant or UNKNOWN, wish, wanted, f"{session.name}/{place}", 0, ("burst",)), rewriting
                )
                session.at += 4.0
    return out


def adverts(exchange: Exchange, users: Sequence[User], day: int, rewriting: Rewriting | None) -> list[Session]:
    """Let the devices of many users wake at the same moment, and hear the same, on some days."""
    of = exchange.parameters
    rng = of.chance("adverts", day)
    out: list[Session] = []
    for advert in range(of.traps.adverts):
        if day != (2 * advert + 1) * of.days // (2 * of.traps.adverts + 1):
            continue
        for user in users:
            if rng.random() < of.traps.advert_share:
                at = of.at(day, _EVENING_S + 5.0 * rng.random())
                session = Session(user, user.speakers[0], f"{user.name}-{day}-tv{advert}", at, rng, of.part(day))
                exchange.overheard(session, catalogue.ADVERT, rewriting, "advert")
                out.append(session)
    return out
