"""An aggregate that returns all values, for quantiles that are calculated in Python, so that every database gives the same."""

import json
from collections.abc import Callable
from typing import Any

from django.db.models import Aggregate, TextField


class Values(Aggregate):
    """All values as a list."""

    function = "ARRAY_AGG"
    name = "Values"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)

    @property
    def convert_value(self) -> Callable[..., list[float]]:
        return lambda found, expression, connection: (
            json.loads(found) if isinstance(found, str) else found or []
        )
