"""What policies mean for all requests at once.

A question such as "is anything allowed by A that B does not allow?" becomes
clauses over literals of independent dimensions (`problem`): the action, the
resource, the caller and each condition key. `search` holds one value for each
dimension and branches on violated clauses; `dimensions` says whether a set of
literals of one dimension has a value, by automata (`words`, `patterns`) or by
samples that represent all values (`samples`). What is found is replayed by the
concrete semantics (`witness`); what is not leaves a tree that `recheck` can
verify without search.

Start reading at `containment`.
"""
