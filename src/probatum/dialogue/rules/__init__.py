"""Rules about conversations: one file each, found by its name."""
