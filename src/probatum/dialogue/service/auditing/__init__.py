"""Audits: what is drawn for people to judge, the sheet that they fill in, what it says, and what is kept of it."""
