"""Sharing out what is scarce: the best allocation that keeps all demands, with a certificate; or why there is none.

`linear` solves and proves linear programs, `leximin`, `concave` and `integral` say what is
best, `conflict` which demands contradict each other, `lottery` makes whole allocations of
broken ones. Start reading at `answer.py`.
"""
