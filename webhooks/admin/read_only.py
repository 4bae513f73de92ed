"""Fields that a form only shows: a row of another table is linked for those who may open it, and named for the others.

Django and the theme link it for everybody, whatever rights the page behind the link asks for.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold import forms
from unfold.fields import UnfoldAdminReadonlyField


def note(form: Any, request: HttpRequest) -> None:
    """The reader of this form. The classes between form and field pass no request on."""
    form.shown_for = request


class ReadOnlyField(UnfoldAdminReadonlyField):
    def get_admin_url(self, remote_field: Any, remote_obj: Model) -> str:
        request = getattr(self.form, "shown_for", None)
        if request is None or not may_open(request, remote_obj):
            return str(remote_obj)
        return super().get_admin_url(remote_field, remote_obj)


def may_open(request: HttpRequest, row: Model) -> bool:
    theirs = admin.site._registry.get(type(row))
    return bool(
        theirs
        and theirs.has_view_permission(request, row)
        and theirs.get_queryset(request).filter(pk=row.pk).exists()
    )


setattr(forms, "UnfoldAdminReadonlyField", ReadOnlyField)  # noqa: B010  (the name by which the theme makes them)
