"""How English words sound, by rules of spelling, and how far sounds are from each other.

One character is one phone. The rules are few and often wrong about single words; what the
simulator needs is that words which sound alike are near, and that all it does with sounds is
measured with the same rules (see `recognition`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby

# Vowels: i beat, I bit, e bait, E bet, a bat, A father, O law, o boat, u boot, U book, V but, R bird, Y bite, W bout, J boy.
# Consonants as written, and T thin, D this, S ship, Z measure, C chip, G jam, N sing.
VOWELS = frozenset("iIeEaAOouUVRYWJ")

# Words whose spelling says little.
_odd = {
    "a": "V", "the": "DV", "of": "Vv", "to": "tu", "one": "wVn", "once": "wVns", "two": "tu", "was": "wVz", "what": "wVt", "who": "hu",
    "do": "du", "does": "dVz", "done": "dVn", "said": "sEd", "says": "sEz", "are": "Ar", "were": "wR", "there": "DEr", "their": "DEr",
    "where": "wEr", "they": "De", "this": "DIs", "that": "Dat", "these": "Diz", "those": "Doz", "then": "DEn", "than": "Dan",
    "have": "hav", "give": "gIv", "live": "lIv", "love": "lVv", "some": "sVm", "come": "kVm", "from": "frVm", "front": "frVnt",
    "none": "nVn", "son": "sVn", "other": "VDR", "mother": "mVDR", "brother": "brVDR", "father": "fADR", "weather": "wEDR",
    "whether": "wEDR", "together": "tUgEDR", "with": "wID", "you": "yu", "your": "yOr", "our": "Wr", "hour": "Wr", "hours": "Wrz",
    "four": "fOr", "eight": "et", "put": "pUt", "full": "fUl", "pull": "pUl", "push": "pUS", "good": "gUd", "book": "bUk",
    "look": "lUk", "could": "kUd", "would": "wUd", "should": "SUd", "great": "gret", "break": "brek", "bread": "brEd",
    "head": "hEd", "heard": "hRd", "heart": "hArt", "heavy": "hEvi", "ready": "rEdi", "instead": "InstEd", "garage": "gVrAZ",
    "garbage": "gArbIG", "temperature": "tEmprVCR", "degrees": "dIgriz", "music": "myuzIk", "minute": "mInIt", "minutes": "mInIts",
    "second": "sEkVnd", "seconds": "sEkVndz", "people": "pipVl", "water": "wOtR", "want": "wAnt", "wash": "wAS", "watch": "wAC",
    "any": "Eni", "many": "mEni", "again": "VgEn", "against": "VgEnst", "friend": "frEnd", "been": "bIn", "sure": "SUr",
    "sugar": "SUgR", "new": "nu", "few": "fyu", "use": "yuz", "used": "yuzd", "blood": "blVd", "flood": "flVd", "floor": "flOr",
    "door": "dOr", "doors": "dOrz", "eye": "Y", "eyes": "Yz", "i": "Y", "i'm": "Ym", "i'll": "Yl", "i've": "Yv", "buy": "bY",
    "guy": "gY", "key": "ki", "keys": "kiz", "half": "haf", "talk": "tOk", "walk": "wOk", "listen": "lIsVn", "often": "OfVn",
    "island": "YlVnd", "answer": "ansR", "enough": "InVf", "though": "Do", "through": "Tru", "thought": "TOt", "bought": "bOt",
    "brought": "brOt", "caught": "kOt", "daughter": "dOtR", "laugh": "laf", "rough": "rVf", "busy": "bIzi", "business": "bIznIs",
    "women": "wImIn", "woman": "wUmVn", "ocean": "oSVn", "river": "rIvR", "never": "nEvR", "ever": "EvR", "every": "Evri",
    "seven": "sEvVn", "eleven": "IlEvVn", "oven": "VvVn", "above": "VbVv", "nothing": "nVTIN", "something": "sVmTIN",
    "get": "gEt", "gets": "gEts", "girl": "gRl", "gift": "gIft", "begin": "bIgIn", "scene": "sin", "imagine": "ImaGIn", "machine": "mVSin", "tomorrow": "tUmAro", "today": "tUde",
    "tonight": "tUnYt", "is": "Iz", "his": "hIz", "has": "haz", "as": "az", "us": "Vs", "be": "bi", "he": "hi", "she": "Si", "we": "wi", "me": "mi",
    "no": "no", "so": "so", "go": "go", "by": "bY", "my": "mY", "why": "wY", "off": "Of", "on": "An", "only": "onli", "most": "most",
    "both": "boT", "post": "post", "cold": "kold", "old": "old", "told": "told", "gold": "gold", "hold": "hold", "open": "opVn",
    "close": "kloz", "lower": "loR", "shower": "SWR", "tower": "tWR", "power": "pWR", "flower": "flWR", "now": "nW", "how": "hW",
    "down": "dWn", "town": "tWn", "brown": "brWn", "living": "lIvIN", "lose": "luz", "move": "muv", "shoe": "Su", "shoes": "Suz",
    "movie": "muvi", "movies": "muviz", "radio": "redio", "video": "vIdio", "hello": "hElo", "okay": "oke", "volume": "vAlyum",
    "pause": "pOz", "cancel": "kansVl", "quiet": "kwYVt", "nursery": "nRsRi", "study": "stVdi", "alarm": "VlArm", "about": "VbWt",
}  # fmt: skip  # a table

# Spelling -> sound, the longest first; `^` before: at the beginning; `$` after: at the end.
_spelling = """
    tion=SVn sion=ZVn ture=CR ough=o augh=O eigh=e igh=Y tch=C dge=G sch=sk chr=kr ch=C sh=S ph=f th=T wh=w ck=k ng=N nk=Nk
    qu=kw ^kn=n ^wr=r ^gn=n ^ps=s mb$=m gh= ee=i ea=i eer=Ir ear=Ir oo=u oor=Or ou=W our=Or ow=W ow$=o oi=J oy=J ai=e ay=e air=Er
    are$=Er au=O aw=O ew=u ie=i ies$=iz ied$=id ei=e ey=i oa=o oar=Or oe=o ue=u ui=u ar=Ar er=R ir=R ur=R or=Or ore$=Or ere$=Ir ire$=YR
    ure$=yUr all=Ol alk=Ok le$=Vl les$=Vlz led$=Vld ange=enG nge=nG ces$=sIz ges$=GIz age$=IG
    es$=z ed$=d ted$=tId ded$=dId ses$=sIz ches$=CIz shes$=SIz xes$=ksIz ing=IN ind=Ynd ild=Yld old=old ost=ost x=ks ^x=z a=a e=E i=I o=A u=V
    y=I y$=i ^y=y b=b c=k d=d f=f g=g h=h j=G k=k l=l m=m n=n p=p q=k r=r s=s t=t v=v w=w z=z '= a$=V e$= o$=o i$=i u$=u
    ous=Vs ious=iVs able=VbVl ible=IbVl ful=fVl ness=nIs less=lIs ment=mEnt ^al=Ol ^ex=Eks cious=SVs cial=SVl tial=SVl
    oul=U ood=Ud ook=Uk
