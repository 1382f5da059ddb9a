from probatum.evidence import Proof
from probatum.findings import Edit, Repair


def propose(artefact, finding, tools):
    place = finding.location
    lines = artefact.content.split("\n")
    start = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
    word = finding.evidence.given["word"]
    # The first one does not help, the second does harm, the third says of itself what is not so, the fourth is right.
    for new in ("bad", "ugly", "lies", "good"):
        proof = Proof(method="words/absent/1", claim=f"`{word}` is not there", certificate={"word": word})
        yield Repair(
            title=f"write `{new}`",
            edits=(Edit(artefact.location.path, artefact.digest, start, start + len(word), new),),
            verified=proof if new == "lies" else None,
        )
