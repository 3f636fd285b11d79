"""A text of a log stays text in Markdown, whatever it holds."""

import re

import pytest
from markdown_it import MarkdownIt

from pipeline.reporting.markdown import code, escaped

NASTY = (
    "a|b", "`rm`", "``", "<script>alert(1)</script>", "two\nlines", "# no heading", "[here](http://x.example)",
    "![](http://x.example/p.png)", "*bold* _slanted_ ~~gone~~", "\\", "&lt;b&gt;", "https://x.example/?a=b",
    "www.x.example", "ann@x.example", "events_kind_chat@30d", "-", "", "| --- |", "<!-- -->", "__init__",
)  # fmt: skip
PAGE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
BARE_ADDRESS = re.compile(r"\w://|www\.|\w@")
"""What some renderers make a link of."""


def shown(markdown: str) -> str:
    """The text that a reader sees, if it is text alone: no other element than paragraphs, cells and code."""
    html = PAGE.render(markdown)
    assert set(re.findall(r"</?(\w+)", html)) <= {"p", "table", "thead", "tbody", "tr", "th", "td", "code"}, (
        html
    )
    text = re.sub(r"<[^>]*>", "\x00", html)
    for entity, mark in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, mark)
    return text


@pytest.mark.parametrize("nasty", NASTY)
def test_a_text_is_shown_as_it_is_in_a_cell_and_in_a_line(nasty: str) -> None:
    one_line = " ".join(nasty.split())
    assert not BARE_ADDRESS.search(escaped(nasty))
    assert one_line in shown(f"It is {escaped(nasty)}.")
    cells = shown(f"| a | b |\n|---|---|\n| {escaped(nasty)} | end |\n")
    assert [cell for cell in cells.replace("\n", "").split("\x00") if cell][2:] == [
        *([one_line] if one_line else []), "end",
    ]  # fmt: skip


@pytest.mark.parametrize("nasty", NASTY)
def test_code_is_shown_as_it_is(nasty: str) -> None:
    one_line = " ".join(nasty.split())
    assert one_line in shown(f"It is {code(nasty)}.")


def test_what_is_no_text_and_what_is_ready_stay() -> None:
    assert (escaped(3), escaped(None), escaped(escaped("a|b"))) == (3, None, r"a\|b")
    assert escaped("0.823 (0.801 to 0.845), -12 % of 1,204 users: it's so.") == (
        "0.823 (0.801 to 0.845), -12 % of 1,204 users: it's so."
    )
