"""Python modules with contracts, read and never run: scopes, declared types, contracts in six syntaxes.

`reading.read_module` turns a text into a `program.Module`; `contracts` brings
what six syntaxes say into one normal form (`program.Contract`); `types` are the
types that annotations name. What a construct means for all inputs is `lower`,
what it means for one input is `probatum.code.semantics`; both start from here.
"""
