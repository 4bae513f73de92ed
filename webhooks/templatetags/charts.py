"""One chart component for every page: a picture that hover and arrow keys read, and the same numbers as a table."""

import json
from typing import Any

from django import template

from ..display.charts import Chart

register = template.Library()


@register.inclusion_tag("webhooks/chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """The page must load support/charts.js, as webhooks/page.html does."""
    return {"chart": drawn, "data": json.dumps(drawn.data())}
