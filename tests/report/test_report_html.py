"""The page as bytes: self-contained, inert, complete. What it does in a browser is in `test_report_browser`."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import made_reports as made
import pytest

from probatum.evidence import Counterexample, Proof
from probatum.report import render


def data(page: str):
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


@pytest.mark.parametrize("name", ["typical", "everything", "hostile"])
def test_the_page_loads_nothing(name) -> None:
    page = render(getattr(made, name)(), "html")
    without_data = re.sub(r'<script type="application/json".*?</script>|<noscript>.*?</noscript>', "", page, flags=re.DOTALL)

    assert not re.findall(r"(?:src|href)=[\"']?(?!data:image/svg\+xml,|#)[^\"'> ]*//", without_data)
    assert not re.findall(
        r"@import|url\(|\bimport\(|fetch\(|XMLHttpRequest|WebSocket|innerHTML|outerHTML|insertAdjacentHTML|\beval\(", without_data
    )


def test_the_policy_names_the_script_and_the_style_that_are_there_and_nothing_else() -> None:
    page = render(made.hostile(), "html")

    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        wanted = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{wanted}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_what_strangers_wrote_is_never_markup() -> None:
    page = render(made.hostile(), "html")

    assert page.count("<script") == 2
    assert "<img" not in page
    assert "<svg onload" not in page
    assert len(re.findall("</style", page)) == 1


def test_the_page_has_everything_a_reader_needs_of_a_finding(tmp_path: Path) -> None:
    report = made.make(made.public())

    [finding] = data(render(report, "html", root=made.write_project(tmp_path), docs={}))["findings"]

    assert [line for line in finding["excerpts"][0]["lines"] if line[2]] == [
        [7, '      "Effect": "Allow",', [4]],
        [8, '      "Principal": "*",', [1]],
        [11, '      "Condition": {"StringLike": {"aws:Referer": "https://partners.example.com/*"}}', [2]],
        [13, "    {", [3]],
    ]
    assert ["context", "aws:SecureTransport", ["true"]] in finding["evidence"]["given"]
    assert '+      "Principal": {"AWS": "arn:aws:iam::210987654321:root"},' in finding["repair"]["diff"]
    assert finding["evidence"]["digest"] == report.findings[0].evidence.digest


def test_what_only_instructs_the_checker_is_kept_apart_from_the_case() -> None:
    request = {"principal": {"kind": "anonymous", "name": ""}, "resource_account": "111122223333", "context": {"aws:a_b": ["x"]}}
    given = {"claim": {"a": {"is": "policy"}}, "request": request, "arn_mode": "segments"}
    case = Counterexample(method="access/request/1", given=given, observed="allowed", expected="denied")

    [finding] = data(render(made.make(replace(made.public(), evidence=case)), "html"))["findings"]

    assert finding["evidence"]["given"] == [
        ["", "resource account", ["111122223333"]],
        ["principal", "kind", ["anonymous"]],
        ["context", "aws:a_b", ["x"]],
    ]
    assert finding["evidence"]["besides"] == [["", "arn mode", ["segments"]], ["claim", "a", ["is: policy"]]]


def test_a_large_certificate_is_hinted_at_and_not_spelled_out() -> None:
    tree = ["split", *(["closed", n] for n in range(1000))]
    proof = Proof(method="access/containment/1", claim="nobody gets in", certificate={"tree": tree})

    [finding] = data(render(made.make(replace(made.public(), evidence=proof)), "html"))["findings"]

    [[_, name, [shown]]] = finding["evidence"]["facts"]
    assert (name, shown[:20], len(shown) <= 400) == ("tree", '["split",["closed",0', True)


def test_cleared_outcomes_are_grouped_by_rule_and_strength() -> None:
    groups = data(render(made.typical(), "html"))["cleared"]

    assert [(g["rule"], g["strength"], len(g["items"])) for g in groups] == [
        ("access/administrator-equivalent", "proved", 30),
        ("access/public-access", "bounded", 5),
    ]


def test_without_scripts_the_page_still_tells_the_report() -> None:
    [plain] = re.findall(r"<noscript>(.*?)</noscript>", render(made.typical(), "html"), re.DOTALL)

    assert "anyone on the internet can read" in plain
    assert "2 findings, 35 cleared, 1 undecided, 1 suppressed" in plain


@pytest.mark.parametrize(
    ("outcomes", "headline"),
    [
        ((made.cleared(1),), "Nothing found, everything decided"),
        ((made.cleared(1), made.undecided()), "Nothing found, but not everything decided"),
        ((), "Nothing was checked"),
        ((made.public(), made.undecided()), "1 finding"),
    ],
)
def test_the_headline_never_says_more_than_the_report(outcomes, headline) -> None:
    assert data(render(made.make(*outcomes), "html"))["headline"][0] == headline


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render(made.everything(), "html") == render(made.everything(), "html")
