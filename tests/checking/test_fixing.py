from __future__ import annotations

from tests.checking.checked import check_files

from plainbox.checking.fixing import mend
from plainbox.diagnostics import Code, Diagnostic, Edit, Fix
from plainbox.text import Source, Span

SOURCE = Source("a.pxu", "one two three")


def diagnostic(*edits: tuple[int, int, str], safe: bool = True) -> Diagnostic:
    made = tuple(Edit(Span(SOURCE, start, end), text) for start, end, text in edits)
    return Diagnostic(Code.SYNTAX, "wrong", fix=Fix("mend", made, safe=safe))


def test_safe_fixes_are_put_together_to_one_text() -> None:
    (mended,) = mend([diagnostic((8, 13, "3")), diagnostic((0, 3, "1"), (4, 7, "2"))])
    assert (mended.text, mended.mistakes, mended.source) == ("1 2 3", 2, SOURCE)


def test_unsafe_fixes_are_left_to_people() -> None:
    assert mend([diagnostic((0, 3, "1"), safe=False)]) == []


def test_a_fix_that_touches_another_waits_for_another_round() -> None:
    (mended,) = mend([diagnostic((0, 7, "1")), diagnostic((4, 7, "2"), (8, 13, "3"))])
    assert (mended.text, mended.mistakes) == ("1 three", 1)


def test_the_same_fix_for_two_mistakes_is_made_once() -> None:
    (mended,) = mend([diagnostic((3, 3, "!")), diagnostic((3, 3, "!"))])
    assert (mended.text, mended.mistakes) == ("one! two three", 2)


def test_a_mended_text_has_no_such_mistake_any_more() -> None:
    text = "id: j\nplugin: shell\ncommmand: true\nflags: simpel preserve-cwdd\n_sumary: x\n"
    (mended,) = mend(it.diagnostic for it in check_files({"a.pxu": text}))
    left = check_files({"a.pxu": mended.text})
    assert [str(it.diagnostic.code) for it in left] == []
