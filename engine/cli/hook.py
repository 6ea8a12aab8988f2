"""Parts that are imported only where a command uses them: connectors, and what an installation may lack."""

from __future__ import annotations

import importlib
from typing import Any, Final

from engine.cli.failing import failed

INTAKE: Final = "connectors.csv_intake.intake"
CARRIER: Final = "connectors.file_notice.carrier"
DEMO: Final = "engine.cli.demo"


def part(name: str, what: str) -> Any:
    """Import a part that is loaded only where it is used. Raises Failure where it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (error.name == name or name.startswith(f"{error.name}.")):
            raise failed("not_installed", what=what) from None
        raise


def named(module: str, name: str, what: str) -> Any:
    """Import one thing of a part. Raises Failure where the part is not installed."""
    return getattr(part(module, what), name)
