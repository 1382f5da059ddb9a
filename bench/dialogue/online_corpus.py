"""What the service of rewrites is measured with: policies of made texts, users with habits, and requests (see `online`)."""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import islice, product
from pathlib import Path

import numpy as np

from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Known, Link
from probatum.dialogue.model.recovery.near import LEAST, MOST
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.service.serving import nearest
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policy_file import read, write

KEY = "00" * 31 + "01"
VERBS = ("turn on", "turn off", "dim", "open", "close", "play", "stop", "show", "find", "start")
SYLLABLES = (
    "ka", "lo", "mi", "ren", "sor", "ta", "vel", "ju", "bri", "dan", "fo", "gri", "hel", "pon", "qui", "zam", "wes", "nor", "lim", "tro", "dro", "mel",
)  # fmt: skip  # a list of parts
ROOMS = ("kitchen", "bedroom", "office", "hallway", "garden", "cellar", "attic", "garage", "bathroom", "lounge")
USERS, ACTIVE = 10_000, 400  # habits of some 500 such users are kept at hand


def texts(many: int) -> list[str]:
    """Return that many different requests."""
    words = [f"{a}{b}{c}" for a, b, c in product(SYLLABLES, repeat=3)]
    every = (f"{verb} the {word} in the {room}" for word in words for verb in VERBS for room in ROOMS)
    made = list(islice(every, many))
    if len(made) < many:
        raise SystemExit(f"error: there are {len(made):,} different texts")
    random.Random(0).shuffle(made)
    return made


def changed(text: str, rng: random.Random) -> str:
    """Return a text with two letters changed."""
    letters = list(text)
    for at in rng.sample([n for n, letter in enumerate(letters) if letter != " "], 2):
        letters[at] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def heard(made: Sequence[str]) -> list[str]:
    """Return ten thousand of the texts as they are misheard."""
    rng = random.Random(1)
    return [changed(text, rng) for text in made[:10_000]]


def make(folder: Path, many: int) -> None:
    """Write two policies, and the habits of users, and print what that takes."""
    made = texts(many)
    links = {
        source: (source, Link(target, 0.9, f"{n:016x}", "active"))
        for n, (source, target) in enumerate(zip(heard(made), made, strict=False))
        if source != target
    }
    known = {**{source: Known(5.0, 100) for source in links}, **{text: Known(95.0, 100) for text in made}}
    begun = time.process_time()
    digests = [write(folder / "policies", texts=known.items(), links=links.values())]
    took, most = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # The other policy differs in its header alone. Its texts are the same, so the index of the first is the index that it would get.
    few, nearest.FEW = nearest.FEW, sys.maxsize
    digests.append(write(folder / "policies", texts=known.items(), links=links.values(), about={"other": True}))
    nearest.FEW = few
    for path in (folder / "policies").glob("*.nearest"):
        os.link(path, path.with_name(f"{digests[1]}.nearest"))
        break
    with closing(Personal(folder / "people.db")) as people:
        own = Habits()
        for text in made[:40]:
            own.add(text, text, well=1.0, at=time.time())
        people.put_habits((pseudonym(f"u{user}", bytes.fromhex(KEY), "user") or "", own) for user in range(USERS))
    sizes = {path.suffix: path.stat().st_size / 1e6 for path in (folder / "policies").glob(f"{digests[0]}.*")}
    print(
        f"policy of {len(known):,} texts and {len(links):,} rewrites: written in {took:.0f} CPU-s, {most:,.0f} MiB at most with what "
        "the texts take, " + ", ".join(f"{suffix} {size:,.0f} MB" for suffix, size in sorted(sizes.items())),
        flush=True,
    )
    (folder / "key").write_text(KEY)
    (folder / "made.json").write_text(json.dumps({"texts": many, "digests": digests}))


def recall(folder: Path, digest: str, made: list[str], many: int) -> None:
    """Print how long the policy takes to read, and how much of what an exact search finds its index finds."""
    begun = time.process_time()
    found_by = read(folder / "policies", digest).nearest
    print(f"read in {time.process_time() - begun:.1f} CPU-s", flush=True)
    if found_by is None or found_by.index is None:
        return
    rng = random.Random(5)
    asked = [changed(text, rng) for text in rng.sample(made, many)]
    begun = time.process_time()
    found = [set(found_by(text)) for text in asked]
    each = (time.process_time() - begun) / many
    wanted = LetterVectors().sentences(asked)
    scores = np.empty((many, 0), dtype=np.float32)
    places = np.empty((many, 0), dtype=np.int64)
    for first in range(0, len(found_by.texts), 50_000):
        likeness = wanted @ LetterVectors().sentences(found_by.texts[first : first + 50_000]).T
        scores = np.hstack([scores, likeness])
        places = np.hstack([places, np.tile(np.arange(first, first + likeness.shape[1]), (many, 1))])
        best = np.argsort(-scores, axis=1)[:, :MOST]
        scores, places = np.take_along_axis(scores, best, 1), np.take_along_axis(places, best, 1)
    exact = [
        {found_by.texts[at] for at, score in zip(*row, strict=True) if score >= LEAST}
        for row in zip(places.tolist(), scores.tolist(), strict=True)
    ]
    first_found = sum(found_by.texts[row[0]] in own for row, own in zip(places.tolist(), found, strict=True))
    both = sum(len(one & other) for one, other in zip(found, exact, strict=True))
    print(
        f"{many} misses: {1e6 * each:.0f} us of CPU for a search; the likest of all is found for {first_found / many:.1%}, "
        f"of the five likest {both / max(1, sum(map(len, exact))):.1%}",
        flush=True,
    )


class Requests:
    """Requests in their kinds; those that are to be the first of their users go on from one phase to the next."""

    def __init__(self, made: Sequence[str]) -> None:
        """Draw them."""
        rng = random.Random(3)
        self._known = [*heard(made)[:2000], *made[:2000]]
        self._missed = [changed(text, rng) for text in made[-20_000:]]
        rng.shuffle(self._known)
        self._first = iter(range(ACTIVE, USERS))
        self._count = 0

    def known(self, many: int) -> list[tuple[str, bytes]]:
        """Return known requests of users whose habits were read before."""
        return [self._body("known", self._known[n % len(self._known)], f"u{n % ACTIVE}") for n in range(many)]

    def first(self, many: int) -> list[tuple[str, bytes]]:
        """Return known requests, each the first of its user."""
        return [
            self._body("known, first of a user", self._known[n % len(self._known)], f"u{user}")
            for n, user in enumerate(islice(self._first, many))
        ]

    def missed(self, many: int) -> list[tuple[str, bytes]]:
        """Return requests that nobody is known to have said, of nobody who is known."""
        return [self._body("miss", self._missed[n % len(self._missed)], f"new{self._count + 1}") for n in range(many)]

    def mixed(self, many: int) -> list[tuple[str, bytes]]:
        """Return requests of all kinds, in an order that is always the same."""
        every = [*self.known(many * 9 // 20), *self.first(many // 20), *self.missed(many // 2)]
        random.Random(4).shuffle(every)
        return every

    def _body(self, kind: str, text: str, user: str) -> tuple[str, bytes]:
        self._count += 1
        return kind, json.dumps({"text": text, "user": user, "session": f"s{self._count}"}).encode()
