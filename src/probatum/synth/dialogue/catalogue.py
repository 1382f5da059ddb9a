"""What the simulated world has: rooms, devices, titles, errands, and what the assistant is not made for. All of it is made up."""

from __future__ import annotations

from functools import cache

AREAS = (
    "kitchen",
    "living room",
    "bedroom",
    "bathroom",
    "office",
    "hallway",
    "garage",
    "nursery",
    "attic",
    "basement",
    "study",
    "garden",
)

# Kind of device -> its domain, in the words of Home Assistant.
KINDS = {
    "lamp": "light",
    "ceiling light": "light",
    "fan": "fan",
    "blinds": "cover",
    "door": "cover",
    "heater": "climate",
    "speaker": "media_player",
    "plug": "switch",
    "coffee machine": "switch",
    "reading light": "light",
    "curtain": "cover",
}
# What people call a device that has another name. Which one they mean, only they know.
NICKNAMES = (
    "the big one",
    "old faithful",
    "my corner",
    "the cozy spot",
    "grandma's present",
    "the noisy thing",
    "my sunshine",
    "the monster",
)

_first = (
    "paper", "silver", "quiet", "broken", "winter", "velvet", "crystal", "hollow", "golden", "midnight", "borrowed", "distant", "little",
    "electric", "wooden", "scarlet",
)  # fmt: skip  # words
_second = (
    "lanterns", "river", "garden", "morning", "letters", "harbor", "mirrors", "thunder", "sparrow", "highway", "orchard", "machines", "static",
    "umbrella", "ballroom", "comet",
)  # fmt: skip  # words
# Names that a recogniser has hardly met.
_artists = (
    "nyla osmund",
    "the zephyrines",
    "imre kovalt",
    "tamsin aurelle",
    "dragan mistral",
    "ophira",
    "quillon brothers",
    "saoirse wynn",
)
# Titles of which another one is the beginning: who wants the longer often says only the shorter.
LONGER = {"paper lanterns": "rising", "silver river": "tonight", "broken mirrors": "again", "winter garden": "forever"}
# Films with the name of a song. On a screen, the film is meant.
FILMS = ("midnight highway", "velvet thunder", "hollow ballroom", "scarlet comet")
NEW_TITLE = "marmalade skyline"  # comes out while the log is written

ITEMS = (
    "milk", "eggs", "bread", "butter", "coffee", "bananas", "cheese", "rice", "tomatoes", "onions", "apples", "chicken", "soap", "salt",
    "flour", "yogurt", "lemons", "tea", "batteries", "garlic", "carrots", "pepper", "paper towels", "dog food", "olive oil",
)  # fmt: skip  # words

# What nobody can make this assistant do, and what some do instead.
CANNOT = {
    "order a large pizza": "add pizza to my shopping list",
    "call my sister": "",
    "read my messages": "",
    "water the plants": "turn on the garden plug",
    "find my phone": "",
    "what is on my calendar": "what time is it",
    "make me a sandwich": "",
    "tell me a joke": "",
    "book a taxi to the station": "",
    "translate good morning to spanish": "",
    "how tall is the highest mountain": "",
    "play the late night radio channel": "play quiet harbor",
}
# What is said besides requests, which any assistant takes for what it is.
ASIDES = {
    "stop": "HassNevermind",
    "never mind": "HassNevermind",
    "thanks": "HassRespond",
    "thank you": "HassRespond",
    "great thanks": "HassRespond",
}
# What a television says.
BROADCAST = (
    "and now back to the studio with more on that story", "you never told me about the letter", "tonight heavy rain is expected in the north",
    "it is the biggest sale of the year come in today", "i said turn the boat around", "what a goal by the captain in the last minute",
    "call now and get a second one free", "she left the house at nine and nobody saw her again",
)  # fmt: skip  # sentences
ADVERT = "ask for the new golden comet and play it everywhere"
# Parts of words of which secrets are made.
_syllables = ("zor", "vex", "quil", "mab", "tru", "nex", "oph", "dral", "fen", "gorv", "hax", "jul", "kesh", "lom", "wyr", "yad")


@cache
def titles() -> tuple[str, ...]:
    """Songs, the most popular first."""
    plain = [f"{_first[(at * 7) % 16]} {_second[(at * 5 + at // 16) % 16]}" for at in range(120)]
    longer = [f"{short} {more}" for short, more in LONGER.items()]
    head = [song for pair in zip(LONGER, longer, strict=True) for song in pair]
    by = [f"{song} by {_artists[at % len(_artists)]}" for at, song in enumerate(plain[20:36])]
    return tuple(dict.fromkeys([*plain[:6], *head, *_artists, *FILMS, *by, *plain]))


@cache
def half(things: tuple[str, ...], which: int | None) -> tuple[str, ...]:
    """Return every other one of some things, from the first (0) or the second (1); all for None."""
    return things if which is None else things[which::2]


@cache
def device_names() -> tuple[tuple[str, str], ...]:
    """Names of devices that homes may have, with their domains."""
    return tuple((f"{area} {kind}", domain) for area in AREAS for kind, domain in KINDS.items())


def rare_words() -> frozenset[str]:
    """Words that a recogniser has hardly met."""
    return frozenset(word for name in (*_artists, NEW_TITLE) for word in name.split() if word not in ("the", "brothers"))


def secret(number: int) -> str:
    """Return two words that nobody else says, for a user: four parts, and the same backwards."""
    place = (number * 40_503 + 7) % 65_536  # odd, so each number has a place of its own
    parts = [_syllables[place // 16**digit % 16] for digit in range(4)]
    return f"{''.join(parts)}a {''.join(reversed(parts))}o"


def words() -> frozenset[str]:
    """All words of the world, for the lexicon of a recogniser."""
    every = [*titles(), *AREAS, *KINDS, *NICKNAMES, *ITEMS, *CANNOT, *CANNOT.values(), *ASIDES, *BROADCAST, ADVERT, NEW_TITLE]
    return frozenset(word for text in every for word in text.split())
