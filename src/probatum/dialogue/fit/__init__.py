"""Models of conversations, made from examples: what `semantics` then runs and never changes."""
