"""All runs of a program: proofs by `ivl`, and the search for a run that violates something."""
