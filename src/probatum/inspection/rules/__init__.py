"""Rules about inspected goods: one file each, found by its name."""
