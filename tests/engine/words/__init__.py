"""A tiny system for tests: text files, and rules about the words in them."""
