"""Frozen models: what they compute of one input, and nothing that changes them.

A model is known by the digest of its weights, which is checked before they are
read; nothing is downloaded, and no code that comes with weights is run. Start
at `minilm`.
"""
