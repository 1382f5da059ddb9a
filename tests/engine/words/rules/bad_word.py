"""A text says `bad`.

## What it finds
The word.

## Why it matters
For tests.

## Evidence
`Counterexample`: the word.

## Not found
Synonyms.
"""

import os
import signal

from probatum.evidence import Counterexample, Proof
from probatum.findings import Cleared, Finding, Strength, Undecided, Why
from words.seen import note_run

RULE = "words/bad-word"


def check(artefact, tools):
    note_run(artefact, RULE)
    found = False
    for word, place in artefact.words:
        match word:
            case "bad" | "invented" | "doubtful":
                found = True
                claimed = "absent" if word == "invented" else word
                yield Finding(
                    rule=RULE,
                    subject=artefact.subject,
                    message=f"it says `{word}`",
                    location=place,
                    evidence=Counterexample(
                        method="words/word/1", given={"word": claimed}, observed=word, expected="no such word"
                    ),
                    cause="someone wrote it",
                    anchor=(word,),
                )
            case "%hang":
                while True:
                    pass
            case "%slow":
                while True:
                    tools.deadline.check()
            case "%crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "%memory":
                bytearray(2**36)
            case "%raise":
                raise ZeroDivisionError("a slip of ours")
            case "%unsure":
                found = True
                yield Undecided(rule=RULE, subject=artefact.subject, location=place, why=Why.SOLVER_GAVE_UP, reason="who knows")
    if not found:
        yield Cleared(
            rule=RULE,
            subject=artefact.subject,
            message="it does not say `bad`",
            location=artefact.location,
            strength=Strength.PROVED,
            evidence=Proof(method="words/absence/1", claim="no `bad`", certificate={"word": "bad"}),
        )
