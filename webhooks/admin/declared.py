"""What a list accepts in its URL: the filters it shows and its declared `lookups`. Nothing else reaches the database."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IS_FACETS_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.db import DataError, models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.views import ChangeList

from ..accounts import access

OWN = {SEARCH_VAR, PAGE_VAR, ORDER_VAR, ALL_VAR, IS_FACETS_VAR}
SILENTLY = {"e"}  # Django adds it after an invalid lookup
NAMED = 3


class NotUnderstood(Exception):
    """The list cannot be filtered as its URL says."""


class DeclaredChangeList(ChangeList):
    def get_filters(self, request: HttpRequest) -> Any:
        """Django would use a parameter that no filter consumed as a lookup."""
        found = super().get_filters(request)
        page: Any = self.model_admin
        if found[2].keys() - set(page.lookups):
            raise IncorrectLookupParameters
        return found


class DeclaredLists(ModelAdmin):
    """`lookups`: what our own links use, in addition to the filters that the list shows."""

    lookups: tuple[str, ...] = ()

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        kept = self._kept(request)
        if kept is not None:
            return _to(request, kept)
        try:
            return super().changelist_view(request, extra_context)
        except NotUnderstood:
            messages.warning(request, _("The filter in the URL is not valid, so the whole list is shown."))
            return _to(request, QueryDict())

    def _kept(self, request: HttpRequest) -> QueryDict | None:
        """The part of the query that the list declares. None if that is all of it."""
        known = OWN | set(self.lookups) | _of_filters(self.model, self.get_list_filter(request))
        kept, dropped = request.GET.copy(), []
        for name, values in request.GET.lists():
            if name not in known or any("\0" in value for value in values):
                del kept[name]
                dropped.append(name)
        said = [name.replace("\0", "")[:60] for name in dropped if name not in SILENTLY]
        if said and self.has_view_permission(request):
            names = ", ".join(f"“{name}”" for name in said[:NAMED])
            messages.warning(
                request, _("This list has no filter %(names)s, so it was ignored.") % {"names": names}
            )
        return kept if dropped else None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return DeclaredChangeList

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Rows are counted here, so a value that the column cannot hold fails now."""
        try:
            return super().get_changelist_instance(request)
        except (IncorrectLookupParameters, DataError, OverflowError) as error:
            raise NotUnderstood from error

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return True  # undeclared lookups were removed before

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new row starts empty: a URL never fills in a form."""
        return {}


def _of_filters(model: type[models.Model], filters: Any) -> set[str]:
    """The query parameters that these filters read."""
    names: set[str] = set()
    for entry in filters:
        if isinstance(entry, type):
            names.add(entry.parameter_name)  # type: ignore[attr-defined]
            continue
        path = entry if isinstance(entry, str) else entry[0]
        # The bare name: of a column without choices, whose filter lists the values that there are.
        names |= {path, f"{path}__exact", f"{path}__isnull", f"{path}_from", f"{path}_to"}
        if key := _key_of(model, path):
            names.add(f"{path}__{key}__exact")
    return names


def _key_of(model: Any, path: str) -> str:
    """The key of the related row; empty if the path does not end in a relation."""
    field: Any = None
    for part in path.split(LOOKUP_SEP):
        field = model._meta.get_field(part)
        model = field.related_model
    return str(field.target_field.name) if field.is_relation else ""


def _to(request: HttpRequest, query: QueryDict) -> HttpResponse:
    return HttpResponseRedirect(request.path + (f"?{query.urlencode()}" if query else ""))


class InboxFilter(RelatedDropdownFilter):
    """Only the inboxes that this person sees."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        mine = access.inboxes_of(access.person(request)).order_by("name", "pk")
        return [(inbox.pk, str(inbox)) for inbox in mine]


class PersonFilter(RelatedDropdownFilter):
    """Only people who are named by rows that this person sees."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        named = model_admin.get_queryset(request).order_by().values(field.name)
        people = field.related_model.objects.filter(pk__in=named).order_by("username")
        return [(person.pk, str(person)) for person in people]
