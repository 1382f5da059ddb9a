"""What users teach: when to ask, what an answer defines, what it was checked against, and what is kept of it.

Nothing here reads a clock, a file or a network: `lesson` is told what was said and what a check found, and says what is to be said,
checked or stored. `service.serving.teacher` does these things.

Start reading at `lesson`.
"""
