"""What a loop leaves alone: entries of the heap that no round of it writes."""

from __future__ import annotations

import ast
import re

from probatum.lower.courses import Loop
from probatum.lower.heap import Part
from probatum.lower.loop_measures import LoopMeasures
from probatum.lower.permissions import LoopPermissions
from probatum.lower.terms import Term
from probatum.python.program import LoopContract

_WORD = re.compile(r"[\w'.#]+")


class LoopWrites(LoopMeasures):
    """What loops write."""

    loops: list[Loop]

    def note_write(self, part: Part) -> None:
        """Remember what the loop around writes."""
        if self.loops:
            self.loops[-1].writes.append(part)

    def may_write(self, heap: str, reference: str, node: ast.AST) -> None:
        """Demand that the contract allows a change, and remember it for the loop around."""
        self.note_write(Part(heap, reference))
        super().may_write(heap, reference, node)

    def allocate(self, class_: str) -> str:
        """Write that a new object is created."""
        reference = super().allocate(class_)
        if self.loops:
            self.loops[-1].created.add(reference)
        return reference

    def created(self, class_: str) -> str:
        """Return a new exception object."""
        reference = super().created(class_)
        if self.loops:
            self.loops[-1].created.add(reference)
        return reference

    def _kept_names(self, contract: LoopContract) -> dict[str, Term]:
        """Return what the names in the frame of a loop mean where it begins, whatever is assigned to them later."""
        targets = [c.expression for c in (*(contract.modifies or ()), *contract.reads)]
        used = {n.id for e in targets for n in ast.walk(e) if isinstance(n, ast.Name)}
        if not self.strict_frames:
            return {}
        return {n: self.kept(v) if n in used and n in self.locals else v for n, v in self._all_names({}).items()}

    def _unchanged(self, loop: Loop, assigned: set[str], permissions: LoopPermissions | None) -> str:
        """Return what is known at the head of a loop of the heap, whatever its iterations do."""
        lines = []
        alloc = "alloc"
        if alloc in assigned:
            lines.append(f"assume (forall r': Ref :: {{{alloc}[r']}} {loop.before}{alloc}[r'] ==> {alloc}[r']);")
        if permissions is not None:
            lines.append(self.unchanged_but(permissions))
            return " ".join(lines)
        for name in sorted(self.heaps):
            if name == alloc or name not in assigned:
                continue
            old = loop.before + name
            writes = list(dict.fromkeys(p.reference for p in loop.writes if p.heap == name))
            if any(w is None for w in writes) or any(p.heap is None for p in loop.writes):
                continue
            fixed = [w for w in writes if w is not None and not (set(_WORD.findall(w)) & assigned)]
            moving = [w for w in writes if w is not None and w not in fixed]
            if not moving:
                changed = old
                for reference in fixed:
                    changed = f"{changed}[{reference} := {name}[{reference}]]"
                lines.append(f"assume {name} == {changed};")
            elif all(w in loop.created for w in moving):
                others = "".join(f" && r' != {w}" for w in fixed)
                lines.append(
                    f"assume (forall r': Ref :: {{{name}[r']}} {loop.before}{alloc}[r']{others} ==> {name}[r'] == {old}[r']);"
                )
            elif self.writable is not None:
                parts = [p for p in self.writable if p.heap in (None, name)]
                if all(p.reference is not None for p in parts):
                    others = "".join(f" && r' != {p.reference}" for p in parts)
                    entry = f"entry'{name}"
                    lines.append(
                        f"assume (forall r': Ref :: {{{name}[r']}} entry'{alloc}[r']{others} ==> {name}[r'] == {entry}[r']);"
                    )
        return " ".join(lines) or "assume true;"
