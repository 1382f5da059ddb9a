"""Rewriting while people speak: an immutable policy, what is known of each user, and a decision in time or none."""
