from __future__ import annotations

import pytest
from tests.checking.checked import check, check_files, codes, fix_of

JOB = "id: {}\nplugin: shell\ncommand: true\nowner: me\n"
IGNORE = "# plainbox: ignore=unknown-field\n"


@pytest.mark.parametrize(
    "text",
    [
        IGNORE + JOB.format("a"),
        "# Something else\n" + IGNORE + "# and more\n" + JOB.format("a"),
        IGNORE + "\n\n" + JOB.format("a"),
        JOB.format("a") + IGNORE,
        JOB.format("a").replace("owner", IGNORE + "owner"),
        "#plainbox:ignore = long-title, unknown-field\n"
        + JOB.format("a")
        + f"summary: {'x' * 90}\n",
        "# plainbox: ignore-file=unknown-field\n\n" + JOB.format("a") + "\n" + JOB.format("b"),
    ],
)
def test_a_comment_silences_a_code_for_the_record_that_follows_or_that_it_is_in(text: str) -> None:
    assert codes(text) == []


def test_the_record_after_it_is_not_silenced() -> None:
    assert codes(IGNORE + JOB.format("a") + "\n" + JOB.format("b")) == ["unknown-field"]
    assert codes(JOB.format("a") + "\n" + IGNORE + JOB.format("b")) == ["unknown-field"]


def test_a_record_that_cannot_be_read_is_silenced_too() -> None:
    assert codes("# plainbox: ignore=syntax\nid: a\nnonsense\n") == []


@pytest.mark.parametrize(
    "text",
    [
        IGNORE
        + "id: a\nplugin: shell\ncommand: ls\nowner: me\n---\nid: b\nplugin: shell\ncommand: ls\n",
        "id: b\nplugin: shell\ncommand: ls\n"
        + IGNORE
        + "---\nid: a\nplugin: shell\ncommand: ls\nowner: me\n",
        "---\nid: b\nplugin: shell\ncommand: ls\n---\n"
        + IGNORE
        + "id: a\nplugin: shell\ncommand: ls\nowner: me\n",
        "---\nid: a\nplugin: shell\n" + IGNORE + "command: ls\nowner: me\n",
    ],
)
def test_it_works_in_yaml_too(text: str) -> None:
    assert codes(text, name="a.yaml") == []


def test_text_that_looks_like_a_comment_is_none() -> None:
    text = "id: a\nplugin: shell\ncommand:\n # plainbox: ignore=unknown-field\n true\nowner: me\n"
    assert codes(text) == ["unknown-field"]


def test_a_silence_that_silences_nothing_is_an_advice_and_removed_by_a_fix() -> None:
    text = IGNORE + JOB.format("a").replace("owner: me\n", "")
    assert check(text) == [
        "advice[unused-ignore] @unknown-field: nothing here is silenced by ignoring 'unknown-field'"
    ]
    assert fix_of(text) == ("remove the comment", True)
    (finding,) = check_files({"a.pxu": text})
    assert finding.diagnostic.fix is not None
    assert finding.diagnostic.fix.edits[0].span.text == IGNORE


def test_a_code_that_does_not_exist_is_told_with_the_one_that_is_meant() -> None:
    text = IGNORE.replace("field", "feld") + JOB.format("a")
    assert codes(text) == ["unused-ignore", "unknown-field"]


def test_shellcheck_is_asked_only_sometimes_so_its_silence_cannot_be_unused() -> None:
    assert (
        codes("# plainbox: ignore=shellcheck\n" + JOB.format("a").replace("owner: me\n", "")) == []
    )
