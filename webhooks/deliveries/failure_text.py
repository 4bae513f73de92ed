"""How a failure is described in the log, on the row and on pages: never with customer text."""

import hashlib
import re
import traceback
from pathlib import Path

from django.conf import settings

from ..errors import DeliveryError
from ..parsing import NotAnEvent


def describe(error: Exception) -> str:
    """What failed and where. Never the error's own message, since a database error quotes values, which may be customer text."""
    if isinstance(error, DeliveryError):
        return str(error)[:2000]
    if isinstance(error, NotAnEvent):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    ours = [
        frame
        for frame in frames
        if str(settings.BASE_DIR) in frame.filename and ".venv" not in frame.filename
    ]
    via = (
        f" (from {Path(ours[-1].filename).name}:{ours[-1].lineno})"
        if ours and ours[-1] is not frames[-1]
        else ""
    )
    return f"{type(error).__name__}{place}{via}"


def fingerprint(event: str, text: str) -> str:
    """The same for failures that only differ in numbers and hexadecimal strings."""
    normal = re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", text)
    return hashlib.sha256(f"{event} {normal}".encode()).hexdigest()[:16]
