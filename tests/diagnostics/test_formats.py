from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.checking.checked import check_files

from plainbox.checking import Finding
from plainbox.checking.finding import fingerprints
from plainbox.diagnostics import Code, Diagnostic, Edit, Fix, Label, Severity
from plainbox.diagnostics.as_github import render_github
from plainbox.diagnostics.as_json import render_json
from plainbox.diagnostics.as_sarif import render_sarif
from plainbox.diagnostics.reported import Reported, Totals
from plainbox.diagnostics.terminal import headline, render, summary
from plainbox.text import Source, Span

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas"
SOURCE = Source("units/a b.pxu", "id: a\ndepends: b%c\n\tx: ü\n")
SPAN = Span(SOURCE, 15, 18)
FIX = Fix("did you mean 'bc'?", (Edit(SPAN, "bc"),))
FULL = Diagnostic(
    Code.UNKNOWN_JOB,
    "depends names no job: 'b%c'",
    SPAN,
    "no job 'b%c'",
    others=(Label(Span(SOURCE, 4, 5), "in this job"),),
    notes=("it can never run",),
    fix=FIX,
)
BARE = Diagnostic(Code.PROVIDER_SOURCE, "a provider is side-loaded", level=Severity.ADVICE)
REPORTED = [Reported(FULL, "job", "ns::a", "depends", "f" * 32), Reported(BARE)]
TOTALS = Totals(files=2, seconds=0.25, fixed=1)


def test_a_person_reads_message_place_lines_and_what_to_do() -> None:
    assert render(FULL) == (
        "error[unknown-job]: depends names no job: 'b%c'\n"
        " --> units/a b.pxu:2:10\n"
        "  |\n"
        "1 | id: a\n"
        "  |     - in this job\n"
        "2 | depends: b%c\n"
        "  |          ^^^ no job 'b%c'\n"
        "  = did you mean 'bc'?     [fix: plainbox check --fix]\n"
        "  = it can never run"
    )


def test_colours_change_nothing_but_the_colour() -> None:
    coloured = render(FULL, coloured=True)
    assert "\x1b[1;31merror[unknown-job]: " in coloured
    plain = coloured
    for code in ("\x1b[1;31m", "\x1b[1m", "\x1b[2m", "\x1b[0m"):
        plain = plain.replace(code, "")
    assert plain == render(FULL)


def test_what_a_file_holds_cannot_steer_the_terminal() -> None:
    source = Source("\x1b[31ma", "\x1b]0;evil\x07 id")
    found = Diagnostic(Code.SYNTAX, "\x1b[2J", Span(source, 0, 3), "\x1b[1m", notes=("\x9b",))
    for text in (render(found), headline(found), render_github([Reported(found)])):
        assert "\x1b" not in text
        assert "\x9b" not in text
    assert "\x1b[2J" not in render(found, coloured=True)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            [FULL, BARE],
            (
                "1 error, 0 warnings, 1 advice in 2 files (0.2 s) · 1 fixed · 1 can be "
                "fixed: plainbox check --fix · plainbox explain CODE tells more"
            ),
        ),
        ([], "0 errors, 0 warnings in 2 files (0.2 s) · 1 fixed"),
    ],
)
def test_the_summary_counts(found: list[Diagnostic], text: str) -> None:
    assert summary(found, TOTALS) == text


def test_json_has_all_there_is_to_know() -> None:
    content = json.loads(render_json(REPORTED, TOTALS))
    assert content["summary"] == {
        "errors": 1,
        "warnings": 0,
        "advice": 1,
        "files": 2,
        "seconds": 0.25,
        "fixed": 1,
    }
    first, second = content["diagnostics"]
    place = {"file": "units/a b.pxu", "line": 2, "column": 10, "end_line": 2, "end_column": 13}
    assert first["place"] == place
    assert first["fix"] == {
        "title": "did you mean 'bc'?",
        "safe": True,
        "edits": [{"place": place, "text": "bc"}],
    }
    assert first["unit"] == {"kind": "job", "id": "ns::a"}
    assert (first["field"], first["severity"], first["code"]) == ("depends", "error", "unknown-job")
    assert (second["place"], second["unit"], second["field"]) == (None, None, None)


def test_github_gets_one_command_a_finding() -> None:
    assert render_github(REPORTED) == (
        "::error file=units/a b.pxu,line=2,endLine=2,col=10,endColumn=12,title=unknown-job"
        "::depends names no job: 'b%25c'%0Ano job 'b%25c'%0Ait can never run%0Adid you mean 'bc'?\n"
        "::notice title=provider-source::a provider is side-loaded"
    )


def sarif(reported: list[Reported]) -> Any:
    return json.loads(render_sarif(reported))


def test_sarif_has_places_fixes_rules_and_fingerprints() -> None:
    (run,) = sarif(REPORTED)["runs"]
    first, second = run["results"]
    region = {"startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 13}
    artifact = {"uri": "units/a%20b.pxu"}
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": artifact,
        "region": region,
    }
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == artifact
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "bc"}}]
    assert first["partialFingerprints"] == {"plainbox/v1": "f" * 32}
    assert (first["level"], second["level"]) == ("error", "note")
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in (first, second)] == [
        "unknown-job",
        "provider-source",
    ]


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the published schemas are not here")
@pytest.mark.parametrize("reported", [REPORTED, []])
def test_sarif_is_valid(reported: list[Reported]) -> None:
    schema = json.loads((SCHEMAS / "sarif-2.1.0.schema.json").read_text())
    jsonschema.validate(sarif(reported), schema)


def prints(text: str) -> list[str]:
    return fingerprints(check_files({"a.pxu": text}))


def test_a_fingerprint_stays_when_lines_are_added_elsewhere() -> None:
    job = "id: j\nplugin: shell\nsumary: x\ncommand: true\n"
    above = "# A comment\nid: first\nplugin: shell\ncommand: true\n\n"
    assert prints(job) == prints(above + job.replace("sumary", "group: g\nsumary"))


def test_findings_that_are_alike_have_fingerprints_of_their_own() -> None:
    job = "id: j\nplugin: shell\ncommand: true\nrequires: j.x == 1\n j.x == 1\n"
    found = prints(job)
    assert len(found) == len(set(found)) == len(check_files({"a.pxu": job}))


def test_what_cannot_be_read_is_known_by_its_text() -> None:
    one, other = (check_files({"a.pxu": f"id: a\n{text}\n"}) for text in ("nonsense", "rubbish"))
    assert fingerprints(one) != fingerprints(other)
    assert Finding(one[0].diagnostic).field == ""
