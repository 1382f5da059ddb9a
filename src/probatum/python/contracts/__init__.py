"""What six syntaxes say of functions and classes, brought into one normal form.

One module per syntax; each has an `adapter`. A function is read by the first
that finds its syntax in it; plain asserts come last, because an assert is a
contract only where nothing else is one.
"""
