"""Evidence and artefact: is the claim still true? Computed again, without what found it."""
