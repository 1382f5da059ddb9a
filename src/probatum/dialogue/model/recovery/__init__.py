"""What a request could have been that the assistant made nothing of: found, weighed, and only used where that was shown to be right.

An assistant that refuses a request loses nothing if something else is tried, so
other ways to hear it, what this user says and what works for many are weighed
together. What it must not do is to act on the wrong thing: so a share of right
answers is demanded, with a bound, of users and times that the weights were not
fitted to, and once more on trial, of what was said after all of it was made.
"""
