"""The text of the language: tokens, trees, and back to text.

`tree` says what a program looks like, `parser` makes one of a text, `printer`
makes a text of one; parsing what was printed gives the same tree.
"""
