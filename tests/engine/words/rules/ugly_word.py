"""A text says `ugly`."""

from probatum.evidence import Counterexample, Proof
from probatum.findings import Cleared, Finding, Strength
from words.seen import note_run

RULE = "words/ugly-word"


def check(artefact, tools):
    note_run(artefact, RULE)
    places = [place for word, place in artefact.words if word == "ugly"]
    allowed = tools.inputs.get("reference/allowed.lst")
    if allowed is not None and b"ugly" in allowed.raw:
        places = []
    older = next((s for name, s in tools.inputs.items() if name.startswith("git:")), None)
    if older is not None and b"ugly" in older.raw:
        places = []
    for place in places:
        yield Finding(
            rule=RULE,
            subject=artefact.subject,
            message="it says `ugly`",
            location=place,
            evidence=Counterexample(method="words/word/1", given={"word": "ugly"}, observed="ugly", expected="no such word"),
            cause="someone wrote it",
            anchor=("ugly",),
        )
    if not places:
        yield Cleared(
            rule=RULE,
            subject=artefact.subject,
            message="it does not say `ugly`",
            location=artefact.location,
            strength=Strength.PROVED,
            evidence=Proof(method="words/absence/1", claim="no `ugly`", certificate={"word": "ugly"}),
        )
