"""Conversations: where requests fail, at which stage, what repairs them, and whether the repair helps.

A policy (`artefacts`) names the logs of an assistant. Importers turn them into
one model, the turn, whatever wrote them; a line that cannot be read is kept
apart with its reason, and what the log cannot support is said. `semantics`
counts: sessions, signals, who said what after what. `model` infers from counts
what nobody wrote down: whether a request failed, where, and which words would
have worked. `recheck` counts again and never looks at `model`.

A rewrite is a proposal until randomised traffic shows that it helps: what the
logs say about it is why it is tried, not why it is kept.
"""
