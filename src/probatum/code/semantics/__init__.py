"""What one run means: of a program of the Boogie language (`boogie`), and of a Python function (`python`).

A Python function runs in a process of its own (`child`), in which no module of
this package is imported: its modules come as code objects that `instrument` made
from their trees, with calls of `monitor` where the contract says something.
"""
