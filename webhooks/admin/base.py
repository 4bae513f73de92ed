"""What all admin pages share: rights come from the one table in access.py, never from Django's per-model permissions."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from simple_history.admin import SimpleHistoryAdmin

from ..accounts import access
from ..database import row_estimates
from ..parsing import identifier
from . import read_only
from .lost_updates import GuardedForms

MOST_DIGITS = 18  # of a number that the column can hold


def problems_of(form: forms.BaseForm) -> list[tuple[str, list[str]]]:
    """What a live preview says of a form that is being filled in: label and texts. A field that is still empty is no error."""
    found = []
    for name, errors in form.errors.items():
        said = [text for one in errors.as_data() if one.code != "required" for text in one.messages]
        if said:
            found.append((str(form[name].label) if name in form.fields else "", said))
    return found


class RightsAdmin(GuardedForms):
    """`see` names the right to view, `edit` the right to change ("" for nobody)."""

    see = ""
    edit = ""
    nothing: str | Promise = ""  # shown for an empty list: where rows come from, and what to do
    verbs: tuple[str, ...] = ()  # methods that are POSTed to <id>/<name>/, each calling one verb
    actions: Any = None
    list_per_page = 25
    # A list with filters would count its table a second time, without them.
    show_full_result_count = False
    paginator = row_estimates.EstimatingPaginator
    list_fullwidth = True
    list_filter_submit = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, self.see)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return access.may(request.user, self.see)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.edit) and access.may(request.user, self.edit)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(self.edit) and access.may(request.user, self.edit)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(self.edit) and access.may(request.user, self.edit)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:object_id>/{verb.replace('_', '-')}/",
                self.admin_site.admin_view(require_POST(getattr(self, verb))),
                name=self.url_name(verb),
            )
            for verb in self.verbs
        ]
        return own + super().get_urls()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """None for a number that nobody has, and for a NUL: PostgreSQL takes none, not even to look for it."""
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self.url_name(page)}", args=args)

    def require(self, request: HttpRequest, right: str) -> None:
        if not access.may(request.user, right):
            raise PermissionDenied

    def find(self, request: HttpRequest, object_id: Any) -> Any:
        """The row, if this person may see it. A row they may not see is a 404, exactly like one that does not exist."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_object(request, str(object_id))
        if found is None:
            raise Http404
        return found

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        """Called by what it lists, where Django would say “Select delivery to view”."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def response_action(self, request: HttpRequest, queryset: QuerySet, *args: Any, **how: Any) -> Any:
        """Of the rows that a form says were selected, those that can be rows: Django looks up whatever it holds."""
        sent = request.POST.copy()
        named = sent.getlist(ACTION_CHECKBOX_NAME)
        sent.setlist(ACTION_CHECKBOX_NAME, [one for one in named if identifier(one) is not None])
        request.POST = sent  # type: ignore[assignment]
        return super().response_action(request, queryset, *args, **how)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        read_only.note(context["adminform"].form, request)
        return super().render_change_form(request, context, *args, **kwargs)

    def page(
        self, request: HttpRequest, template: str, *, title: str, original: Model | None = None, status: int = 200, **facts: Any
    ) -> HttpResponse:  # fmt: skip
        """Our own template inside the theme's layout. With `original`, the heading is its breadcrumb, otherwise the title."""
        trail = {"opts": self.opts, "original": original} if original else {}
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "media": self.media,
            **trail,
            **facts,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, context, status=status)

    def back_to(
        self, request: HttpRequest, page: str, *args: Any, said: str = "", trouble: str = ""
    ) -> HttpResponse:
        if trouble:
            messages.error(request, trouble)
        if said:
            messages.success(request, said)
        return HttpResponseRedirect(self.url(page, *args))


class VersionedAdmin(SimpleHistoryAdmin, RightsAdmin):  # type: ignore[misc]
    """A row with a history. To restore an old version, a person enters it as a new one."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        self.find(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        row = self.find(request, object_id)
        if not version_id.isdecimal() or len(version_id) > MOST_DIGITS:
            raise Http404
        return super().history_form_view(request, str(row.pk), version_id, extra_context)

    def revert_disabled(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True
