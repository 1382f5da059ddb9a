"""Members of what a comprehension gives: values of its expression for some item."""

from verdicts import verdicts

from probatum.lower.lowered import Kind


def test_what_is_given_for_some_item_is_a_member() -> None:
    found = verdicts(
        """
    class Entry:
        def __init__(self, room: int, name: str) -> None:
            self.room = room
            self.name = name
    def rooms(entries: list[Entry]) -> dict[int, int]:
        ensures(lambda result: all(room in {entry.room for entry in entries} for room in result))
        found: dict[int, int] = {}
        for entry in entries:
            found[entry.room] = 1
        return found
    def names(entries: list[Entry]) -> dict[str, int]:
        ensures(lambda result: all(name in [entry.name for entry in entries] for name in result))
        found: dict[str, int] = {}
        for entry in entries:
            found[entry.name] = 1
        return found
    def one_more(entries: list[Entry]) -> dict[int, int]:
        ensures(lambda result: all(room in {entry.room for entry in entries} for room in result))
        found: dict[int, int] = {0: 1}
        for entry in entries:
            found[entry.room] = 1
        return found
    def from_one(entries: list[Entry], room: int) -> bool:
        requires(room in [entry.room for entry in entries])
        ensures(lambda result: any(entry.room == room for entry in entries))
        return True
    def from_another(entries: list[Entry], room: int) -> bool:
        requires(room in [entry.room + 1 for entry in entries])
        ensures(lambda result: any(entry.room == room for entry in entries))
        return True
    """,
        guess=True,
    )
    assert found["rooms"] == found["names"] == found["from_one"] == []
    assert found["one_more"] == [(Kind.POSTCONDITION, "all(room in {entry.room for entry in entries} for room in result)")]
    assert [kind for kind, _ in found["from_another"]] == [Kind.POSTCONDITION]
