"""What a policy means for one concrete request. Short on purpose: this is trusted.

Start with `statements`: a statement is about a request if its principal, action,
resource and conditions match, and a document allows a request if some allow
matches and no deny does. `patterns` and `conditions` say what matching is;
`decision` puts the documents of a caller, a resource and an organisation
together. Nothing here searches.

Single documents are judged by exactly the context that is given; `decide` first
fills in what follows from the request (`complete`).
"""

from __future__ import annotations

from probatum.access.semantics.conditions import condition_holds
from probatum.access.semantics.decision import Attachments, Decision, Level, Step, decide, load_attachments
from probatum.access.semantics.patterns import arn_matches, glob
from probatum.access.semantics.request import CALLERS, Caller, Request, complete
from probatum.access.semantics.settings import Settings
from probatum.access.semantics.statements import StatementTrace, document_allows, matches, named, names, trace

__all__ = [
    "CALLERS",
    "Attachments",
    "Caller",
    "Decision",
    "Level",
    "Request",
    "Settings",
    "StatementTrace",
    "Step",
    "arn_matches",
    "complete",
    "condition_holds",
    "decide",
    "document_allows",
    "glob",
    "load_attachments",
    "matches",
    "named",
    "names",
    "trace",
]
