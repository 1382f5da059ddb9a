"""One rule a file; the name of the file is the name of the rule.

Rules share one form: a claim that everything one policy allows is allowed by
another (`semantics.references`), decided by `model.claims`. Start reading at
`public_access`.
"""