"""


@dataclass(frozen=True, slots=True)
class _Rule:
    letters: str
    sound: str
    first: bool  # only at the beginning, of more than that
    last: bool


def _by_letter() -> dict[str, list[_Rule]]:
    found: dict[str, list[_Rule]] = {}
    parts = (rule.partition("=") for rule in _spelling.split())
    for spelling, _, sound in sorted(parts, key=lambda part: (-len(part[0].strip("^$")), -len(part[0]))):
        letters = spelling.strip("^$")
        found.setdefault(letters[0], []).append(_Rule(letters, sound, spelling[0] == "^", spelling[-1] == "$"))
    return found


_rules = _by_letter()
_SOFT = {"c": "s", "g": "G"}  # before e, i and y
_ENDINGS = {"": "", "s": "z", "d": "d"}  # after an e that is not heard
_long = {"a": "e", "e": "i", "i": "Y", "o": "o", "u": "u", "y": "Y"}


@cache
def phones(word: str) -> str:
    """Return the sounds of a word in normal form, one character each; digits are read one by one."""
    known = _odd.get(word)
    if known is not None:
        return known
    if word.isdecimal():
        return "".join(phones(_digits[int(digit)]) for digit in word)
    heard: list[str] = []
    at, size = 0, len(word)
    while at < size:
        letter = word[at]
        # A vowel before one consonant and a final e says its name: lake, lakes.
        after = word[at + 1 :]
        if (
            letter in _long
            and len(after) in (2, 3)
            and after[0] not in "aeiouwxyr'"
            and after[1] == "e"
            and after[2:] in _ENDINGS
        ):
            heard.append(_long[letter] + _before_e(after[0]) + _ENDINGS[after[2:]])
            break
        if at + 1 < size and letter == word[at + 1] and letter not in "aeiou":
            at += 1
            continue
        for rule in _rules.get(letter, ()):
            end = at + len(rule.letters)
            if word.startswith(rule.letters, at) and not (rule.first and (at or end == size)) and not (rule.last and end != size):
                soft = _SOFT.get(rule.letters) if end < size and word[end] in "eiy" else None
                heard.append(soft or rule.sound)
                at = end
                break
        else:
            at += 1  # a letter of another script is not heard
    sounds = "".join(sound for sound, _ in groupby("".join(heard)))
    if len(word) <= 3 and word.endswith("y") and not VOWELS.intersection(sounds[:-1]):
        sounds = sounds[:-1] + "Y"
    return sounds or "V"


_digits = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _before_e(letter: str) -> str:
    """Return the sound of a consonant before e."""
    return _SOFT.get(letter) or next((rule.sound for rule in _rules.get(letter, ()) if rule.letters == letter), "")


# Phones that are mistaken for each other more easily than others, and what that costs; all others cost 1 among consonants
# or among vowels, and `_ACROSS` between a vowel and a consonant.
_groups = (
    ("iI", 0.3), ("IE", 0.35), ("eE", 0.4), ("Ea", 0.4), ("AO", 0.25), ("AV", 0.4), ("VU", 0.4), ("uU", 0.3), ("OoU", 0.5), ("VIE", 0.45),
    ("YA", 0.6), ("WA", 0.6), ("WO", 0.6), ("JO", 0.6), ("RV", 0.5), ("ei", 0.6),
    ("pb", 0.35), ("td", 0.35), ("kg", 0.35), ("fv", 0.35), ("TD", 0.35), ("sz", 0.3), ("SZ", 0.4), ("CG", 0.4), ("ptk", 0.55), ("bdg", 0.55),
    ("fTs", 0.5), ("vDz", 0.55), ("sS", 0.45), ("SC", 0.45), ("ZG", 0.5), ("mnN", 0.4), ("lr", 0.5), ("wl", 0.6), ("wr", 0.6), ("yG", 0.7), ("tC", 0.6),
    ("dG", 0.6), ("dD", 0.5), ("bv", 0.6), ("hf", 0.7), ("bm", 0.7), ("dn", 0.7),
)  # fmt: skip  # a table
_ACROSS = 1.6
_LOST = {"h": 0.45, "t": 0.6, "d": 0.6, "V": 0.5, "I": 0.6, "r": 0.65, "l": 0.7, "w": 0.65, "y": 0.6, "n": 0.75}
_LOST_ELSE = 0.9


def _table() -> dict[tuple[str, str], float]:
    cost: dict[tuple[str, str], float] = {}
    for group, price in _groups:
        for one in group:
            for other in group:
                if one != other:
                    cost[one, other] = min(price, cost.get((one, other), price))
    return cost


_mistaken = _table()


@cache
def distance(one: str, other: str) -> float:
    """Return what it costs to mistake one string of phones for another, over the longer one's length: 0 for the same, about 1 for strangers."""
    if one == other:
        return 0.0
    row = [0.0]
    for sound in other:
        row.append(row[-1] + _LOST.get(sound, _LOST_ELSE))
    for sound in one:
        lost = _LOST.get(sound, _LOST_ELSE)
        diagonal, row[0] = row[0], row[0] + lost
        for at, heard in enumerate(other, start=1):
            kept = diagonal
            if sound != heard:
                across = (sound in VOWELS) != (heard in VOWELS)
                kept += _ACROSS if across else _mistaken.get((sound, heard), 1.0)
            diagonal = row[at]
            row[at] = min(kept, row[at] + lost, row[at - 1] + _LOST.get(heard, _LOST_ELSE))
    return row[-1] / max(len(one), len(other), 1)
