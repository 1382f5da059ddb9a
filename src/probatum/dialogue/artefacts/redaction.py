"""What is taken out of texts before they have numbers: addresses of mail and of houses, telephone and card numbers, account numbers.

One word stands for each, so that requests that differ in nothing else are one request. Names are
not known here: that a rare word reaches nobody else is the matter of thresholds of users.
"""

from __future__ import annotations

import re

MAIL, NUMBER, ACCOUNT, HOUSE, ADDRESS = "mailaddress", "longnumber", "accountnumber", "streetaddress", "networkaddress"
_FEWEST_DIGITS = 7  # of a number that may be a person's: shorter ones are amounts, times, years

_wanted = re.compile(r"@|＠|[0-9]|\bat\b.*\bdot\b", re.IGNORECASE)
_mail = re.compile(r"[^\s@<>()\[\],;:\"]+[@＠][^\s@<>()\[\],;:\"]+")
_spoken_mail = re.compile(
    r"\b[\w.+-]+(?: (?:dot|underscore|dash|minus|plus) [\w+-]+)* at [\w-]+(?: dot [\w-]+)+\b", re.IGNORECASE
)
_account = re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?\b")
_network = re.compile(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}:?[0-9a-fA-F]{1,4}\b")
_BETWEEN = r"[ ().,/+\-‐‑–—_\u00a0\u2009]{0,3}"
_number = re.compile(rf"[+(]{{0,2}}[0-9](?:{_BETWEEN}[0-9]){{6,}}")
_number_there = re.compile(rf"(?<![0-9])[0-9](?:{_BETWEEN}[0-9]){{6}}")  # where that is: told in less time
_date = re.compile(
    r"(?:1[0-9]|20)[0-9]{2}[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12][0-9]|3[01])"
    r"|(?:0?[1-9]|[12][0-9]|3[01])[-./ ](?:0?[1-9]|[12][0-9]|3[01])[-./ ](?:1[0-9]|20)[0-9]{2}"
)
# A number and a street, in the order of English and French, and of German, Dutch, Spanish and Italian.
_KINDS = "street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|crescent|terrace|highway|hwy|parkway|pkwy|close|grove|mews"
_FRENCH = "rue|avenue|boulevard|chemin|allée|impasse|quai"
_JOINED = "straße|strasse|str\\.|gasse|allee|platz|straat|laan|weg|plein|gracht"
_SOUTHERN = "calle|avenida|plaza|paseo|via|viale|corso|piazza|rua"
_house = re.compile(
    rf"\b[0-9]+[a-zA-Z]?,? (?:[\w'’.-]+ ){{1,3}}(?:{_KINDS})\b\.?"
    rf"|\b[0-9]+(?: ?(?:bis|ter))?,? (?:{_FRENCH}) (?:(?:de|du|des|la|le|les|saint|sainte)[ -])*(?:l['’]|d['’])?[\w'’-]+"
    rf"|\b(?:\w+(?:{_JOINED})) [0-9]+ ?[a-zA-Z]?\b"
    rf"|\b(?:{_SOUTHERN}) (?:[\w'’.-]+ ){{1,4}}[0-9]+\b",
    re.IGNORECASE,
)
_streets = f"{_KINDS}|{_FRENCH}|{_JOINED}|{_SOUTHERN}".replace("\\", "").split("|")
# Of which every address of a house has one in it; those that have another one in them need not be looked for.
_streets = sorted(one for one in {*_streets} if not any(other != one and other in one for other in _streets))
_spelt = re.compile(r"[0-9]+(?: [0-9]+)*")
_spelt_long = re.compile(rf"(?<![0-9])[0-9](?: ?[0-9]){{{_FEWEST_DIGITS - 1}}}")  # what is taken out has it, and little else does


def redacted(text: str) -> str:
    """Return a text without what identifies a person by its form; the same text if there is nothing."""
    if _wanted.search(text) is None:
        return text
    # Each is looked for where it can be: most texts with a digit have none of them.
    if "@" in text or "＠" in text:
        text = _mail.sub(f" {MAIL} ", text)
    if " dot " in (lower := text.lower()) and " at " in lower:
        text = _spoken_mail.sub(f" {MAIL} ", text)
    text = _account.sub(_of_account, text)
    if _number_there.search(text):
        text = _number.sub(_of_number, text)
    if text.count(".") > 2 or text.count(":") > 2:
        text = _network.sub(f" {ADDRESS} ", text)
    # Beyond ASCII, letters in upper and lower case are more than two.
    if text.isascii() and not any(map(text.lower().__contains__, _streets)):
        return text
    return _house.sub(f" {HOUSE} ", text)


def redacted_numbers(normalised: str) -> str:
    """Return a normalised text without numbers that were spelt digit by digit, or in groups."""
    if _spelt_long.search(normalised) is None:
        return normalised

    def word(match: re.Match[str]) -> str:
        long = sum(map(str.isdecimal, match[0])) >= _FEWEST_DIGITS
        return f" {NUMBER} " if long and _date.fullmatch(match[0]) is None else match[0]

    found = _spelt.sub(word, normalised)
    return found if found == normalised else " ".join(found.split())


def _of_account(match: re.Match[str]) -> str:
    """Return a word for what looks like an account number: two letters, two digits, and digits in what follows."""
    return f" {ACCOUNT} " if sum(character.isdecimal() for character in match[0]) >= _FEWEST_DIGITS else match[0]


def _of_number(match: re.Match[str]) -> str:
    found = match[0]
    return found if _date.fullmatch(found.strip(" ().,")) else f" {NUMBER} "
