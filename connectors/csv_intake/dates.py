"""The office's reading of dates, fetched through the front door: the one place to change."""

from engine.api import EraError, PartialDate, parse_japanese_date

__all__ = ["EraError", "PartialDate", "parse_japanese_date"]
