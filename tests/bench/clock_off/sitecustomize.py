"""A host whose clock is off: Python imports this at its start where the folder stands on PYTHONPATH.

CLOCK_OFF_S: by how many seconds. HOST_NAME: what the host is called.
"""

import copyreg
import datetime
import os
import socket
import time
import warnings
from typing import Any

warnings.filterwarnings("ignore", message="datetime.datetime size changed")
OFF = float(os.environ["CLOCK_OFF_S"])
Real, real_time = datetime.datetime, time.time


class _Alike(type):
    """What is made elsewhere, in C, counts as one of these."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Real)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, Real)


class Shifted(Real, metaclass=_Alike):
    """Only its `now` differs; what it makes are plain datetimes, for whoever looks at their type."""

    def __new__(cls, *args: Any, **facts: Any) -> Any:
        return Real(*args, **facts)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return Real.now(tz) + datetime.timedelta(seconds=OFF)


Shifted.__module__, Shifted.__qualname__, Shifted.__name__ = "datetime", "datetime", "datetime"
copyreg.pickle(Real, lambda at: (Shifted, at.__reduce__()[1]))  # type: ignore[arg-type]
datetime.datetime = Shifted  # type: ignore[misc]


class _Ahead:
    """No function: kept as a class's attribute it must not become a method."""

    def __call__(self) -> float:
        return real_time() + OFF


time.time = _Ahead()
if "HOST_NAME" in os.environ:
    socket.gethostname = lambda: os.environ["HOST_NAME"]
