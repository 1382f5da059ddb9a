"""Scores are trained here, and thresholds chosen, from manifests; a frozen model and a certificate come of it."""
