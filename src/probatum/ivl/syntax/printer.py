"""From tree to text.

Parsing what was printed gives the same tree. Parentheses stand only where the
tree would be another without them, except around `if ... then ... else` and
`e : T` inside a larger expression, which always have them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from probatum.ivl.syntax import tokens, tree, walk

_Piece: TypeAlias = "str | tuple[tree.Expression, int]"  # text, or an expression and how tightly it must bind

# How tightly an expression binds: what stands alone between brackets or commas needs only _ANY.
_ANY, _IFF, _IMPLIES, _LOGICAL, _RELATION, _CONCATENATION, _SUM, _PRODUCT, _POWER, _TEST, _UNARY, _POSTFIX = range(12)
_BINDING = {
    "<==>": _IFF, "==>": _IMPLIES, "<==": _IMPLIES, "&&": _LOGICAL, "||": _LOGICAL,
    "==": _RELATION, "!=": _RELATION, "<": _RELATION, "<=": _RELATION, ">": _RELATION, ">=": _RELATION,
    "++": _CONCATENATION, "+": _SUM, "-": _SUM, "*": _PRODUCT, "div": _PRODUCT, "mod": _PRODUCT, "/": _PRODUCT,
    "**": _POWER,
}  # fmt: skip


def printed(program: tree.Program) -> str:
    """Write a program. An implementation that was written with its procedure comes apart from it."""
    walk.make_room()
    return "".join(f"{line}\n" for declaration in program.declarations for line in _declaration(declaration))


def expression(node: tree.Expression) -> str:
    """Write an expression, on one line."""
    walk.make_room()
    return _expression(node)


def type_syntax(written: tree.TypeSyntax) -> str:
    """Write a type."""
    if isinstance(written, tree.TypeName):
        if not written.arguments:
            return written.name if written.name in ("int", "real", "bool") else _name(written.name)
        return " ".join([_name(written.name), *map(_type_argument, written.arguments)])
    domain = ", ".join(map(type_syntax, written.domain))
    return f"{_parameters(written.parameters)}[{domain}]{type_syntax(written.range)}"


def _type_argument(written: tree.TypeSyntax) -> str:
    text = type_syntax(written)
    return f"({text})" if isinstance(written, tree.TypeMap) or written.arguments else text


def _name(name: str) -> str:
    return f"\\{name}" if name in tokens.KEYWORDS else name


def _names(names: Iterable[tree.Name]) -> str:
    return ", ".join(_name(name.text) for name in names)


def _identifiers(variables: Iterable[tree.Identifier]) -> str:
    return ", ".join(_name(variable.name) for variable in variables)


def _parameters(names: list[tree.Name]) -> str:
    return f"<{_names(names)}>" if names else ""


# Expressions


def _expression(node: tree.Expression) -> str:
    parts: list[str] = []
    stack: list[_Piece] = [(node, _ANY)]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            if parts and parts[-1] == "-" and piece.startswith("0x"):
                parts.append(" ")  # or the sign would belong to the literal
            parts.append(piece)
            continue
        inner, least = piece
        if _binding(inner) < least:
            stack.extend((")", (inner, _ANY), "("))
        else:
            stack.extend(reversed(_pieces(inner)))
    return "".join(parts)


def _expressions(nodes: Iterable[tree.Expression]) -> str:
    return ", ".join(map(_expression, nodes))


def _binding(node: tree.Expression) -> int:
    match node:
        case tree.Binary(operator=operator):
            return _BINDING[operator]
        case tree.IfThenElse() | tree.Ascription():
            return _ANY
        case tree.IsConstructor():
            return _TEST
        case tree.Unary():
            return _UNARY
        case _:
            return _POSTFIX


def _list(nodes: Iterable[tree.Expression]) -> list[_Piece]:
    answer: list[_Piece] = []
    for node in nodes:
        if answer:
            answer.append(", ")
        answer.append((node, _ANY))
    return answer


def _pieces(node: tree.Expression) -> list[_Piece]:
    match node:
        case tree.Identifier(name=name):
            return [_name(name)]
        case tree.Literal():
            return [_literal(node)]
        case tree.Binary():
            left, right = _sides(node)
            return [(node.left, left), f" {node.operator} ", (node.right, right)]
        case tree.Unary(operator=operator, operand=operand):
            return [operator, (operand, _UNARY)]
        case tree.Application(name=name, arguments=arguments):
            return [f"{_name(name)}(", *_list(arguments), ")"]
        case tree.Old(operand=operand):
            return ["old(", (operand, _ANY), ")"]
        case tree.Conversion(to=to, operand=operand):
            return [f"{to}(", (operand, _ANY), ")"]
        case tree.Ascription(operand=operand, written=written):
            least = _ANY if isinstance(operand, tree.Ascription) else _POSTFIX
            return [(operand, least), f" : {type_syntax(written)}"]
        case tree.Select(map=base, indexes=indexes):
            return [(base, _POSTFIX), "[", *_list(indexes), "]"]
        case tree.Store(map=base, indexes=indexes, value=value):
            return [(base, _POSTFIX), "[", *_list(indexes), " := ", (value, _ANY), "]"]
        case tree.Extract(operand=operand, upper=upper, lower=lower):
            return [(operand, _POSTFIX), f"[{upper}:{lower}]"]
        case tree.Field(operand=operand, name=name):
            return [(operand, _POSTFIX), f"->{_name(name)}"]
        case tree.FieldUpdate(operand=operand, name=name, value=value):
            return [(operand, _POSTFIX), f"->({_name(name)} := ", (value, _ANY), ")"]
        case tree.IsConstructor(operand=operand, name=name):
            return [(operand, _UNARY), f" is {_name(name)}"]
        case tree.IfThenElse(condition=condition, then=then, otherwise=otherwise):
            return ["if ", (condition, _ANY), " then ", (then, _ANY), " else ", (otherwise, _ANY)]
        case tree.Quantifier():
            return [_quantifier_head(node), (node.body, _ANY), ")"]
        case tree.Let(bound=bound, values=values, attributes=attributes, body=body):
            names = ", ".join(_attributes(v.attributes) + _name(v.name) for v in bound)
            return [f"(var {names} := ", *_list(values), f"; {_attributes(attributes)}", (body, _ANY), ")"]
        case tree.Code():
            return [_code(node)]


def _sides(node: tree.Binary) -> tuple[int, int]:
    """Return how tightly the operands must bind; an operand with the same operator may need less on its side."""
    own = _BINDING[node.operator]
    left = right = own + 1
    match node.operator:
        case "<==>" | "++" | "+" | "-" | "*" | "div" | "mod" | "/":
            left = own
        case "**":
            right = own
        case "&&" | "||" | "<==":
            if isinstance(node.left, tree.Binary) and node.left.operator == node.operator:
                left = own
        case "==>":
            if isinstance(node.right, tree.Binary) and node.right.operator == "==>":
                right = own
    return left, right


def _literal(node: tree.Literal) -> str:
    if node.text:
        return node.text
    match node.value:
        case bool(value):
            return "true" if value else "false"
        case (value, width):
            return f"{value}bv{width}"
        case str(text) if node.kind is tree.LiteralKind.STRING:
            return f'"{text}"'
        case value:
            return str(value)


def _quantifier_head(node: tree.Quantifier) -> str:
    words = [node.kind + _parameters(node.parameters)]
    if node.bound:
        words.append(_variables(node.bound))
    words.append("::")
    words.extend(_attribute(one) for one in node.attributes)
    for trigger in node.triggers:
        if trigger.positive:
            words.append(f"{{{_expressions(trigger.expressions)}}}")
        else:
            words.append(f"{{:nopats {_attribute_value(trigger.expressions[0])}}}")
    return f"({' '.join(words)} "


def _code(node: tree.Code) -> str:
    lines = [f"var {_attributes(v.attributes)}{_variable(v)};" for v in node.locals]
    for block in node.blocks:
        lines.append(f"{_name(block.label)}:")
        lines.extend(_command(command) for command in block.commands)
        lines.append(_transfer(block.transfer))
    return f"|{{ {' '.join(lines)} }}|"


# Attributes and variables


def _attributes(attributes: tree.Attributes) -> str:
    return "".join(f"{_attribute(one)} " for one in attributes)


def _attribute(one: tree.Attribute) -> str:
    return f"{{:{_name(one.key)} {', '.join(map(_attribute_value, one.values))}}}" if one.values else f"{{:{_name(one.key)}}}"


def _attribute_value(value: tree.Expression | str) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    text = _expression(value)
    return f"({text})" if text.startswith('"') else text


def _variable(variable: tree.Variable) -> str:
    """Write a variable without its attributes."""
    written = "" if variable.written is None else type_syntax(variable.written)
    text = f"{_name(variable.name)}: {written}" if variable.name else written
    return text if variable.where is None else f"{text} where {_expression(variable.where)}"


def _variables(variables: Iterable[tree.Variable]) -> str:
    return ", ".join(_attributes(v.attributes) + _variable(v) for v in variables)


# Statements


def _statements(statements: tree.Statements, indent: str) -> list[str]:
    lines: list[str] = []
    for segment in statements.segments:
        if segment.label is not None:
            lines.append(f"{indent[:-2]}{_name(segment.label)}:" if len(indent) > 2 else f" {_name(segment.label)}:")
        commands = segment.commands
        invariants: list[tree.Call] = []
        if isinstance(segment.structured, tree.While):
            commands, invariants = _yield_calls(commands)
        lines.extend(f"{indent}{_command(command)}" for command in commands)
        match segment.structured:
            case tree.If() as structured:
                lines.extend(_if(structured, indent))
            case tree.While() as structured:
                lines.extend(_while(structured, invariants, indent))
            case tree.Break(label=label):
                lines.append(f"{indent}break{'' if label is None else f' {_name(label)}'};")
        if segment.transfer is not None:
            lines.append(f"{indent}{_transfer(segment.transfer)}")
    return lines


def _yield_calls(commands: list[tree.Command]) -> tuple[list[tree.Command], list[tree.Call]]:
    """Separate what the parser took out of the loop after it: parallel calls of one procedure, which are written nowhere else."""
    end = len(commands)
    while end and isinstance(last := commands[end - 1], tree.ParallelCall) and len(last.calls) == 1:
        end -= 1
    return commands[:end], [one for last in commands[end:] if isinstance(last, tree.ParallelCall) for one in last.calls]


def _if(structured: tree.If, indent: str) -> list[str]:
    lines: list[str] = []
    word = indent
    rest: tree.If | tree.Statements | None = structured
    while isinstance(rest, tree.If):
        lines.append(f"{word}if {_attributes(rest.attributes)}({_guard(rest.guard)}) {{")
        lines.extend(_statements(rest.then, f"{indent}  "))
        word, rest = f"{indent}}} else ", rest.otherwise
    if rest is not None:
        lines.append(f"{word}{{")
        lines.extend(_statements(rest, f"{indent}  "))
    lines.append(f"{indent}}}")
    return lines


def _while(loop: tree.While, calls: list[tree.Call], indent: str) -> list[str]:
    lines = [f"{indent}while ({_guard(loop.guard)})"]
    for one in loop.invariants:
        word = "free invariant" if one.free else "invariant"
        lines.append(f"{indent}  {word} {_attributes(one.attributes)}{_expression(one.expression)};")
    lines.extend(f"{indent}  {_measure(measure)}" for measure in loop.measures)
    lines.extend(f"{indent}  invariant {_prefix(call)}call {_call(call)};" for call in calls)
    return [*lines, f"{indent}{{", *_statements(loop.body, f"{indent}  "), f"{indent}}}"]


def _guard(guard: tree.Expression | None) -> str:
    return "*" if guard is None else _expression(guard)


def _transfer(transfer: tree.Transfer) -> str:
    if isinstance(transfer, tree.Goto):
        return f"goto {_attributes(transfer.attributes)}{_names(transfer.labels)};"
    value = "" if transfer.expression is None else _expression(transfer.expression)
    return f"return {_attributes(transfer.attributes)}{value}".rstrip() + ";"


def _measure(measure: tree.Measure) -> str:
    return f"measure {_attributes(measure.attributes)}{_expressions(measure.expressions)};"


def _command(command: tree.Command) -> str:
    match command:
        case tree.Assert(attributes=attributes, expression=claim):
            return f"assert {_attributes(attributes)}{_expression(claim)};"
        case tree.Assume(attributes=attributes, expression=claim):
            return f"assume {_attributes(attributes)}{_expression(claim)};"
        case tree.Measure():
            return _measure(command)
        case tree.Havoc(variables=variables):
            return f"havoc {_identifiers(variables)};"
        case tree.Assign(targets=targets, values=values, attributes=attributes):
            left = ", ".join(map(_target, targets))
            return f"{left} := {_attributes(attributes)}{_expressions(values)};"
        case tree.Unpack(constructor=constructor, targets=variables, value=value, attributes=attributes):
            return f"{_name(constructor)}({_identifiers(variables)}) := {_attributes(attributes)}{_expression(value)};"
        case tree.Call():
            return f"{_prefix(command)}call {_call(command)};"
        case tree.ParallelCall(calls=calls):
            return f"call {' | '.join(map(_call, calls))};"
        case tree.HideReveal(reveal=reveal, name=name):
            return f"{'reveal' if reveal else 'hide'} {'*' if name is None else _name(name.name)};"
        case tree.Scope(push=push):
            return "push;" if push else "pop;"


def _target(target: tree.Target) -> str:
    steps = [
        f"[{_expressions(step.indexes)}]" if isinstance(step, tree.IndexStep) else f"->{_name(step.name)}"
        for step in target.steps
    ]
    return _name(target.variable.name) + "".join(steps)


def _prefix(call: tree.Call) -> str:
    return ("async " if call.asynchronous else "") + ("free " if call.free else "")


def _call(call: tree.Call) -> str:
    left = f"{_identifiers(call.results)} := " if call.results else ""
    return f"{_attributes(call.attributes)}{left}{_name(call.callee)}({_expressions(call.arguments)})"


# Declarations


def _declaration(declaration: tree.Declaration) -> list[str]:
    match declaration:
        case tree.ConstantGroup():
            return _constants(declaration)
        case tree.Function():
            return _function(declaration)
        case tree.Axiom():
            return [_axiom(declaration)]
        case tree.TypeConstructor(name=name, arity=arity, attributes=attributes):
            words = [_name(name), *(f"_{number}" for number in range(arity))]
            return [f"type {_attributes(attributes)}{' '.join(words)};"]
        case tree.TypeSynonym(name=name, parameters=parameters, body=body, attributes=attributes):
            words = [_name(name), *(_name(parameter.text) for parameter in parameters)]
            return [f"type {_attributes(attributes)}{' '.join(words)} = {type_syntax(body)};"]
        case tree.Datatype(name=name, parameters=parameters, constructors=constructors, attributes=attributes):
            parts = ", ".join(f"{_name(one.name)}({_variables(one.fields)})" for one in constructors)
            return [f"datatype {_attributes(attributes)}{_name(name)}{_parameters(parameters)} {{ {parts} }}"]
        case tree.Globals(variables=variables):
            return [f"var {_attributes(variables[0].attributes)}{', '.join(map(_variable, variables))};"]
        case tree.Procedure():
            return _procedure(declaration)
        case tree.Implementation():
            head = _signature(declaration)
            locals_ = [f"  var {_attributes(v.attributes)}{_variable(v)};" for v in declaration.locals]
            return [f"implementation {head}", "{", *locals_, *_statements(declaration.body, "  "), "}"]
        case tree.Concurrent(word=word, name=name):
            # Only the name was kept; this is the shortest declaration with it.
            return [f"{word} {_name(name)}(){' { }' if word == 'action' else ';'}"]


def _constants(group: tree.ConstantGroup) -> list[str]:
    unique = "unique " if group.unique else ""
    names = ", ".join(_name(constant.name) for constant in group.constants)
    written = group.constants[0].written
    head = f"const {_attributes(group.attributes)}{unique}{names}: {'' if written is None else type_syntax(written)}"
    return [f"{head} {_uses(group.uses)}" if group.uses else f"{head};"]


def _uses(axioms: list[tree.Axiom]) -> str:
    return f"uses {{ {' '.join(map(_axiom, axioms))} }}"


def _axiom(axiom: tree.Axiom) -> str:
    return f"{'hideable ' if axiom.hideable else ''}axiom {_attributes(axiom.attributes)}{_expression(axiom.expression)};"


def _function(function: tree.Function) -> list[str]:
    revealed = "revealed " if function.revealed else ""
    head = f"{revealed}function {_attributes(function.attributes)}{_name(function.name)}{_parameters(function.parameters)}"
    text = f"{head}({_variables(function.arguments)})"
    result = function.result
    if result.name or result.attributes:
        text += f" returns ({_variables([result])})"
    else:
        text += f" : {_variable(result)}"
    if function.body is not None:
        text += f" {{ {_expression(function.body)} }}"
    if function.uses:
        text += f" {_uses(function.uses)}"
    return [text if function.body is not None or function.uses else f"{text};"]


def _signature(declaration: tree.Procedure | tree.Implementation) -> str:
    name = f"{_attributes(declaration.attributes)}{_name(declaration.name)}{_parameters(declaration.parameters)}"
    returns = f" returns ({_variables(declaration.outs)})" if declaration.outs else ""
    return f"{name}({_variables(declaration.ins)}){returns}"


def _procedure(procedure: tree.Procedure) -> list[str]:
    lines = [f"{'pure ' if procedure.pure else ''}procedure {_signature(procedure)};"]
    for word, conditions in (("requires", procedure.requires), ("ensures", procedure.ensures)):
        for one in conditions:
            free = "free " if one.free else ""
            lines.append(f"  {free}{word} {_attributes(one.attributes)}{_expression(one.expression)};")
    if procedure.modifies:
        lines.append(f"  modifies {_identifiers(procedure.modifies)};")
    lines.extend(f"  {_measure(measure)}" for measure in procedure.measures)
    return lines
