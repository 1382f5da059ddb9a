from probatum.findings import Edit, Repair


def propose(artefact, finding, tools):
    place = finding.location
    lines = artefact.content.split("\n")
    start = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
    word = finding.evidence.given["word"]
    # The first one does not help, the second does harm, the third is right.
    for new in ("bad", "ugly", "good"):
        yield Repair(
            title=f"write `{new}`", edits=(Edit(artefact.location.path, artefact.digest, start, start + len(word), new),)
        )
