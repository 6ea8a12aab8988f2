"""The documents say what is there: links lead somewhere, names exist, examples are read by the program.

`python -m tests.repo.test_docs` writes the generated part of the glossary anew.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel

from engine.cli.main import command_tree
from engine.cli.session import CommandSettings
from engine.core import vocabulary
from engine.core.pathway import model, promise
from engine.core.vocabulary import Labelled
from engine.loading.catalogue import shipped_calendar
from engine.loading.checked import check_file
from engine.loading.document import read_document
from engine.loading.scenario import load_scenario
from engine.loading.scenario_step import ACTIONS, Expect
from engine.simulation.scenario import run_scenario
from engine.simulation.town import town_of
from tests.repo.source import ROOT

DOCS: Final = ROOT / "docs"
GLOSSARY: Final = DOCS / "internals" / "GLOSSARY.md"
INVARIANTS: Final = DOCS / "internals" / "INVARIANTS.md"
LANGUAGE: Final = (DOCS / "reference" / "language.md", DOCS / "reference" / "language-ja.md")
OPERATOR: Final = DOCS / "how-to" / "operator-ja.md"

_CODE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_EXAMPLE: Final = re.compile(r"^```yaml ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_JAPANESE: Final = re.compile(r"[ぁ-んァ-ヶ一-龠]")


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _documents() -> list[Path]:
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def _heading_anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def _anchors(path: Path) -> set[str]:
    return {
        _heading_anchor(found) for found in re.findall(r"^#+ (.+)$", _CODE.sub("", _text(path)), re.MULTILINE)
    }


@pytest.mark.parametrize("path", _documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_to_something_that_is_there(path: Path) -> None:
    lost = []
    for target in _LINK.findall(_CODE.sub("", _text(path))):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            lost.append(target)
    assert lost == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for target in _LINK.findall(_CODE.sub("", _text(path))):
            file = (path.parent / target.partition("#")[0]).resolve()
            if file.suffix == ".md" and file.is_file():
                waiting.append(file)
    outside = {DOCS / "changes"}  # a folder of news fragments, for tools
    missing = [path for path in _documents() if path not in reached and path.parent not in outside]
    assert [str(path.relative_to(ROOT)) for path in missing] == [], "link it in docs/README.md"


def test_the_readme_names_what_is_enough_on_a_bare_machine_in_both_languages() -> None:
    japanese, english = _text(ROOT / "README.md").split("\n---\n", 1)
    for half in (japanese, english):
        for needed in ("make up", "make test", "apt-get install make git python3 python3-venv"):
            assert needed in half
    assert _JAPANESE.search(japanese)


# --- invariants ---------------------------------------------------------------


def test_the_invariants_are_listed_in_order_each_with_its_standing_and_its_attack() -> None:
    parts = re.split(r"^## (I\d+) — ", _text(INVARIANTS), flags=re.MULTILINE)
    assert parts[1::2] == [f"I{number}" for number in range(1, 12)]
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        assert re.search(r"\*\*(Holds|In part|Later)[.*,]", body), name
        assert "Attacked by" in body, name
        assert "::test_" in body, name


def test_every_test_that_a_document_names_is_there() -> None:
    lost = []
    for path in _documents():
        for file, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", _text(path)):
            at = ROOT / file
            if not at.is_file() or not re.search(rf"^ *def {name}\(", _text(at), re.MULTILINE):
                lost.append(f"{path.name}: {file}::{name}")
    assert lost == []


def test_every_file_of_the_source_that_a_document_names_is_there() -> None:
    named = re.compile(r"`((?:engine|connectors|pathways|tests|ui|docs)/[\w./-]*)(?:::\w+)?`")
    lost = [
        f"{path.name}: {name}"
        for path in _documents()
        for name in named.findall(_CODE.sub("", _text(path)))
        if not (ROOT / name).exists()
    ]
    assert lost == []


def test_every_constraint_that_the_invariants_name_stands_in_a_migration() -> None:
    migrations = "".join(_text(file) for file in (ROOT / "engine/store/migrations/versions").glob("*.py"))
    names = re.findall(
        r"`((?:case|obligation|entry|team|person|holder|pathway|calendar|directory)_[a-z_]+)`",
        _text(INVARIANTS),
    )
    assert len(names) > 10
    assert [name for name in names if name not in migrations] == []


# --- decisions ----------------------------------------------------------------


def test_decisions_are_numbered_without_a_gap_and_say_four_things() -> None:
    files = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    for file in files:
        text = _text(file)
        assert text.startswith(f"# {file.name[:4]}. "), file.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
            "What was tried and measured",
        ], file.name
        assert len(text.split()) < 700, f"{file.name} is longer than a page"


# --- glossary -----------------------------------------------------------------


def generated_glossary() -> str:
    """Return the part of the glossary that lists every choice of the vocabulary, with its labels."""
    lines = []
    for kind in vars(vocabulary).values():
        if not (isinstance(kind, type) and issubclass(kind, Labelled) and kind is not Labelled):
            continue
        lines += ["", f"### {kind.__name__}", "", "| 日本語 | English | identifier |", "|---|---|---|"]
        lines += [f"| {each.ja} | {each.en} | `{each.value}` |" for each in kind]
    return "\n".join([*lines, ""])


_GENERATED: Final = re.compile(r"(?<=<!-- vocabulary -->\n).*?(?=<!-- /vocabulary -->)", re.DOTALL)


def test_the_glossary_lists_every_choice_of_the_vocabulary_with_its_labels() -> None:
    found = _GENERATED.search(_text(GLOSSARY))
    assert found is not None
    assert found[0] == generated_glossary(), "python -m tests.repo.test_docs writes it anew"


def test_every_identifier_of_the_glossary_is_in_the_source() -> None:
    source = "".join(_text(file) for file in (ROOT / "engine").rglob("*.py"))
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| `(\w+)` \| ", _text(GLOSSARY), re.MULTILINE)
    assert len(rows) > 20
    assert [name for name in rows if not re.search(rf"\b{name}\b", source)] == []


# --- the language -------------------------------------------------------------


def _parts() -> Iterator[type[BaseModel]]:
    for module in (model, promise):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__:
                yield kind


def _keys() -> set[str]:
    names = {field.alias or name for kind in _parts() for name, field in kind.model_fields.items()}
    return names - {"stages"}  # what `every` becomes when it is read; an author writes its list


def _keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield str(key)
            yield from _keys_in(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _keys_in(inside)


def _examples(path: Path) -> list[tuple[str, str]]:
    return _EXAMPLE.findall(_text(path))


@pytest.mark.parametrize("path", LANGUAGE, ids=lambda path: path.name)
def test_every_key_of_the_language_is_explained_and_shown(path: Path) -> None:
    explained = set(re.findall(r"`(\w+)`", _CODE.sub("", _text(path))))
    assert sorted(_keys() - explained) == []
    shown = {key for _, text in _examples(path) for key in _keys_in(read_document(text, path.name).value)}
    assert sorted(_keys() - shown - {"span"}) == []  # the long form of a stage, which nobody needs


@pytest.mark.parametrize("path", LANGUAGE, ids=lambda path: path.name)
def test_every_action_and_expectation_of_a_scenario_is_named(path: Path) -> None:
    named = set(re.findall(r"`(\w+)`", _text(path)))
    assert sorted(set(ACTIONS) - named) == []
    expected = {field.alias or name for name, field in Expect.model_fields.items()}
    assert sorted(expected - named) == []


@pytest.mark.parametrize("path", LANGUAGE, ids=lambda path: path.name)
def test_every_example_of_the_language_is_read_by_the_program(path: Path, tmp_path: Path) -> None:
    parts = {kind.__name__: kind for kind in _parts()}
    whole: dict[str, Any] = {}
    for kind, text in _examples(path):
        named = re.match(r"# (\S+\.yaml)\n", text)
        if named:
            file = tmp_path / named[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        value = read_document(text, path.name).value
        if "pathway" in value and not kind and "scenario" not in value:
            whole = value
        if kind:
            parts[kind].model_validate({**whole, **value} if kind == "Pathway" else value)
    checked = check_file(tmp_path / "example" / "v1.yaml")
    assert checked.findings == ()
    compiled = checked.compiled()
    for file in (tmp_path / "example" / "scenarios").glob("*.yaml"):
        scenario = load_scenario(file).scenario
        assert scenario is not None
        run = run_scenario(scenario, compiled, shipped_calendar("office", 1), town_of(compiled))
        assert run.problems("en") == ()


def test_both_languages_show_the_same_examples() -> None:
    first, second = (_examples(path) for path in LANGUAGE)
    assert first == second


# --- commands -----------------------------------------------------------------


def _commands_in(text: str) -> Iterator[list[str]]:
    """Walk what a document tells people to type: whole lines of a block, and code that begins so."""
    for kind, block in re.findall(r"^ *```(sh|console)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        prompt = r"\$ " if kind == "console" else ""
        for line in block.splitlines():
            typed = re.match(rf" *{prompt}(?:\.venv/bin/)?bansou (.+)$", line)
            if typed:
                yield shlex.split(typed[1], comments=True)
    for code in re.findall(r"`([^`\n]+)`", _CODE.sub("", text)):
        typed = re.match(r"(?:\.venv/bin/)?bansou (.+)$", code)
        if typed:
            yield shlex.split(typed[1])


def _unknown_in(words: list[str], tree: Any) -> Iterator[str]:
    """Walk what a typed command names that the program does not have."""
    command: Any = tree
    for word in words:
        inner = getattr(command, "commands", None)
        if inner is not None and not word.startswith("-"):
            if word not in inner:
                yield f"bansou {' '.join(words)}: {word}"
                return
            command = inner[word]
        elif word.startswith("--") and word != "--help":
            known = {each for parameter in command.params for each in parameter.opts}
            if word.partition("=")[0] not in known:
                yield f"bansou {' '.join(words)}: {word}"


def test_every_command_that_a_document_tells_to_type_is_there_with_its_options() -> None:
    tree = command_tree("ja")
    lost: list[str] = []
    for path in _documents():
        if path.parent == DOCS / "changes":
            continue
        for words in _commands_in(_text(path)):
            lost += [f"{path.name}: {unknown}" for unknown in _unknown_in(words, tree)]
    assert lost == []


def test_the_check_on_commands_notices_what_is_not_there() -> None:
    tree = command_tree("ja")
    assert list(_unknown_in(["inbox", "sato", "--now", "2026-11-24"], tree)) == []
    assert list(_unknown_in(["people", "leave"], tree)) != []
    assert list(_unknown_in(["inbox", "--later"], tree)) != []


# --- settings -----------------------------------------------------------------


def test_every_setting_is_explained_to_the_operator() -> None:
    named = {f"BANSOU_{name.upper()}" for name in CommandSettings.model_fields}
    assert sorted(name for name in named if f"`{name}`" not in _text(OPERATOR)) == []


if __name__ == "__main__":
    written = _GENERATED.sub(lambda _: generated_glossary(), GLOSSARY.read_text(encoding="utf-8"))
    GLOSSARY.write_text(written, encoding="utf-8")
