"""The pages of the codes: what each one finds, why it matters, and examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from plainbox.diagnostics.codes import Code

PAGES: Final = Path(__file__).parent / "pages"


def page(code: Code) -> str:
    """The page of a code, in Markdown."""
    return (PAGES / f"{code}.md").read_text("utf-8")


def gist(code: Code) -> str:
    """What a code finds, in the first sentence of its page."""
    _, _, text = page(code).partition("\n\n")
    paragraph = " ".join(text.partition("\n\n")[0].split())
    sentence, stop, _ = paragraph.partition(". ")
    return sentence.removesuffix(".") + "." if stop else paragraph
