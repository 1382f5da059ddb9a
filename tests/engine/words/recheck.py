from probatum.evidence import CONFIRMED, Recheck


def recheck(artefact, evidence, inputs):
    word = evidence.given["word"] if evidence.kind == "counterexample" else evidence.certificate["word"]
    there = any(w == word for w, _ in artefact.words)
    if word == "doubtful":
        return Recheck("cannot", "doubt cannot be dispelled")
    if evidence.kind == "proof":
        return Recheck("refuted", f"`{word}` is there") if there else CONFIRMED
    return CONFIRMED if there else Recheck("refuted", f"`{word}` is not there")
