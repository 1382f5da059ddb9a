"""Reports made by hand, with every kind of outcome, evidence and place in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from probatum.evidence import Counterexample, Estimate, Exemplars, Proof
from probatum.findings import (
    Cleared,
    Defect,
    Edit,
    Finding,
    Hidden,
    Repair,
    Report,
    Severity,
    Strength,
    Undecided,
    Why,
    with_fingerprint,
)
from probatum.source import GraphPath, ImageRegion, Location, TableSlice, TurnSpan, digest

BUCKET = """{
  "Version": "2012-10-17",
  "Id": "reports-bucket",
  "Statement": [
    {
      "Sid": "PartnersRead",
      "Effect": "Allow",
      "Principal": "*",
      "Action": ["s3:GetObject", "s3:GetObjectVersion"],
      "Resource": "arn:aws:s3:::fulfilment-reports/monthly/*",
      "Condition": {"StringLike": {"aws:Referer": "https://partners.example.com/*"}}
    },
    {
      "Sid": "OnlyOverTls",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": "arn:aws:s3:::fulfilment-reports/*",
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    }
  ]
}
"""
ROLE = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": "sts:AssumeRole"
    }
  ]
}
"""

PATHS = {"policies/reports-bucket.json": BUCKET, "policies/roles/booth-notifier.json": ROLE}


def write_project(root: Path) -> Path:
    """Write the files that the report is about."""
    for path, text in PATHS.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def public() -> Finding:
    """Someone without an account reads objects; with steps, a verified repair and assumptions."""
    path = "policies/reports-bucket.json"
    principal = Location(path, 8, 20, 8, 23, "/Statement/0/Principal")
    condition = Location(path, 11, 20, 11, 84, "/Statement/0/Condition")
    deny = Location(path, 13, 5, 20, 6, "/Statement/1")
    start = BUCKET.index('"Principal": "*"')
    return Finding(
        rule="access/public-access",
        subject="arn:aws:s3:::fulfilment-reports",
        message="anyone on the internet can read `fulfilment-reports/monthly/`",
        location=Location(path, 5, 5, 12, 6, "/Statement/0"),
        cause="the statement `PartnersRead` trusts the `Referer` header, which the caller writes",
        evidence=Counterexample(
            method="access/request/1",
            given={
                "principal": {"kind": "anonymous", "account": None},
                "action": "s3:GetObject",
                "resource": "arn:aws:s3:::fulfilment-reports/monthly/a",
                "context": {
                    "aws:SecureTransport": [True],
                    "aws:Referer": ["https://partners.example.com/"],
                    "aws:SourceIp": ["203.0.113.7"],
                },
            },
            observed="allow",
            expected="deny",
            flow=(
                (principal, "`*` matches every principal, also one without an account"),
                (condition, "`aws:Referer` is `https://partners.example.com/`: the caller chooses it freely"),
                (deny, "the deny does not apply: the request uses TLS"),
                (Location(path, 7, 17, 7, 24, "/Statement/0/Effect"), "an allow statement matches and no deny does: allowed"),
            ),
        ),
        anchor=("anonymous", "read"),
        assumptions=(
            "no organisation policy stands above the account",
            "block public access is off for the bucket",
            "object access control lists grant nothing more",
        ),
        related=((deny, "the deny that covers only requests without TLS"),),
        repair=Repair(
            title="name the partner account instead of everyone",
            edits=(
                Edit(
                    path,
                    digest(BUCKET),
                    start,
                    start + len('"Principal": "*"'),
                    '"Principal": {"AWS": "arn:aws:iam::210987654321:root"}',
                ),
            ),
            verified=Proof(
                method="access/narrower/1",
                claim="the new policy allows nothing that the old one denied",
                certificate={"atoms": 3},
            ),
        ),
    )


def deputy() -> Finding:
    """A warning with a suggestion that was not verified."""
    path = "policies/roles/booth-notifier.json"
    return Finding(
        rule="access/confused-deputy",
        subject="role/booth-notifier",
        message="a service may assume `booth-notifier` on behalf of any account",
        location=Location(path, 6, 7, 6, 52, "/Statement/0/Principal"),
        cause="the trust policy names the service without `aws:SourceAccount`",
        evidence=Counterexample(
            method="access/request/1",
            given={
                "principal": {"service": "sns.amazonaws.com"},
                "action": "sts:AssumeRole",
                "context": {"aws:SourceAccount": ["999999999999"]},
            },
            observed="allow",
            expected="deny",
            flow=((Location(path, 6, 7, 6, 52), "the service principal matches, whoever it acts for"),),
        ),
        anchor=("sns.amazonaws.com",),
        severity=Severity.WARNING,
        assumptions=("the service passes on the account it acts for",),
        repair=Repair(title="require `aws:SourceAccount` to be one of your accounts"),
    )


def other_evidence() -> tuple[Finding, ...]:
    """One finding for each of the other kinds of evidence and of place."""
    shared = {"cause": "as it is", "anchor": ()}
    return (
        Finding(
            rule="fairness/error-rates-differ",
            subject="group B",
            message="applicants in group `B` are wrongly refused more often",
            location=TableSlice("decisions/2024.parquet", predicate="group = 'B'", rows=8412, sample_keys=("17", "23")),
            evidence=Estimate(
                method="stats/clopper-pearson/1",
                quantity="gap in the rate of wrong refusals",
                value=0.044,
                low=0.031,
                high=None,
                confidence=0.95,
                counts={"refused": {"A": 120, "B": 431}, "n": 8412},
                unit="of decisions",
            ),
            severity=Severity.NOTE,
            **shared,
        ),
        Finding(
            rule="inspection/damaged-unit",
            subject="unit 4711",
            message="unit `4711` has a dented corner",
            location=ImageRegion(
                "booth/4711.png", view="left", width_px=640, height_px=480, polygon=((1.0, 2.0), (30.0, 2.0), (30.0, 20.0))
            ),
            evidence=Exemplars(
                method="inspection/score/1",
                claim="the corner scores above the threshold",
                items=((ImageRegion("booth/4711.png", view="left"), "the corner"),),
                facts={"score": 0.93, "threshold": 0.5},
            ),
            **shared,
        ),
        Finding(
            rule="access/role-chain",
            subject="role/packer",
            message="`packer` reaches `auditor` through two roles",
            location=GraphPath(
                "policies/roles/booth-notifier.json", nodes=("packer", "shift", "auditor"), edges=("assumes", "assumes")
            ),
            evidence=Proof(
                method="solve/smtlib/1", claim="a chain of two roles leads to `auditor`", certificate={"smtlib": "(assert false)"}
            ),
            **shared,
        ),
        Finding(
            rule="dialogue/friction",
            subject="session 12",
            message="the caller had to say the address three times",
            location=TurnSpan("calls/12.jsonl", session="12", first_turn=3, last_turn=7),
            evidence=Exemplars(
                method="dialogue/turns/1", claim="three rephrases", items=((TurnSpan("calls/12.jsonl", session="12"), "again"),)
            ),
            **shared,
        ),
    )


def cleared(number: int, rule: str = "access/administrator-equivalent", strength: Strength = Strength.PROVED) -> Cleared:
    """Something free of a defect."""
    return Cleared(
        rule=rule,
        subject=f"policy {number}",
        message=f"policy `{number}` does not give the rights of an administrator",
        location=Location(f"policies/managed/{number:04}.json", 1, 1),
        strength=strength,
        evidence=Proof(method="access/cover/1", claim="no request reaches `iam:*`", certificate={"cover": [number]}),
    )


def undecided(number: int = 1, why: Why = Why.TIME_LIMIT) -> Undecided:
    """Something that was not decided."""
    return Undecided(
        rule="access/deny-never-applies",
        subject=f"policy {number}",
        location=Location(f"policies/wide/{number}.json", 3, 1),
        why=why,
        reason="the answer took longer than 60 s; `--timeout 300` allows more",
    )


def make(*outcomes, **rest) -> Report:
    """Return a report with these outcomes, numbered and ordered as the engine would."""
    rules = {
        "access/public-access": "someone without an account can use it",
        "access/confused-deputy": "a service can be made to act for a stranger",
        "access/administrator-equivalent": "a policy is as good as administrator rights",
        "access/deny-never-applies": "a deny that no request meets",
        "access/statement-grants-nothing": "a statement that grants nothing",
    }
    numbered = [with_fingerprint(o, n) for n, o in enumerate(outcomes)]
    numbered.sort(key=lambda o: (*o.location.sort_key(), o.rule))
    inputs = {path: digest(text) for path, text in PATHS.items()}
    return Report(
        outcomes=tuple(numbered), rules=rest.pop("rules", rules), inputs=rest.pop("inputs", inputs), tool_version="0.1.0", **rest
    )


def typical() -> Report:
    """Two findings, some cleared, one undecided, something hidden, a note."""
    many = [cleared(n) for n in range(1, 31)]
    many += [cleared(n, "access/public-access", Strength.BOUNDED) for n in range(31, 36)]
    hidden = Hidden(
        outcome=with_fingerprint(replace(public(), subject="arn:aws:s3:::press-kit", message="anyone can read `press-kit/`"), 9),
        by="suppression",
        reason="the press kit is meant for everyone",
        owner="ines",
        until="2027-01-31",
    )
    return make(
        public(), deputy(), undecided(), *many, hidden=(hidden,), notes=("3 files are ignored by `exclude` in `probatum.toml`",)
    )


def everything() -> Report:
    """All kinds at once, and a defect of ours."""
    defect = Defect(
        rule="access/public-access",
        subject="arn:aws:s3:::x",
        location=Location("policies/x.json", 2, 3),
        message="the evidence of a finding did not re-check",
        detail="expected allow\nobserved deny",
    )
    report = make(
        public(), deputy(), *other_evidence(), *(undecided(n, why) for n, why in enumerate(Why)), cleared(1), defects=(defect,)
    )
    return replace(report, hidden=typical().hidden)


HOSTILE = (
    "</script><script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 2'>",
    '"><svg onload=window.pwned=3>',
    "javascript:window.pwned=4",
    "{{constructor.constructor('window.pwned=5')()}}",
    "<!-- --!><script>window.pwned=6</script>",
    "\x1b[2J\x1b]0;title\x07\r\n::error file=a::b\n##[error]c",
    "\u202egnp.exe \u2066x\u2069 \u200b\ufeff",
    "]]><x/>&amp;&lt;\x00\x0b\ufffe",
    "lone \ud800 surrogate",
    "[click](https://evil.example) {0} `code` **bold**",
    "</style><style>body{display:none}</style>",
    "a,b:c%0A::error::d",
)


def hostile() -> Report:
    """The corpus in every place that quotes something."""
    outcomes = []
    for text in HOSTILE:
        where = Location(f"policies/{text}.json", 1, 1)
        proof = Counterexample(
            method="access/request/1", given={text: {text: [text, text]}}, observed=text, expected=text, flow=((where, text),)
        )
        outcomes.append(
            Finding(
                rule="access/public-access",
                subject=text,
                message=text,
                location=where,
                cause=text,
                evidence=proof,
                anchor=(text,),
                assumptions=(text,),
                related=((where, text),),
                repair=Repair(title=text),
            )
        )
        outcomes.append(
            Undecided(rule="access/public-access", subject=text, location=where, why=Why.CRASHED, reason=text, anchor=(text,))
        )
        outcomes.append(
            Cleared(
                rule="access/public-access",
                subject=text,
                message=text,
                location=where,
                strength=Strength.TESTED,
                anchor=("c", text),
            )
        )
    defect = Defect(rule="access/public-access", subject=text, location=where, message=text, detail="\n".join(HOSTILE))
    hidden = Hidden(outcome=with_fingerprint(outcomes[0], 3), by="suppression", reason=text, owner=text, until="2027-01-01")
    rules = {"access/public-access": " ".join(HOSTILE)}
    inputs = {f"policies/{text}.json": digest(text) for text in HOSTILE}
    return make(*outcomes, defects=(defect,), hidden=(hidden,), notes=HOSTILE, rules=rules, inputs=inputs)
