"""Users, groups and the inboxes each person sees. Superusers alone; rights themselves stand in access.py."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import ManyToManyField, Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from ..models import Membership

CHECKBOXES: dict[type, object] = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}

admin.site.unregister(User)
admin.site.unregister(Group)


class MembershipInline(StackedInline):
    model = Membership
    can_delete = False
    verbose_name = verbose_name_plural = "Inboxes"
    formfield_overrides = CHECKBOXES  # type: ignore[misc, assignment]


class SuperusersOnly:
    def _superuser(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._superuser(request)


@admin.register(User)
class UserAdmin(SuperusersOnly, DjangoUserAdmin, ModelAdmin):  # type: ignore[misc]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = (MembershipInline,)
    list_display = ("username", "name", "email", "in_groups", "is_active", "last_login")
    list_filter = ("groups", "is_active", "is_superuser")
    list_fullwidth = True
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("groups", "is_active", "is_staff", "is_superuser"), "description": (
            "Groups give the rights, inboxes below say where. Without <em>staff status</em> nobody can sign in here.")}),
        ("Dates", {"fields": ("last_login", "date_joined"), "classes": ("collapse",)}),
    )  # fmt: skip
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    formfield_overrides = CHECKBOXES  # type: ignore[misc, assignment]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="Name")
    def name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @admin.display(description="Groups")
    def in_groups(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Superuser"] * user.is_superuser + names) or "none: sees nothing"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True  # everybody here works in these pages; programs get tokens instead
        super().save_model(request, obj, form, change)


@admin.register(Group)
class GroupAdmin(SuperusersOnly, DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Names alone: what a group may do is one table in the code."""

    fields = ("name",)
    list_fullwidth = True
    actions = None
    list_display = ("name", "people")
    search_fields = ()
    readonly_fields = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="People")
    def people(self, group: Group) -> int:
        return group.user_set.count()
