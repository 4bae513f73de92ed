"""Users, groups and the inboxes each person sees. For superusers only; the rights themselves are in access.py."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise, lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import StackedInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from ..accounts import invitations, roles, second_factor
from ..models import Inbox, Membership
from ..templatetags.support import ago
from .invitations import invite, link_to_show, sent_back
from .lost_updates import SEEN, GuardedForms, NotOverwritten, SeenField

CHECKBOXES: dict[type, object] = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}


admin.site.unregister(User)
admin.site.unregister(Group)
# A schedule can name any function by its path: a person who may edit one can run code on the workers' machine.
for queues in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(queues):  # OrmQ is not, where the queue is Redis
        admin.site.unregister(queues)


class MembershipForm(NotOverwritten):
    seen_values = SeenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not Inbox.objects.exists():
            self.fields["inboxes"].help_text = _(
                "None yet: each inbox is listed after its first event. Choose all inboxes, or come back then."
            )


class MembershipInline(StackedInline):
    model = Membership
    form = MembershipForm
    fields = ("all_inboxes", "inboxes", SEEN)
    can_delete = False
    hide_title = True  # one row per person: a number beside it would count to 1
    verbose_name = verbose_name_plural = gettext_lazy("Inboxes")
    formfield_overrides = CHECKBOXES  # type: ignore[misc, assignment]


class AddPersonForm(UserCreationForm):
    """email: where the invitation goes. Without one, or without mail, the link is shown to copy."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        how: Any = self.fields["usable_password"]
        how.label, how.initial = _("Password"), "false"
        how.help_text = _(
            "An invited person receives a link that works once. Without email, you copy the link."
        )
        how.choices = how.widget.choices = [
            ("false", _("They choose it: send an invitation")),
            ("true", _("Set it now")),
        ]


def _roles() -> dict[str, Any]:
    return {"roles": roles.table(), "columns": roles.COLUMNS}


def _roles_table(text: str | Promise = "") -> SafeString:
    return render_to_string("webhooks/roles_inline.html", _roles() | {"text": text})


roles_table = lazy(_roles_table, str)


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
class UserAdmin(SuperusersOnly, DjangoUserAdmin, GuardedForms):  # type: ignore[misc]
    form = UserChangeForm
    add_form = AddPersonForm
    change_password_form = AdminPasswordChangeForm
    inlines = (MembershipInline,)
    list_display = ("username", "name", "email", "in_groups", "is_active", "signed_in")
    list_filter = ("groups", "is_active", "is_superuser")
    list_fullwidth = True
    actions = None
    change_form_outer_after_template = "webhooks/user_extras.html"  # type: ignore[assignment]
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Rights"), {"fields": ("groups", "is_active", "is_staff", "is_superuser"), "description": roles_table(
            gettext_lazy("Groups give rights, the inboxes below say where. Without staff status a user cannot sign in here."))}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined"), "classes": ("collapse",)}),
    )  # fmt: skip
    add_fieldsets = (  # type: ignore[assignment]
        (gettext_lazy("Person"), {"fields": ("username", "first_name", "last_name", "email")}),
        (gettext_lazy("Role"), {"fields": ("groups",), "description": roles_table()}),
        (gettext_lazy("How they sign in"), {"fields": ("usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    formfield_overrides = CHECKBOXES  # type: ignore[misc, assignment]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody is deleted: what they decided keeps its name. Without the tick at Active they cannot sign in any more.

        Django's page would also list all that stands in the way, which takes minutes for somebody who decided a year of drafts.
        """
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=gettext_lazy("Name"))
    def name(self, user: User) -> str | None:
        return user.get_full_name() or None

    @admin.display(description=gettext_lazy("Groups"))
    def in_groups(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        without = _("none: sees nothing") if user.is_staff else _("none: for programs, cannot sign in")
        return ", ".join([_("Superuser")] * user.is_superuser + names) or without

    @admin.display(description=gettext_lazy("Last sign-in"), ordering="last_login")
    def signed_in(self, user: User) -> SafeString:
        return ago(user.last_login, _("never"))

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"<int:user_id>/{verb.replace('_', '-')}/", self.admin_site.admin_view(require_POST(getattr(self, verb))),
                 name=f"auth_user_{verb}")
            for verb in ("remove_second_factor", "invite")
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        user = self.get_object(request, object_id) if self.has_view_permission(request) else None
        more: dict[str, Any] = {}
        if user and second_factor.is_on(user):
            more["factor_url"] = reverse("admin:auth_user_remove_second_factor", args=[user.pk])
        if user and user.is_staff and user.is_active:
            more |= {
                "invitation_url": reverse("admin:auth_user_invite", args=[user.pk]),
                "invitation_link": link_to_show(request, user), "has_password": user.has_usable_password(),
                "mail_is_set_up": invitations.mail_is_set_up(),
            }  # fmt: skip
        return super().change_view(request, object_id, form_url, (extra_context or {}) | more)

    def remove_second_factor(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """For people who have lost their app and recovery codes."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(User, pk=user_id)
        second_factor.remove(user)
        self.log_change(request, user, "Removed the second factor")
        messages.success(
            request, _("Removed: %(user)s can sign in with the password alone.") % {"user": user}
        )
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[user.pk]))

    def invite(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Also for those who forgot their password."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(User, pk=user_id, is_staff=True, is_active=True)
        invite(request, user)
        self.log_change(request, user, "Invited")
        return sent_back(user)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        if obj.has_usable_password():
            return super().response_add(request, obj, post_url_continue)
        invite(request, obj)
        return sent_back(obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True  # people who are added here use these pages; programs get tokens instead
        super().save_model(request, obj, form, change)


@admin.register(Group)
class GroupAdmin(SuperusersOnly, DjangoGroupAdmin, GuardedForms):  # type: ignore[misc]
    """Only the names: what a group may do is one table in the code (access.RIGHTS), shown below."""

    nothing = gettext_lazy(
        "Groups give people their rights: run manage.py seed for Agent, Lead, Manager and Operator."
    )
    fields = ("name",)
    list_fullwidth = True
    actions = None
    list_display = ("name", "people")
    search_fields = ()
    readonly_fields = ("name",)
    list_after_template = change_form_outer_after_template = "webhooks/roles_panel.html"  # type: ignore[assignment]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        return super().changelist_view(request, (extra_context or {}) | _roles())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        group = self.get_object(request, object_id) if self.has_view_permission(request) else None
        facts = _roles() | {"only": group.name if group else ""}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | facts)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("People"))
    def people(self, group: Group) -> int:
        return group.user_set.count()
