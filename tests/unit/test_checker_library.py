"""A library of pathways with one fault each: the checker names it, at its line, and accepts the corrected twin.

In `wrong_pathways/CODE_what_is_wrong.yaml` the line marked `#! CODE` is where
the finding must point. The corrected twin leaves out the lines marked `#!` and
`#-` and takes in those written as `#=`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.checker.catalogue import CATALOGUE, found, page
from engine.checker.checking import check
from engine.checker.entry import GROUPS
from engine.checker.finding import Finding, Severity, located
from engine.loading.form import folder_reader
from engine.loading.pathway import load_pathway

LIBRARY = Path(__file__).parent / "wrong_pathways"
WRONG = sorted(LIBRARY.glob("*.yaml"))
MARK = re.compile(r"#! ([A-Z][0-9]{3})$")


def findings_of(text: str, name: str) -> tuple[Finding, ...]:
    loaded = load_pathway(text, name, folder_reader(LIBRARY))
    assert [finding.ja for finding in loaded.findings] == []
    assert loaded.pathway is not None
    assert loaded.document is not None
    return located(check(loaded.pathway, loaded.forms), loaded.document)


def corrected(text: str) -> str:
    kept = [line for line in text.splitlines() if not line.endswith("#-") and not MARK.search(line)]
    return "\n".join(re.sub(r"^( *)#= ", r"\1", line) for line in kept) + "\n"


def marked(text: str) -> tuple[int, str]:
    [(line, code)] = [
        (number, mark[1])
        for number, line in enumerate(text.splitlines(), 1)
        if (mark := MARK.search(line)) is not None
    ]
    return line, code


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_the_one_fault_of_a_wrong_pathway_is_found_at_its_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    line, code = marked(text)
    findings = findings_of(text, path.name)
    errors = [(each.line, each.code) for each in findings if each.severity is Severity.ERROR]
    assert path.stem.startswith(code)
    if CATALOGUE[code].severity is Severity.ERROR:
        assert errors == [(line, code)]
    else:
        assert errors == []
        assert [(each.line, each.code) for each in findings] == [(line, code)]


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_the_corrected_twin_is_accepted(path: Path) -> None:
    findings = findings_of(corrected(path.read_text(encoding="utf-8")), path.name)
    said = [f"{each.line} {each.code} {each.ja}" for each in findings if each.severity is not Severity.NOTE]
    assert said == []


TOLD_ELSEWHERE = {
    "R213": "test_checker_exploration: takes more states than a person would write",
    "R215": "test_checker_exploration: nested deeper than the reader of YAML goes",
    "P220": "test_checker_staffing",
    "P221": "test_checker_staffing",
    "P222": "test_checker_staffing",
}


def test_every_code_of_the_catalogue_is_shown_by_a_wrong_pathway() -> None:
    shown = {marked(path.read_text(encoding="utf-8"))[1] for path in WRONG}
    assert set(CATALOGUE) - shown == set(TOLD_ELSEWHERE)
    assert shown <= set(CATALOGUE)


def test_every_code_has_a_group_and_everything_to_say_in_both_languages() -> None:
    for code, entry in CATALOGUE.items():
        assert re.fullmatch(r"[A-Z]2[0-9]{2}", code)
        assert entry.group in GROUPS
        for text in (entry.ja, entry.do_ja, entry.why_ja):
            assert text.endswith(("。", "}", ")"))
        for text in (entry.en, entry.do_en, entry.why_en):
            assert text.endswith((".", "}", ")"))


def test_the_reference_page_is_generated_from_the_catalogue() -> None:
    written = (Path(__file__).parents[2] / "docs" / "reference" / "findings.md").read_text(encoding="utf-8")
    assert written == page()


def test_a_check_that_forgets_a_word_of_its_sentence_fails() -> None:
    with pytest.raises(KeyError):
        found("F204", ())
