"""What logs mean: inferred, bounded, and never taken for what was counted."""
