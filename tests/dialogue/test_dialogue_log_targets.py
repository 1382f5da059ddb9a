"""What a log tells of its turns by itself."""

from __future__ import annotations

import math

import pytest

from probatum.dialogue.fit.log_targets import intents_of, targets
from probatum.dialogue.model.outcome import fit
from probatum.dialogue.semantics.dialogue_inputs import inputs
from probatum.dialogue.semantics.dialogue_network import FAILING
from probatum.dialogue.semantics.dialogues import FEATURES, dialogues
from probatum.dialogue.semantics.judged import judged, patterns
from probatum.dialogue.semantics.letter_vectors import LetterVectors

pytest.importorskip("duckdb")


def test_a_request_that_was_understood_when_it_was_said_again_tells_what_it_meant(tmp_path) -> None:
    from plain_turns import stored

    turns = []
    for user in range(40):
        own = {"user": f"u{user}", "device": f"d{user}", "channel": "voice", "locale": "en"}
        said = [
            ("open the garbage door", "", "Sorry, I couldn't understand that"),
            ("open the garage door", "Open", "Done"),
            ("what time is it", "Time", "Nine"),
        ]
        for step, (text, intent, response) in enumerate(said if user % 2 else said[1:]):
            at = 1e9 + user * 4000 + (0, 8, 120)[step]
            turns.append(
                {**own, "conversation": f"{user} {step}", "text": text, "intent": intent, "response": response, "asked_at": at}
            )
    with stored(tmp_path, turns) as conversations:
        counts = patterns(conversations, judged(conversations, gap_s=300, window_s=45))
        sessions = list(dialogues(conversations, gap_s=300, window_s=45))

    outcome = fit(list(counts), list(counts.values()))
    session = next(one for one in sessions if len(one) == 3)
    names = intents_of(sessions)
    found = targets(session, inputs([session], LetterVectors())[0], outcome, {name: place for place, name in enumerate(names)})

    assert names == ("Open", "Time")
    assert found.outcome[0, 1] > 0.8
    assert math.isnan(found.begins[0])
    assert found.begins[1:].tolist() == [0, 1]
    assert [names[place] for place in found.intent] == ["Open", "Open", "Time"]
    assert [FAILING[place] for place in found.failing] == ["recognition", "correct", "correct"]
    assert found.success[0] == found.success[1] > 0.8
    seen = dict(zip(FEATURES, session[0].seen, strict=True))
    assert (seen["rephrased"], seen["unanswered"], seen["first"], seen["since"], seen["sure_wake"]) == (1, 1, 1, None, None)
