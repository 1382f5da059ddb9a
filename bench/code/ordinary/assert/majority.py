"""LeetCode 169: vote."""
# twin: `count -= 1` becomes `count -= 2`; then `candidate` is wrong


def candidate(votes: list[str]) -> str:
    assert len(votes) > 0
    leader = votes[0]
    count = 0
    for vote in votes:
        if count == 0:
            leader = vote
            count = 1
        elif vote == leader:
            count += 1
        else:
            count -= 1
    assert count >= 0
    assert leader in votes
    return leader


def tally(votes: list[str], name: str) -> int:
    n = 0
    for vote in votes:
        if vote == name:
            n += 1
    assert n == votes.count(name)
    assert n <= len(votes)
    return n
