"""Filters of the list of learning signals that are not columns. They appear only where a figure's link uses them."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..learning import effects


class Besides(SimpleListFilter):
    """The decisions that do not cite an article."""

    title = _("without the article")
    parameter_name = effects.BESIDES

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        slug = request.GET.get(self.parameter_name, "")
        return [(slug, slug)] if slug else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return effects.besides(queryset, self.value() or "") if self.value() else queryset
