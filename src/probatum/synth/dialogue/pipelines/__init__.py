"""Assistants that understand: what makes frames of texts."""
