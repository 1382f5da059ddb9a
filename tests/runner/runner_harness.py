"""What runs inside the sandbox in the tests of it: answers questions, some of which misbehave."""

from pathlib import Path

from probatum.runner.jail import serve, take_attempts


def handle(question):
    if "loop" in question:
        while True:
            pass
    if "print" in question:
        print(question["print"])  # noqa: T201 - what prints must not disturb the answers
    if "open" in question:
        Path(question["open"]).write_text("")
    if "back" in question:
        return {"back": question["back"]}
    return {"sum": sum(question["add"]) if "add" in question else None, "tried": take_attempts()}


serve(handle)
