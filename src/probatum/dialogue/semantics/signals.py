"""Signals: what is seen of how a turn went, in the turn itself and in what its user did next.

Each is seen, not seen, or not to be seen: a log without interruptions says nothing of barge-in. What a user says next
cannot be seen of the last turn of a session. If it counted as not seen there, `last` and it would tell the same twice, and
who gives up after a refusal would look content.
"""

from __future__ import annotations

from probatum.dialogue.artefacts.turn import ASKED
from probatum.dialogue.semantics.sessions import turn_number

# Name -> what it means where it is 1. The order is that of the columns, and of the codes of patterns.
SIGNALS = {
    "praised": "the user gave it a thumb up, a good score, or said thanks next for an answer that was one",
    "blamed": "the user gave it a thumb down, a bad score, or said next that it was wrong, or no where nothing had been asked",
    "interrupted": "the user spoke over the answer",
    "repeated": "the user said the same again in time",
    "rephrased": "the user said something similar in time, and not the same about another thing",
    "stopped": "the user said stop within ten seconds",
    "undone": "the next request in time does the opposite, with the same things",
    "escalated": "the user asked for a person next, or was handed over",
    "unanswered": "the assistant said that it did not understand or find it, or fell back",
    "broken": "a stage, or a tool, reported an error",
    "unsure": "the least confident stage was less confident than nine in ten turns of the log",
    "last": "nothing followed in the session",
}
# What people said outright: whoever sees these knows how it went.
EXPLICIT = ("praised", "blamed")
# What is no sign that a turn went wrong. A turn that shows nothing else may still have failed, but nothing in the log says that it did.
NO_SIGNS = ("praised", "last")
_STOP_S = 10.0
_UNDO_S = 30.0
_REMARK_S = 3600.0  # in which thanks, a no, or the wish for a person are about the turn before
FALLBACKS = ("fallback", "nlu_fallback", "default fallback intent", "amazon.fallbackintent", "none", "out_of_scope", "oos")
UNSEEN = 2  # the code of what cannot be seen


