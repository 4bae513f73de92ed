"""The demo's own pages: write as a customer, break Chatwoot, and hide the guide."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from webhooks.models import Source

from . import guide, simulator


class CustomerForm(forms.Form):
    channel = forms.TypedChoiceField(
        label=gettext_lazy("Channel"), coerce=int, choices=simulator.CHANNELS, widget=UnfoldAdminSelectWidget
    )
    name = forms.CharField(
        label=gettext_lazy("Your name as a customer"),
        max_length=60,
        initial="Sam Rivers",
        widget=UnfoldAdminTextInputWidget,
    )
    text = forms.CharField(
        label=gettext_lazy("Message"), max_length=4000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "Ask about a password, a refund or a delivery, in English or German. A draft is ready within seconds."
        ),
        initial="Hello, I forgot my password and the reset link does not arrive. What can I do?",
    )  # fmt: skip


def write(request: HttpRequest) -> HttpResponse:
    form = CustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            number = simulator.customer_writes(
                inbox_id=facts["channel"], name=facts["name"], text=facts["text"]
            )
        except simulator.Unreachable as error:
            form.add_error(None, str(error))
        else:
            guide.note(request, guide.WROTE)
            messages.success(
                request,
                _("%(name)s wrote: conversation %(number)s. It is in the queue within seconds.")
                % {"name": facts["name"], "number": number},
            )
            return HttpResponseRedirect(f"{reverse('demo-write')}?wrote={number}")
    return _page(
        request, "support/demo_write.html", _("Write as a customer"), form=form, address=_written(request)
    )


def _written(request: HttpRequest) -> str:
    """Where the customer of the last message reads the reply: in the simulated Chatwoot."""
    number, source = request.GET.get("wrote", ""), Source.objects.filter(slug=simulator.SLUG).first()
    return source.dashboard_url(int(number)) if source and number.isdecimal() and len(number) < 19 else ""


def breaking(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _switched(request, request.POST.get("trouble", ""))
    try:
        current, trouble = simulator.troubles(), ""
    except simulator.Unreachable as error:
        current, trouble = set(), str(error)
    choices = [
        {"name": name, "title": title, "text": text, "on": name in current}
        for name, (title, text, _said, _fault) in simulator.TROUBLES.items()
    ]
    return _page(
        request,
        "support/demo_break.html",
        _("Break Chatwoot"),
        choices=choices,
        broken=current,
        trouble=trouble,
    )


def _switched(request: HttpRequest, name: str) -> HttpResponse:
    """name: one of simulator.TROUBLES; anything else ends them all."""
    try:
        if name in simulator.TROUBLES:
            simulator.start(name)
            guide.note(request, guide.BROKE)
            messages.warning(request, str(simulator.TROUBLES[name][2]))
        else:
            simulator.end()
            guide.note(request, guide.REPAIRED)
            messages.success(request, _("Chatwoot works again. What waited is sent at its next try."))
    except simulator.Unreachable as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("demo-break"))


@require_POST
def show_guide(request: HttpRequest) -> HttpResponse:
    guide.hide(request, hidden="hide" in request.POST)
    return HttpResponseRedirect(reverse("admin:index"))


def _page(request: HttpRequest, template: str, title: str, **facts: Any) -> HttpResponse:
    request.current_app = admin.site.name
    status = 400 if getattr(facts.get("form"), "errors", None) else 200
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "title": title, **facts}, status=status
    )
