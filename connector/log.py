"""The log: one JSON object a line, our events and those of all libraries alike, secrets and personal text taken out.

An event is a constant English name "area.past_verb"; values are fields with units; ``run_id`` and ``source`` are bound
once per run (``structlog.contextvars``). Times are UTC, ISO 8601.
"""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from connector.errors import SettingsError
from connector.redaction import redact

_NOISY = ("httpx", "httpcore", "apscheduler", "alembic", "mail.log", "asyncio", "fontTools")  # their INFO is no news


def configure(level: str = "info", fmt: str = "json", file: Path | None = None, stream: TextIO | None = None) -> None:
    """Sends all logging of this process to ``file``, or else to ``stream`` (default: standard error).

    ``level``: debug, info, warning, error. ``fmt``: "json", or "console" for people. May be called again; the last call
    counts. The file may be moved away by logrotate. Raises SettingsError if the file cannot be written.
    """
    handler: logging.Handler
    if file is None:
        handler = logging.StreamHandler(stream or sys.stderr)
    else:
        try:
            handler = logging.handlers.WatchedFileHandler(file, encoding="utf-8")
        except OSError as error:
            raise SettingsError([f"log.file: không ghi được {file}: {error.strerror}"], path=file) from error
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *before],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(fmt)],
        )
    )
    numeric = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h.formatter, structlog.stdlib.ProcessorFormatter)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(numeric)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(numeric, logging.WARNING))
    logging.captureWarnings(True)
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        cache_logger_on_first_use=False,
    )


def redaction(logger: Any, name: str, event: EventDict) -> EventDict:  # noqa: ARG001 - the shape of a processor
    """Processor: nothing private leaves the process (F90). Runs after exceptions have become plain data."""
    return {key: redact(value, key) for key, value in event.items()}


def _rendering(fmt: str) -> list[Processor]:
    if fmt == "json":
        transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # locals hold passwords
        return [
            structlog.processors.ExceptionRenderer(transformer),
            redaction,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    plain = structlog.dev.plain_traceback
    return [
        structlog.processors.format_exc_info,
        redaction,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain),
    ]
