"""The page of model calls: figures by day, model and prompt, the day's budget, and the calls behind them."""

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.admin.lost_updates import NotOverwritten, locked_settings
from webhooks.database import clock
from webhooks.display import formats
from webhooks.templatetags.support import ago, duration

from ..drafting import model_calls, model_figures
from ..learning import drafters
from ..models import DrafterLimits, ModelCall

RANGES = (1, 7, 28)  # days


class LimitsForm(NotOverwritten):
    class Meta:
        model = DrafterLimits
        fields = ("calls_a_day", "tokens_a_day")
        labels = {
            "calls_a_day": gettext_lazy("Model calls per day"),
            "tokens_a_day": gettext_lazy("Tokens per day"),
        }
        widgets = {name: UnfoldAdminIntegerFieldWidget(attrs={"min": 0}) for name in fields}


@admin.register(ModelCall)
class ModelCallAdmin(RightsAdmin):
    see = "learning"
    nothing = gettext_lazy("No model was called yet. Set DRAFTER_URL and DRAFTER_MODEL to connect one.")
    list_display = (
        "when",
        "model",
        "prompt_version",
        "outcome",
        "took",
        "tokens_in",
        "tokens_out",
        "price",
        "draft",
    )
    fields = (
        "at", "delivery", "draft", "endpoint", "model", "prompt_version", "tokens_in", "tokens_out", "price", "took",
        "finish_reason", "outcome",
    )  # fmt: skip
    readonly_fields = ("price", "took")
    list_filter = (("outcome", ChoicesDropdownFilter),)
    list_select_related = ("draft",)
    ordering = ("-at", "-id")

    @admin.display(description=gettext_lazy("When"), ordering="at")
    def when(self, call: ModelCall) -> SafeString:
        return ago(call.at)

    @admin.display(description=gettext_lazy("Cost"), ordering="cost")
    def price(self, call: ModelCall) -> str | None:
        return None if call.cost is None else formats.dollars(call.cost)

    @admin.display(description=gettext_lazy("Took"), ordering="ms")
    def took(self, call: ModelCall) -> str:
        return duration(call.ms)

    def get_urls(self) -> list[URLPattern]:
        """The figures take the usual address of the list; the calls are below it."""
        view, rows = self.admin_site.admin_view, self.url_name("changelist")
        return [
            path("", view(self.figures_view), name=self.url_name("figures")),
            path("rows/", view(self.changelist_view), name=rows),
            path("limits/", view(require_POST(self.limits_view)), name=self.url_name("limits")),
            *[one for one in super().get_urls() if one.name != rows],
        ]

    def figures_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.see)
        return self._page(request)

    @transaction.atomic
    def limits_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "inboxes")
        form = LimitsForm(request.POST, instance=locked_settings(DrafterLimits))
        if not form.is_valid():
            return self._page(request, form=form)
        limits = form.save(commit=False)
        limits.changed_at, limits.changed_by = clock.now(), access.person(request)
        limits.save()
        said = ", ".join(
            f"{form.fields[name].label}: {'no limit' if (value := form.cleaned_data[name]) is None else value}"
            for name in LimitsForm.Meta.fields
        )
        self.log_change(request, limits, said)
        return self.back_to(request, "figures", said=_("Saved. The budget applies from the next draft."))

    def _page(self, request: HttpRequest, *, form: LimitsForm | None = None) -> HttpResponse:
        now, wanted = clock.now(), request.GET.get("days", "")
        days = int(wanted) if wanted in map(str, RANGES) else RANGES[1]
        user, limits = access.person(request), _limits()
        return self.page(
            request, "knowledge/model_calls.html", title=_("Model calls"), report=model_figures.report(days=days, now=now),
            ranges=[(count, f"{self.url('figures')}?days={count}") for count in RANGES], chosen=days, limits=limits,
            used=model_calls.used_today(now=now), used_up=model_calls.budget_used_up(now=now),
            compared=drafters.report(user, now=now),
            form=(form or LimitsForm(instance=limits)) if access.may(user, "inboxes") else None,
            limits_url=self.url("limits"), rows_url=self.url("changelist"), status=400 if form else 200,
        )  # fmt: skip


def _limits() -> DrafterLimits:
    return DrafterLimits.objects.select_related("changed_by").filter(pk=1).first() or DrafterLimits(pk=1)
