"""What the code says to people: no word of the old dialect, no page that the project does not have."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

CODE = [
    file
    for package in ("pipeline", "features", "models", "benchmarks")
    for file in (ROOT / package).rglob("*.py")
]
TEMPLATES = sorted((ROOT / "pipeline/reporting/templates").glob("*.jinja"))
WITH_PAGES = [
    *CODE,
    *TEMPLATES,
    ROOT / "params.yaml",
    ROOT / "Makefile",
    ROOT / "dvc.yaml",
    ROOT / "pyproject.toml",
]

OLD_WORDS = re.compile(
    r"\b(told|learnt|relearn\w*|oddit(?:y|ies)|crown\w*|judged|anew|theirs|morning|of whom|so many|for want of"
    r"|as known|outside:|repro outside)(?!\w)",
    re.IGNORECASE,
)
"""Each has a word that everybody knows: fitted for learnt, external data for outside, again for anew."""
PAGE = re.compile(r"(?<![\w.*-])([\w/-]+\.md)\b(?!\.jinja)")
PRIVATE_PAGE = re.compile(r"\b(?:DESIGN|HOUSE|STYLE|ACT)(?:\.md| \d|, section)|§")
NO_TEXT = re.compile(r"<style>.*?</style>|\{[%{#].*?[%}#]\}|<[^>]*>", re.DOTALL)
FEWEST_WORDS = 3
"""Shorter texts are names and keys."""


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every string in the code that is no docstring; what an f-string puts in is `{}`."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {
        id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values
    }
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            pieces = (piece.value if isinstance(piece, ast.Constant) else "{}" for piece in node.values)
            yield node.lineno, "".join(map(str, pieces))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def page_texts(template: str) -> Iterator[tuple[int, str]]:
    """Line and text of a template, without what Jinja and HTML put between."""
    shown = re.sub(
        r"<style>.*?</style>|\{[%{#].*?[%}#]\}|<[^>]*>",
        lambda hit: "\n" * hit[0].count("\n"),
        template,
        flags=re.DOTALL,
    )
    return enumerate(shown.splitlines(), 1)


def old_words(path: Path) -> list[str]:
    read = page_texts if path.suffix == ".jinja" else texts
    return [
        f"{path.relative_to(ROOT)}:{line}: {hit[0]!r} in {text!r}"
        for line, text in read(path.read_text("utf-8"))
        if len(text.split()) >= FEWEST_WORDS and (hit := OLD_WORDS.search(text))
    ]


def test_no_text_has_a_word_of_the_old_dialect() -> None:
    assert [line for path in [*CODE, *TEMPLATES] for line in old_words(path)] == []


def exists(page: str) -> bool:
    """Whether the project has the page, or makes it below `reports`."""
    written = (ROOT / "pipeline/reporting/templates" / f"{Path(page).name}.jinja").is_file()
    return (
        written
        or page.startswith("reports/")
        or any((folder / page).is_file() for folder in (ROOT, ROOT / "docs"))
    )


def test_every_page_that_the_code_names_exists() -> None:
    named = [
        (path.relative_to(ROOT), page)
        for path in WITH_PAGES
        for page in PAGE.findall(path.read_text("utf-8"))
    ]
    assert [(str(path), page) for path, page in named if not exists(page)] == []


def test_nothing_points_to_a_page_outside_the_project() -> None:
    found = [
        (str(path.relative_to(ROOT)), hit[0])
        for path in WITH_PAGES
        if (hit := PRIVATE_PAGE.search(path.read_text("utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise InputError(f"{path}: users of whom nothing is told")', ["of whom"]),
        ('"""A docstring that is told."""', []),
        ('key = "told"', []),
    ],
)
def test_the_law_sees_texts_and_no_docstrings_or_names(source: str, found: list[str]) -> None:
    seen = [
        hit[0]
        for _, text in texts(source)
        if len(text.split()) >= FEWEST_WORDS and (hit := OLD_WORDS.search(text))
    ]
    assert seen == found


def test_the_law_sees_pages() -> None:
    assert PAGE.findall("see docs/nowhere.md and README.md, not model_card.md.jinja") == [
        "docs/nowhere.md",
        "README.md",
    ]
    assert not exists("docs/nowhere.md")
    assert PRIVATE_PAGE.search("the split of DESIGN 5")
