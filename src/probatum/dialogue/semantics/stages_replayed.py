"""How often each stage failed, as replay told: the rows of a table of stages, counted by user in the logs that they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from probatum.dialogue.artefacts import beside
from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.stage_table import StageTable, read_stages
from probatum.errors import UnreadableArtefact
from probatum.source import DATA, Data, Source

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.runner.tables import Row


def table_of(policy: Policy, inputs: Mapping[str, Source]) -> StageTable | None:
    """Return the table of stages that a policy names, or None if it names none.

    Raises
    ------
    UnreadableArtefact
        If it is not there, or is none.
    """
    if not policy.stages:
        return None
    place = beside(policy.location.path, policy.stages)
    source = inputs.get(DATA + place) if place is not None else None
    if source is None:
        raise UnreadableArtefact(
            f"the table of stages `{policy.stages}` is not there",
            help="write it with `probatum dialogue isolate`, inside the checked directory",
            location=policy.location,
        )
    if isinstance(source, Data):
        with open(source.place, "rb") as file:  # noqa: PTH123 - lines of a file that is read in place
            return read_stages(source.path, file)
    return read_stages(source.path, source.raw.splitlines())


def stages_replayed(conversations: Conversations, table: StageTable) -> list[Row]:
    """Return what replay tells of each stage that failed, in the order of their names, by definition A.

    A request counts for the stage that its replay isolated; all others count as requests in which it did not fail, so what is
    counted is the least that can be.

    Returns
    -------
    list of dict
        `stage`; `units` (users, and conversations of turns without one), `users`, `turns` (of the logs), `failed` (turns), `total` (the sum over units of the share of their turns that failed there),
        `turn` of the first such request. None for a table whose turns the logs do not have.
    """
    rows = [row for row in table.rows if row.by == "replay" and row.stage in table.stages]
    return conversations.sql(
        """
        with told as (select unnest($isolated::varchar[]) as turn_id, unnest($stages::varchar[]) as stage),
        known as (
          select coalesce(t.user_id, t.conversation_id) as unit, t.turn_id, told.stage from {turns} t left join told using (turn_id)
        ), sizes as (select unit, count(*) as turns from known group by unit),
        failed as (select unit, stage, count(*) as failed, min(turn_id) as turn from known where stage is not null group by unit, stage)
        select f.stage, (select count(*) from sizes) as units, (select count(distinct user_id) from {turns}) as users,
               (select sum(turns)::bigint from sizes) as turns, sum(f.failed)::bigint as failed,
               (sum(round(1e12 * f.failed / s.turns)::hugeint) / 1e12)::double as total, min(f.turn) as turn
        from failed f join sizes s using (unit) group by f.stage order by f.stage
        """,
        isolated=[row.turn for row in rows],
        stages=[row.stage for row in rows],
    )


def stages_of_requests(conversations: Conversations, table: StageTable) -> dict[int, dict[str, int]]:
    """Return, by number of a text, in how many of its turns replay isolated each stage, by definition A."""
    rows = [row for row in table.rows if row.by == "replay" and row.stage in table.stages]
    found: dict[int, dict[str, int]] = {}
    for row in conversations.sql(
        "with told as (select unnest($isolated::varchar[]) as turn_id, unnest($stages::varchar[]) as stage) "
        "select text_id, stage, count(*) as turns from told join {turns} using (turn_id) where text_id is not null group by all order by all",
        isolated=[row.turn for row in rows],
        stages=[row.stage for row in rows],
    ):
        found.setdefault(row["text_id"], {})[row["stage"]] = row["turns"]
    return found
