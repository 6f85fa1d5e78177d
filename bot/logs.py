"""Logging: structlog over the standard library, with secrets struck out wherever they appear."""

import logging
import re
import sys

import structlog
from structlog.stdlib import BoundLogger
from structlog.typing import EventDict, WrappedLogger

from bot.errors import StoreBusy, StoreFailed

# Slack's tokens, Discord's bot tokens, the ticket of a socket address, an OAuth code.
SECRET = re.compile(
    r"xox[abeprs]-[\w-]+|xapp-[\w-]+|[MNO][\w-]{23,}\.[\w-]{6}\.[\w-]{27,}|(?<=ticket=)[\w-]+|(?<=code=)[\w.-]+"
)
# Both SDKs print tokens and message text at DEBUG: never that. What matters of their INFO we say ourselves.
CAPPED = ("discord", "slack_bolt", "slack_sdk", "aiohttp")
MINUTE = 60.0  # seconds
CHATTY = ("alembic", "apscheduler")  # their INFO lines interest nobody


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Strike out everything that looks like a secret."""
    return {key: SECRET.sub("[secret]", value) if isinstance(value, str) else value for key, value in event.items()}


def configure(level: str, form: str) -> None:
    """Set logging up for this process: `level` as in Settings, `form` console or json. Lines go to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if form == "json" else "%Y-%m-%d %H:%M:%SZ", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last], foreign_pre_chain=shared
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    quiet = logging.INFO if root.level < logging.INFO else max(logging.WARNING, root.level)
    for name in CAPPED:
        logging.getLogger(name).setLevel(quiet)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def went_wrong(log: BoundLogger, what: str, error: Exception, **more: object) -> None:
    """Log a failure of work that will go on: one line if the store is away, the traceback if it may be a bug."""
    if isinstance(error, StoreBusy | StoreFailed):
        log.warning(what, reason=str(error), **more)
    else:
        log.error(what, exc_info=error, **more)


class Lasting:
    """Tells of a work's failure that comes again at each try: at once, and the same one only once a minute."""

    def __init__(self, log: BoundLogger, what: str) -> None:
        self._log, self._what = log, what
        self._told: tuple[str, float] | None = None  # what was told last, and when

    def went_wrong(self, error: Exception, now: float, **more: object) -> None:
        """Log a failure at `now` (seconds of any clock that never goes back), unless it was told of just before."""
        said = str(error)
        if self._told is None or self._told[0] != said or now - self._told[1] >= MINUTE:
            self._told = (said, now)
            went_wrong(self._log, self._what, error, **more)
