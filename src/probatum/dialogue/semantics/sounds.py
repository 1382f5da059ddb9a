"""How words sound, roughly and in English: letters to phones by rules, and how far two texts are apart.

For names that no dictionary has, and without one. Letters that no rule knows stand for themselves, so in
other languages and scripts a distance of sounds is one of letters.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip  # a list of words
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# Letters in their surroundings -> phones, one character each; the first that fits. Capitals are long vowels and
# diphthongs (A say, E see, I my, O go, U too, W now, Y boy), @ the vowel of "about", R "bird", S "she", C "church", J "jump",
# T and D "thin" and "then", N "sing", Z "measure". `^` and `$` are the ends of the word.
_RULES = (
    (r"^kn|^gn|^pn", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"^x", "z"), (r"^wh(?=o)", "h"), (r"wh", "w"),
    (r"tion|sion(?=$|s$)", "S@n"), (r"ture(?=$|s$)", "CR"), (r"cious|tious", "S@s"), (r"ci(?=a[ln]|en)", "S"), (r"ti(?=al|ent)", "S"),
    (r"tch|ch(?=[aeiouy]|$|e?s$)", "C"), (r"^ch(?=[lr])|ch", "k"), (r"sch", "sk"), (r"sh", "S"), (r"th(?=e$|is$|at$|e[nmsry]|ere|ose|ough$)", "D"), (r"th", "T"),
    (r"ph", "f"), (r"ough(?=t)|augh(?=t)", "o"), (r"ough$", "O"), (r"igh", "I"), (r"eigh", "A"), (r"gh(?=[aeiou])", "g"), (r"gh", ""),
    (r"ck|cq", "k"), (r"sc(?=[eiy])", "s"), (r"c(?=[eiy])", "s"), (r"cc(?=[eiy])", "ks"), (r"c+", "k"),
    (r"dge|dj", "J"), (r"g(?=[ei]$|e[sdr]?$|ent|ine|y$)", "J"), (r"gg", "g"), (r"qu", "kw"), (r"q", "k"), (r"ng(?=$|[^aeiouy])", "N"), (r"n(?=k)", "N"),
    (r"mb$", "m"), (r"x", "ks"), (r"j", "J"), (r"su(?=re)", "SU"), (r"s(?=[ei]on|ual)", "Z"), (r"(?<=[aeiouybdglmnrv])s$", "z"), (r"ss", "s"), (r"zz?", "z"),
    (r"(?<=[td])ed$", "@d"), (r"(?<=[pkfsxch])ed$", "t"), (r"(?<=[a-z]{2})ed$", "d"), (r"(?<=[szxhcg])es$", "@z"),
    (r"ee|ea(?=[dv]$)|ea|ie(?=[fvl])|ei", "E"), (r"oo(?=[kd]$)", "u"), (r"oo|ue$|ew|oe(?=s$)|ui", "U"), (r"oa|oe", "O"), (r"ai|ay|ey$", "A"), (r"oi|oy", "Y"),
    (r"ou(?=ld)", "u"), (r"ou(?=s$)", "@"), (r"ou(?=p|th$)", "U"), (r"ou|ow(?=[nd])", "W"), (r"ow$", "O"), (r"ow", "W"), (r"au|aw|al(?=[kl])", "o"), (r"ie$", "E"),
    (r"ar", "ar"), (r"or", "or"), (r"(?:er|ir|ur|yr)", "R"),
    (r"a(?=[bcdfgklmnprstvz]e$|[bcdfgklmnprstvz]es$|[bcdgklmnprstvz]ing$)", "A"), (r"i(?=[bcdfgklmnprstvz]e$|[bcdfgklmnprstvz]es$|nd$|ld$)", "I"),
    (r"o(?=[bcdfgklmnprstvz]e$|[bcdfgklmnprstvz]es$|ld|st$|$)", "O"), (r"u(?=[bcdfgklmnprstvz]e$|[bcdfgklmnprstvz]es$|$)", "U"), (r"e(?=[bcdfgklmnprstvz]e$)", "E"),
    (r"(?<=[a-z])le$", "@l"), (r"(?<=^.)e$", "E"), (r"(?<=[^aeiouy])e$", ""), (r"e$", ""), (r"^y(?=[aeiou])", "y"), (r"(?<=^.)y$", "I"), (r"y$", "E"), (r"y", "i"),
    (r"a$", "@"), (r"a", "a"), (r"e", "e"), (r"i", "i"), (r"o", "o"), (r"u", "@"),
)  # fmt: skip  # a table
_rules = [(re.compile(pattern), phones) for pattern, phones in _RULES]
# Frequent words that no rule gets right.
_odd = dict(
    pair.split(":")
    for pair in [
        "one:w@n",
        "once:w@ns",
        "two:tU",
        "to:tU",
        "do:dU",
        "does:d@z",
        "done:d@n",
        "who:hU",
        "you:yU",
        "your:yor",
        "was:w@z",
        "what:w@t",
        "have:hav",
        "are:ar",
        "were:wR",
        "said:sed",
        "says:sez",
        "some:s@m",
        "come:k@m",
        "of:@v",
        "off:of",
        "from:fr@m",
        "love:l@v",
        "give:giv",
        "live:liv",
        "any:enE",
        "many:menE",
        "there:Der",
        "their:Der",
        "where:wer",
        "door:dor",
        "four:for",
        "great:grAt",
        "people:pEp@l",
        "woman:wum@n",
        "women:wim@n",
        "only:OnlE",
        "hour:Wr",
        "sure:SUr",
    ]
)
# Phones that recognisers take for each other -> one of them.
_COARSE = str.maketrans("pbtdkgfvszSZCJTDnmNaeiou@AEIOUWYR", "ppttkkffssSSSSTTnnnaaaaaaaaaaaaaa")
_word = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def sounds(text: str) -> str:
    """Return the phones of a text in normal form, one character each, without a mark between words."""
    return "".join(sound(word) for word in _word.findall(text))


@lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """Return the phones of a word in lower case; numbers sound as their words, from a hundred on digit by digit."""
    if word in _odd:
        return _odd[word]
    if word.isdecimal():
        if len(word) > 2:
            return "".join(sound(digit) for digit in word)
        number = int(word)
        if number < 20:
            return sound(_NUMBERS[number])
        return sound(_TENS[number // 10 - 2]) + (sound(_NUMBERS[number % 10]) if number % 10 else "")
    word = word.replace("'", "")
    found: list[str] = []
    at = 0
    while at < len(word):
        for pattern, phones in _rules:
            match = pattern.match(word, at)
            if match is not None and match.end() > at:
                found.append(phones)
                at = match.end()
                break
        else:
            # A letter twice sounds once.
            if not found or word[at] != word[at - 1] or not word[at].isascii():
                found.append(word[at])
            at += 1
    return "".join(found)


def coarse(phones: str) -> str:
    """Return phones with those alike that recognisers confuse: voiced and unvoiced, and all vowels."""
    return phones.translate(_COARSE)


def apart(one: str, other: str) -> float:
    """Return how far two texts in normal form are apart in sound: edits of phones as a share of the longer, from 0 to 1.

    Half the mean over phones as they are, half over those that recognisers confuse.
    """
    from rapidfuzz.distance import Levenshtein

    a, b = sounds(one), sounds(other)
    if not a and not b:
        return 0.0
    return (Levenshtein.normalized_distance(a, b) + Levenshtein.normalized_distance(coarse(a), coarse(b))) / 2
