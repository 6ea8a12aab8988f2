"""Where the text of a file comes from: a path, or the content itself."""

from __future__ import annotations

from pathlib import Path

from engine.checker.finding import Finding, Severity
from engine.loading.document import BYTES_MAX, Unreadable


def content_of(source: Path | str | bytes, file: str) -> str | bytes:
    """Return what stands in a file, at most one byte more than a document may have.

    Raises:
        Unreadable: the path cannot be opened; its finding says why.
    """
    if not isinstance(source, Path):
        return source
    try:
        with source.open("rb") as content:
            return content.read(BYTES_MAX + 1)
    except OSError as error:
        raise Unreadable((_unopened(file, error),)) from error


def _unopened(file: str, error: OSError) -> Finding:
    why = error.strerror or type(error).__name__
    return Finding(
        code="F019",
        severity=Severity.ERROR,
        place=(),
        ja=f"ファイルを開けません（{why}）。",
        en=f"The file cannot be opened ({why}).",
        do_ja="ファイルの場所と名前、読み取りの権限を確かめてください。",
        do_en="Check where it lies, how its name is spelt, and whether you may read it.",
        file=file,
        line=1,
        column=1,
    )
