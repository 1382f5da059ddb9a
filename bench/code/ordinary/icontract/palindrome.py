"""LeetCode 125 without the cleaning."""
# twin: `while i < j:` becomes `while i + 2 < j:`; then `is_palindrome` is wrong

import icontract


@icontract.ensure(lambda s, result: result == (s == s[::-1]))
def is_palindrome(s: str) -> bool:
    i, j = 0, len(s) - 1
    while i < j:
        if s[i] != s[j]:
            return False
        i += 1
        j -= 1
    return True
