"""Words that are no secret whoever says them: the grammar of a language, letters and small numbers."""

from __future__ import annotations

# Closed classes: English has no others of them, so that none of them can be anybody's own.
_WORDS = """
    a about above across after again against all almost along already also although always am among an and another any anybody anyone
    anything anyway are aren't around as at away back be because been before behind being below beneath beside besides between beyond
    both but by can can't cannot could couldn't did didn't do does doesn't doing don't done down during each either else enough even
    ever every everybody everyone everything except few for from further had hadn't has hasn't have haven't having he he's her here
    here's hers herself him himself his how however i i'd i'll i'm i've if in inside instead into is isn't it it's its itself just
    least less like little many may me might mine more most much must my myself near neither never no nobody none nor not nothing now
    of off often on once one only onto or other others our ours ourselves out outside over own per perhaps please quite rather same
    several shall she she's should shouldn't since so some somebody someone something sometimes somewhere soon still such than that
    that's the their theirs them themselves then there there's these they they're this those though through throughout till to
    together too toward towards under unless until up upon us very via was wasn't we we'd we'll we're we've well were weren't what
    what's whatever when where whether which while who who's whom whose why will with within without won't would wouldn't yes yet
    you you'd you'll you're you've your yours yourself yourselves
"""
_ENGLISH = frozenset(_WORDS.split())
_SHORT_NUMBER = 3  # digits; a longer number may be a code, a year of birth, a part of an address


def ordinary(word: str) -> bool:
    """Whether a word of a normalised text says nothing of who said it."""
    return len(word) == 1 or word in _ENGLISH or (len(word) <= _SHORT_NUMBER and word.isdecimal())
