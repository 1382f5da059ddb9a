"""The cipher of Caesar, for small letters."""
# twin: `return chr((ord(letter) - 97 + by) % 26 + 97)` becomes `return chr((ord(letter) - 97 + by) % 27 + 97)`; then `shift` is wrong


def shift(letter: str, by: int) -> str:
    """
    pre: len(letter) == 1 and "a" <= letter <= "z"
    post: len(__return__) == 1 and "a" <= __return__ <= "z"
    """
    return chr((ord(letter) - 97 + by) % 26 + 97)


def back(letter: str, by: int) -> bool:
    """
    pre: len(letter) == 1 and "a" <= letter <= "z"
    post: __return__
    """
    return shift(shift(letter, by), -by) == letter


def encrypt(text: str, by: int) -> str:
    """
    pre: all("a" <= c <= "z" for c in text)
    post: len(__return__) == len(text)
    post: all("a" <= c <= "z" for c in __return__)
    """
    return "".join(shift(c, by) for c in text)
