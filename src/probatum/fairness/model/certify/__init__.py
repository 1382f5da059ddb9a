"""How much may a model tell twins apart? Answers that hold for everyone in a domain, each with a cover that proves it.

What two twins have in common is one variable, what they may differ in is two (`variables`). A tree then adds one of
finitely many differences, each on a box of these (`pieces`). The search splits the domain until the bound on every
part is good enough (`search`); what remains is a tree of boxes that `recheck` walks with arithmetic of its own.
"""
