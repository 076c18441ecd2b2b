"""The log of a server: one JSON object a line, without what errors say of themselves: that may be about people."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any


class Lines(logging.Formatter):
    """A record as one line of JSON; line breaks inside are escaped. Of an error only its kind and where it arose."""

    def format(self, record: logging.LogRecord) -> str:
        """`at` (UTC), `level`, `name`, `says`, and for an error `error` and `where`."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "name": record.name,
            "says": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            told["error"] = type(error).__name__
            told["where"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
            ]
        return json.dumps(told, ensure_ascii=False)


def start_logging(level: str) -> None:
    """Log to standard error what is of this level (`debug` … `error`) or graver."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
