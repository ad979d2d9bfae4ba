"""The examples on the pages of the codes that rewriting has do what the pages say."""

from __future__ import annotations

import re
from importlib import resources

from plainbox.diagnostics import Code, Sink
from plainbox.rewriting import format_pxu, migrate, to_yaml
from plainbox.text import Source


def example(code: Code, sort: str) -> Source:
    page = resources.files("plainbox.diagnostics") / "pages" / f"{code}.md"
    found = re.search(rf"^```pxu {sort}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)
    assert found, sort
    return Source("a.pxu", found[1])


def test_the_good_layout_is_that_of_the_bad_one() -> None:
    bad, good = example(Code.UNFORMATTED, "bad"), example(Code.UNFORMATTED, "good")
    assert format_pxu(bad, Sink()) == good.text != bad.text
    assert format_pxu(good, Sink()) == good.text


def test_the_bad_unit_loses_something_and_the_good_one_nothing() -> None:
    bad = to_yaml(example(Code.NOT_CARRIED, "bad"))
    assert [each.code for each in bad.diagnostics] == [Code.NOT_CARRIED]
    assert to_yaml(example(Code.NOT_CARRIED, "good")).diagnostics == ()


def test_the_bad_local_job_stays_and_the_good_template_needs_nothing() -> None:
    (bad,) = migrate([example(Code.NOT_MIGRATED, "bad")])
    assert [each.code for each in bad.diagnostics] == [Code.NOT_MIGRATED]
    good = example(Code.NOT_MIGRATED, "good")
    (result,) = migrate([good])
    assert (result.text, result.diagnostics) == (good.text, ())
