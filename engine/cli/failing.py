"""Every way in which a command can end without doing what was asked, said for a person and for a program."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import SettingsError

from engine.cli.words import ANSWERS, USAGE
from engine.core.case.refusals import Refusal
from engine.core.vocabulary import Instant
from engine.loading.calendar import CalendarFileError
from engine.services.inbox import NoSuchWorker
from engine.services.office import NotReady
from engine.store.errors import ChainBroken, KeyTaken, RuleBroken, SequenceGap, StoreError

DONE, NO, USAGE_STATUS = 0, 1, 2


class Failure(Exception):
    """A "no" of the command: a stable code, what is so, and what to do, in both languages."""

    def __init__(
        self, code: str, words: tuple[str, str, str, str], *, status: int = NO, **more: Any
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.code = code
        self.words = words
        self.status = status
        self.more = more

    def sentence(self, lang: str) -> str:
        """Say what is so."""
        return self.words[lang == "en"]

    def advice(self, lang: str) -> str:
        """Say what to do."""
        return self.words[2 + (lang == "en")]

    def document(self, lang: str) -> dict[str, Any]:
        """Return the value that `--json` prints."""
        error = {"code": self.code, "message": self.sentence(lang), "advice": self.advice(lang)}
        return {"error": {**error, **self.more}}


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


_FORMS: Final = (
    "（--form 様式=ファイル か --set 様式.項目=値 で付けられます）",
    " (add it with --form FORM=FILE or --set FORM.FIELD=VALUE)",
)
_HOW: Final = {"form_missing": _FORMS, "form_invalid": _FORMS}


def failed(code: str, **params: Any) -> Failure:
    """Make a failure whose words stand in `words.ANSWERS`, or wrong usage from `words.USAGE`."""
    status = NO if code in ANSWERS else USAGE_STATUS
    words = ANSWERS.get(code) or USAGE[code]
    ja, en, do_ja, do_en = (text.format_map(_Blank(params)) for text in words)
    return Failure(code, (ja, en, do_ja, do_en), status=status)


def refused(refusal: Refusal) -> Failure:
    """Make the failure that a refusal is, with how the command gives what is missing."""
    how = _HOW.get(refusal.code, ("", ""))
    return Failure(
        refusal.code,
        (
            refusal.sentence("ja"),
            refusal.sentence("en"),
            refusal.advice("ja") + how[0],
            refusal.advice("en") + how[1],
        ),
        because=list(refusal.because),
        problems=[{"ja": ja, "en": en} for ja, en in refusal.problems],
    )


def meant_by(error: BaseException) -> Failure | None:
    """Return what an exception means to the person at the machine; None if it is a fault of bansou."""
    match error:
        case Failure():
            return error
        case StoreError():
            return Failure(f"store_{error.code}", (error.ja, error.en, error.do_ja, error.do_en))
        case NotReady():
            return failed(f"not_ready_{error.what}")
        case NoSuchWorker():
            return failed("worker_unknown", worker=error.args[0])
        case CalendarFileError():
            return failed("calendar_file", ja=error.ja, en=error.en)
        case ChainBroken():
            return failed("chain_broken", case=error.number, ja=error.fault.ja, en=error.fault.en)
        case SequenceGap() | KeyTaken():
            return failed("lost_race")
        case OSError() if error.filename is not None:
            return failed("file_error", file=error.filename, why=error.strerror or type(error).__name__)
        case SettingsError():
            return failed("settings_invalid", name="BANSOU_*")
        case _:
            return None


def settings_failure(error: ValidationError) -> Failure:
    """Say which setting cannot be used; its value is not repeated, it may hold a password."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    expected = str(first.get("ctx", {}).get("expected", ""))
    return failed(
        "settings_invalid",
        name=f"BANSOU_{name.upper()}",
        expected_ja=f"使える値: {expected}。" if expected else f"（{first['msg']}）",
        expected_en=f"It can be {expected}. " if expected else f"{first['msg']}. ",
    )


def fault(error: BaseException, folder: Path | None, at: Instant, asked: Mapping[str, str]) -> Failure:
    """Say that a fault of bansou happened, with its details in a file below `folder`.

    Neither the error's own words nor any value goes into the file: they may
    name a person. Where in the source it happened is enough to find it.
    """
    path = _written(error, folder, at, asked)
    log_ja = f"詳しい記録を {path} に書きました。" if path else ""
    log_en = f"The details are in {path}. " if path else ""
    if isinstance(error, RuleBroken):
        made = failed("invariant", rule=error.rule or "constraint", log_ja=log_ja, log_en=log_en)
    else:
        made = failed("fault", type=type(error).__name__, log_ja=log_ja, log_en=log_en)
    made.more = {"type": type(error).__name__, **({"log": str(path)} if path else {})}
    return made


def _written(error: BaseException, folder: Path | None, at: Instant, asked: Mapping[str, str]) -> Path | None:
    lines = [f"{name}: {value}" for name, value in asked.items()]
    link: BaseException | None = error
    while link is not None:
        lines.append(f"error: {type(link).__module__}.{type(link).__qualname__}")
        lines += [
            f"  {_module(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(link.__traceback__)
        ]
        link = link.__cause__ or link.__context__
    if folder is None:
        return None
    path = folder / f"fault-{at:%Y%m%dT%H%M%SZ}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join([f"at: {at.isoformat()}", *lines, ""]) + "\n")
    except OSError:
        return None
    return path


def _module(filename: str) -> str:
    """Return a source file's name from its package on, so that the file does not tell whose machine it is."""
    parts = Path(filename).parts
    for root in ("engine", "connectors", "ui", "site-packages"):
        if root in parts:
            return "/".join(parts[parts.index(root) :])
    return parts[-1] if parts else ""