def signals(turns: str, sessions: str, *, says: str, pairs: str, undone: str, window_s: float) -> str:
    """Return a SELECT of one row for each turn: `turn`, `session`, `step`, `unit`, `known`, `text_id`, `cannot`, and each of `SIGNALS` as 0, 1 or null.

    The `turn`, `session` and `step` are as in `sessions`. The `unit` is a number for the user, and for the conversation where the user is not `known`.

    Parameters
    ----------
    turns : str
        SQL of a table with the columns of `artefacts.tables.TURNS`.
    sessions : str
        Of what `semantics.sessions` gives for it.
    says : str
        Of a table `text_id`, `said` (of `phrases.said`) and `answered` (of `phrases.answered`), as numbers.
    pairs : str
        Of a table `text_id`, `next_text` of what is similar.
    undone : str
        Of a table of what `undone` gives.
    window_s : float
        In which a request can be a second try.
    """
    fallbacks = ", ".join(f"'{name}'" for name in FALLBACKS)
    about = f"(s.until_s is null or s.until_s <= {_REMARK_S})"
    soon = f"(s.until_s is null or s.until_s <= {float(window_s)})"
    return f"""
    with own as (
      select {turn_number("turn_id")} as turn, hash(coalesce(user_id, conversation_id)) as unit, user_id is not null as known, text_id, response_id,
             interrupted_ms is not null as interrupted, intent is not null as understood,
             coalesce(lower(intent) in ({fallbacks}), false) as fell_back,
             list_min([x.confidence for x in stages]) as confidence,
             len([x for x in stages if x.ok = false or x.code <> '']) + len([x for x in tools if x.ok = false or x.error <> '']) as errors,
             len([x for x in stages if x.ok is not null or x.code <> '']) + len(tools) as told,
             list_sum([sign(x.value) for x in signals if x.source = 'person']) as feedback,
             len([x for x in signals if x.kind = 'escalated']) as escalated, len([x for x in signals if x.kind = '{ASKED}']) > 0 as asked
      from {turns}
    ), logged as (
      select bool_or(interrupted) as interruptions, sum(told) > 0 as stages, count(feedback) > 0 as feedback,
             count(response_id) > 0 as responses, bool_or(understood) as intents,
             case when count(confidence) * 2 > count(*) then quantile_cont(confidence, 0.1) end as low
      from own
    ), joined as (
      select o.*, s.session, s.step, s.until_s, s.next_text, s.final from own o join {sessions} s using (turn)
    )
    select s.turn, s.session, s.step, s.unit, s.known, s.text_id,
      coalesce(a.answered & {_CANNOT} > 0, false) as cannot,
      -- Who says thanks after a refusal is polite, or mocks.
      case when s.feedback > 0 or coalesce(n.said & {_THANKS} > 0, false) and {about} and not s.fell_back
                and not coalesce(a.answered & {_NO_ANSWER} > 0, false) then 1 else 0 end as praised,
      case when s.feedback < 0 or {about} and (coalesce(n.said & {_WRONG} > 0, false)
                or coalesce(n.said & {_NO} > 0 and n.said & {_DECLINED} = 0, false) and not s.asked) then 1 else 0 end as blamed,
      case when l.interruptions then s.interrupted::int end as interrupted,
      case when not s.final then coalesce(s.next_text = s.text_id and {soon}, false)::int end as repeated,
      case when not s.final
           then coalesce(s.next_text <> s.text_id and p.next_text is not null and {soon}, false)::int end as rephrased,
      case when not s.final
           then (coalesce(n.said & {_STOP} > 0, false) and (s.until_s is null or s.until_s <= {_STOP_S}))::int end as stopped,
      case when l.intents and not s.final then (u.turn is not null)::int end as undone,
      (s.escalated > 0 or coalesce(n.said & {_PERSON} > 0, false) and {about})::int as escalated,
      case when l.responses or l.intents
           then (coalesce(a.answered & {_NO_ANSWER} > 0, false) or s.fell_back)::int end as unanswered,
      case when l.stages then (s.errors > 0)::int end as broken,
      case when l.low is not null and s.confidence is not null then (s.confidence < l.low)::int end as unsure,
      s.final::int as last
    from joined s cross join logged l
    left join {says} n on n.text_id = s.next_text
    left join {says} a on a.text_id = s.response_id
    left join {pairs} p on p.text_id = s.text_id and p.next_text = s.next_text
    left join {undone} u on u.turn = s.turn
    """  # noqa: S608 - names and numbers of our own


def undone(turns: str, sessions: str, *, reversals: str) -> str:
    """Return a SELECT of the turns, as `turn`, after which the user asked for the opposite in time, with the same things.

    Parameters
    ----------
    turns, sessions : str
        As in `signals`.
    reversals : str
        Of a table `intent`, `next_intent` of what undoes what.
    """
    # Hashes of what is equal are: numbers are faster to join than texts and lists.
    own = f"select {turn_number('turn_id')} as turn, hash(intent) as intent, hash(slots) as slots from {turns}"  # noqa: S608 - names of our own
    # Each step by itself: joined in another order, all turns with equal slots would be paired, which are millions.
    return f"""
      with reversed as materialized (select hash(intent) as intent, hash(next_intent) as next_intent from {reversals}),
      followed as materialized (
        select o.*, s.next_turn from ({own} where intent in (select intent from {reversals})) o
        join {sessions} s on s.turn = o.turn and s.until_s <= {_UNDO_S} and s.next_turn is not null
      ), paired as materialized (
        select f.turn, f.intent, n.intent as next_intent from followed f
        join ({own} where intent in (select next_intent from {reversals})) n on n.turn = f.next_turn and n.slots = f.slots
      )
      select turn from paired semi join reversed using (intent, next_intent)
    """  # noqa: S608 - names and numbers of our own


_STOP, _WRONG, _THANKS, _PERSON, _NO_ANSWER, _CANNOT, _NO, _DECLINED = (2**place for place in range(8))  # as `phrases.Says`
