"""Check evidence about conversations again, by code that had no part in finding it: one module for each method."""
