"""Nagini's calls within expressions, brought to their normal forms."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from probatum.python import forms
from probatum.python.contracts.nagini import vocabulary
from probatum.python.program import Problem
from probatum.python.scopes import Scope


@dataclass
class Terms:
    """The expressions of one function; `scope` is the one of its body."""

    scope: Scope
    problems: list[Problem] = field(default_factory=list)

    def unsupported(self, node: ast.AST, message: str, advice: str = "") -> None:
        """Note what is not read."""
        self.problems.append(self.scope.unsupported(node, message, advice))

    def mistake(self, node: ast.AST, message: str, advice: str = "") -> None:
        """Note what Nagini refuses."""
        self.problems.append(self.scope.mistake(node, message, advice))

    def term(self, node: ast.AST) -> ast.AST:
        """Bring a call of the library to its normal form; arguments are in theirs."""
        if not isinstance(node, ast.Call):
            return node
        word = vocabulary.of(self.scope, node.func)
        arguments = node.args
        match word, len(arguments):
            case "Result", 0:
                return forms.name(forms.RESULT, node)
            case "ResultT", 1:
                return forms.name(forms.RESULT, node)
            case "RaisedException", 0:
                return forms.name(forms.EXCEPTION, node)
            case "Implies", 2:
                return forms.call(forms.IMPLIES, arguments, node)
            case "Let", 3 if isinstance(arguments[2], ast.Lambda) and len(forms.parameter_names(arguments[2])) == 1:
                return forms.call(forms.LET, [arguments[0], arguments[2]], node)
            case "Previous", 1:
                return forms.call(forms.SEEN, arguments, node)
            case "Reveal", 1:
                self._revealed(node, arguments[0])
                return forms.call(forms.REVEAL, arguments, node)
            case "isNaN", 1:
                other = forms.placed(ast.Compare(forms.name("f", node), [ast.NotEq()], [forms.name("f", node)]), node)
                return forms.call(forms.LET, [arguments[0], forms.thunk(["f"], other, node)], node)
        if word in vocabulary.views and len(arguments) == 1:
            return forms.call(vocabulary.views[word], arguments, node)
        if word in vocabulary.values and not node.keywords:
            return forms.call(vocabulary.values[word], [forms.placed(ast.Tuple(list(arguments), ast.Load()), node)], node)
        if word in vocabulary.quantifiers:
            return self.quantifier(node, word)
        if word in vocabulary.terms | vocabulary.views.keys():
            self.unsupported(node, f"`{self.scope.shown(node)}`: `{word}` with these arguments")
        return node

    def _revealed(self, node: ast.Call, what: ast.expr) -> None:
        advice = "reveal a call of a function that is `@Pure` and `@Opaque`"
        if not isinstance(what, ast.Call):
            self.mistake(node, f"`{self.scope.shown(node)}` reveals no function", advice)
        elif isinstance(what.func, ast.Name) and (function := self.scope.functions.get(what.func.id)) is not None:
            words = {vocabulary.of(self.scope, d) for d in function.decorator_list}
            if not words >= {"Pure", "Opaque"}:
                self.mistake(node, f"`{function.name}` hides nothing that could be revealed", advice)

    def quantifier(self, node: ast.Call, word: str) -> ast.expr:
        """Bring a quantifier over several values to nested ones over one each."""
        count = vocabulary.quantifiers[word]
        condition = node.args[-1] if node.args else None
        if len(node.args) != count + 1 or node.keywords or not isinstance(condition, ast.Lambda):
            self.unsupported(node, f"`{word}` whose condition is no lambda")
            return node
        names = [a.arg for a in condition.args.args]
        if len(names) != count or len(forms.parameter_names(condition)) != count or condition.args.defaults:
            self.unsupported(node, f"`{word}` whose lambda does not take {count} plain parameters")
            return node
        body = condition.body
        if isinstance(body, ast.Tuple) and len(body.elts) == 2 and isinstance(body.elts[1], ast.List):
            body = body.elts[0]  # the second part says where the fact is to be used, which is not for the author to know here
        for domain, name in reversed(list(zip(node.args, names, strict=False))):
            reserved = forms.EXISTS if word == "Exists" else forms.FORALL
            body = forms.call(reserved, [domain, forms.thunk([name], body, condition)], node)
        return body
