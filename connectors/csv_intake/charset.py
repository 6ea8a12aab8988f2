"""Finds out how a CSV file is encoded, or says what the file is instead.

A file from a town hall's Excel is UTF-8 with a byte order mark, plain UTF-8, or
CP932 (what Windows calls Shift_JIS). UTF-8 is tried first: Japanese text in
CP932 practically never happens to be valid UTF-8, while the reverse is common.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO

from connectors.csv_intake.problem import SpreadsheetError, column_letter

BYTES_MAX = 200 * 1024 * 1024
_HEAD_BYTES = 8192
_PIECE_BYTES = 1 << 20
_CONTROL_SHARE_MAX = 0.02
_CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r\x1a\x1b"})

_BINARY_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "workbook", ".xlsx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook", ".xls"),
    (b"%PDF", "binary", "PDF"),
    (b"\x1f\x8b", "binary", "gzip"),
    (b"\x89PNG", "binary", "PNG"),
    (b"\xff\xd8\xff", "binary", "JPEG"),
    (b"SQLite format 3", "binary", "SQLite"),
)

# The office's word for CP932 is Shift_JIS; Python's own shift_jis lacks ～ － ∥ 髙 ①.
_ALIASES = {"shift_jis": "cp932", "sjis": "cp932", "utf-8": "utf-8-sig"}


def detect_charset(path: Path, encoding: str | None = None) -> str:
    """Return the Python codec that reads the whole file without an error.

    `encoding` skips the guess; it is still tried on every byte. The file is
    read in pieces of 1 MiB.

    Raises:
        SpreadsheetError: no file, empty, over 200 MB, not text, UTF-16, or a
            byte that cannot be read; then with its line and column.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
            if size > BYTES_MAX:
                raise SpreadsheetError("too_large", size=str(size >> 20), limit=str(BYTES_MAX >> 20))
            _refuse_what_is_not_csv(head)
            return _choose(stream, head, encoding)
    except FileNotFoundError:
        raise SpreadsheetError("missing", name=path.name) from None
    except OSError as error:
        raise SpreadsheetError("unreadable", name=path.name, reason=error.strerror or "") from None


def _refuse_what_is_not_csv(head: bytes) -> None:
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SpreadsheetError("empty")
    for magic, code, kind in _BINARY_MAGIC:
        if head.startswith(magic):
            raise SpreadsheetError(code, kind=kind)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SpreadsheetError("utf16")
    invisible = len(head) - len(head.translate(None, _CONTROLS))
    if invisible > max(2, len(head) * _CONTROL_SHARE_MAX):
        even, odd = head[0::2].count(0), head[1::2].count(0)
        # In UTF-16 every other byte of digits, commas and line ends is NUL.
        if max(even, odd) > max(4 * min(even, odd), len(head) // 20):
            raise SpreadsheetError("utf16")
        raise SpreadsheetError("binary", kind="NUL")
    if b"\x1b$B" in head or b"\x1b$@" in head:
        raise SpreadsheetError("jis")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise SpreadsheetError("web_page")


def _choose(stream: BinaryIO, head: bytes, encoding: str | None) -> str:
    if encoding is not None:
        try:
            name = codecs.lookup(encoding).name
        except LookupError:
            raise SpreadsheetError("unknown_encoding", codec=encoding) from None
        codec = _ALIASES.get(name, name)
        fault = _first_fault(stream, codec)
    elif head.startswith(codecs.BOM_UTF8):
        codec, fault = "utf-8-sig", _first_fault(stream, "utf-8-sig")
    else:
        codec, fault = "utf-8", _first_fault(stream, "utf-8")
        if fault is not None:
            other = _first_fault(stream, "cp932")
            # Whichever reading got further is the one the file was meant in.
            if other is None or other[0] >= fault[0]:
                codec, fault = "cp932", other
    if fault is None:
        return codec
    _, line, column, byte = fault
    raise SpreadsheetError(
        "undecodable", line=line, letter=column_letter(column), codec=codec.upper(), byte=f"0x{byte:02X}"
    )


def _first_fault(stream: BinaryIO, codec: str) -> tuple[int, int, int, int] | None:
    """Return offset, line (from 1), column index and byte of the first unreadable byte, or None."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    stream.seek(0)
    offset, line, text = 0, 1, ""
    while True:
        pending = decoder.getstate()[0]
        piece = stream.readline(_PIECE_BYTES)
        try:
            read = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            window = bytes(error.object)
            text += window[: error.start].decode(codec, "ignore")
            bare = text.replace("\r\n", "\n").count("\r")
            return (
                offset - len(pending) + error.start,
                line + bare,
                _column_at(text.rsplit("\r", 1)[-1]),
                window[error.start],
            )
        if not piece:
            return None
        offset += len(piece)
        if piece.endswith(b"\n"):
            line, text = line + 1, ""
        else:
            text += read


def _column_at(before: str) -> int:
    """Count the delimiters outside quotation marks in the part of a line before the fault."""
    outside = "".join(before.split('"')[0::2])
    return max(outside.count(mark) for mark in ",;\t")
