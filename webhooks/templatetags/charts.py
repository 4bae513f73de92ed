"""One chart component for every page: a picture that hover and arrow keys read, and the same numbers as a table."""

import json
from typing import Any

from django import template

from ..display.charts import RANKED, Chart

register = template.Library()


@register.inclusion_tag("webhooks/chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """The page must load support/charts.js, as webhooks/page.html does."""
    rows = len(drawn.labels) if drawn.form == RANKED else 0
    return {
        "chart": drawn,
        "data": json.dumps(drawn.data()),
        "rows": rows,
        "height": 24 + 30 * rows if rows else 0,
    }
