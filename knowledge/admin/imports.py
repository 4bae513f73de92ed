"""Imports: choose a source, look at the dry run, then import in the background. Nothing becomes live without approval."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.display import formats
from webhooks.models import Inbox, Source
from webhooks.templatetags.support import ago, badge

from ..imports import runs, texts
from ..models import ImportItem, ImportRun
from ..models.article_languages import LANGUAGES

Kind, Outcome = ImportRun.Kind, ImportItem.Outcome
TONES = {"READING": "PENDING", "READY": "HELD", "RUNNING": "PENDING", "FAILED": "DEAD", "CANCELLED": "plain"}
SHOWN = 100  # rows of each outcome
INPUT = {"class": "s-input", "autocomplete": "off"}
NEEDS = {
    Kind.PORTAL: ("account", "portal"), Kind.MARKDOWN: ("file",), Kind.CSV: ("file",), Kind.PAGE: ("url",),
    Kind.SAVED_REPLIES: ("account",),
}  # fmt: skip


class ImportForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("From"), choices=Kind.choices, widget=forms.Select(attrs=INPUT)
    )
    account = forms.ModelChoiceField(
        Source.objects.exclude(api_token="").order_by("slug"),
        label=gettext_lazy("Chatwoot"),
        required=False,
        empty_label=gettext_lazy("Choose one"),
        help_text=gettext_lazy("For a help centre and canned responses."),
        widget=forms.Select(attrs=INPUT),
    )
    portal = forms.CharField(
        label=gettext_lazy("Help centre"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Its slug: the word after /hc/ in its address."),
        widget=forms.TextInput(attrs=INPUT),
    )
    locale = forms.CharField(
        label=gettext_lazy("Only in"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("A locale of the help centre, such as en. Empty: all."),
        widget=forms.TextInput(attrs=INPUT),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy(
            "A zip of Markdown files with front matter, or a CSV file with title and body."
        ),
        widget=forms.ClearableFileInput(attrs={"class": "s-input", "accept": ".zip,.csv"}),
    )
    url = forms.CharField(label="URL", required=False, max_length=500, widget=forms.URLInput(attrs=INPUT))
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=LANGUAGES,
        initial="en",
        help_text=gettext_lazy("Where the source names none."),
        widget=forms.Select(attrs=INPUT),
    )
    repeat = forms.TypedChoiceField(
        label=gettext_lazy("Repeat"),
        choices=ImportRun.Repeat.choices,
        coerce=int,
        initial=0,
        help_text=gettext_lazy("Each time what is new becomes open changes."),
        widget=forms.Select(attrs=INPUT),
    )
    inboxes = forms.ModelMultipleChoiceField(
        Inbox.objects.none(),
        label=gettext_lazy("Inboxes"),
        required=False,
        help_text=gettext_lazy("For new articles. None chosen: every inbox."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inboxes: Any = self.fields["inboxes"]
        inboxes.queryset = access.inboxes_of(user).order_by("name")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name in NEEDS.get(found.get("kind", ""), ()):
            if not found.get(name):
                self.add_error(name, _("This is needed for this kind of import."))
        file = found.get("file")
        if file and file.size > runs.MOST_UPLOAD:
            self.add_error(
                "file",
                _("The file is over %(most_upload)s MiB. Import it in parts.")
                % {"most_upload": runs.MOST_UPLOAD // 2**20},
            )
        return found

    def start(self, *, by: Any, now: Any) -> ImportRun:
        found = self.cleaned_data
        kind, file = found["kind"], found["file"]
        name = {
            Kind.PORTAL: found["portal"],
            Kind.PAGE: found["url"],
            Kind.SAVED_REPLIES: "",
        }.get(kind)
        of_chatwoot = kind in (Kind.PORTAL, Kind.SAVED_REPLIES)
        return runs.start(
            kind=kind, name=file.name[:500] if name is None else name, by=by, now=now,
            account=found["account"] if of_chatwoot else None, upload=file.read() if name is None else None,
            language=found["language"], locale=found["locale"] if kind == Kind.PORTAL else "", repeat=found["repeat"],
            inboxes=found["inboxes"],
        )  # fmt: skip


@admin.register(ImportRun)
class ImportRunAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No imports yet. Bring in your Chatwoot help centre, Markdown or CSV files, or a web page."
    )
    first = gettext_lazy("Import articles")
    see = "edit_articles"
    verbs = ("begin", "cancel", "stop_repeating")
    list_display = ("what", "state", "result", "repeats", "started")
    list_display_links = ("what",)
    list_filter = ("status", "kind")
    list_select_related = ("account", "by")
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, "edit_articles")

    @admin.display(description=gettext_lazy("From"), ordering="kind")
    def what(self, run: ImportRun) -> str:
        return str(run)

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, run: ImportRun) -> SafeString:
        return badge(TONES.get(run.status, run.status), capfirst(run.get_status_display()))

    @admin.display(description=gettext_lazy("Result"))
    def result(self, run: ImportRun) -> str:
        return texts.shown(run.trouble) or summary(runs.counts(run))

    @admin.display(description=gettext_lazy("Repeats"))
    def repeats(self, run: ImportRun) -> str | None:
        return run.get_repeat_display() if run.repeat else None

    @admin.display(description=gettext_lazy("Started"), ordering="pk")
    def started(self, run: ImportRun) -> SafeString:
        return ago(run.began_at)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        self.require(request, "edit_articles")
        user = access.person(request)
        form = ImportForm(request.POST or None, request.FILES or None, user=user)
        if request.method == "POST" and form.is_valid():
            try:
                run = form.start(by=user, now=clock.now())
            except runs.CannotStart as error:
                form.add_error(None, str(error))
            else:
                return self.back_to(
                    request, "change", run.pk, said=_("The dry run has started. Nothing is changed yet.")
                )
        return self.page(
            request,
            "knowledge/import_new.html",
            title=_("Import articles"),
            form=form,
            status=400 if form.is_bound else 200,
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        run = self.find(request, object_id)
        counts, work = runs.counts(run), run.items.filter(outcome__in=runs.WORK)
        groups = [(outcome, counts[outcome], _rows(run, outcome)) for outcome in ORDER if counts[outcome]]
        answer = self.page(
            request,
            "knowledge/import_run.html",
            title=_("Import %(pk)s") % {"pk": run.pk},
            original=run,
            run=run,
            state=self.state(run),
            summary=summary(counts),
            groups=groups,
            total=work.count(),
            done=work.filter(done=True).count(),
            live=run.status in ("READING", "RUNNING"),
            waits=runs.waits_for_workers(run, now=clock.now()),
            shown=SHOWN,
            urls={verb: self.url(verb, run.pk) for verb in self.verbs},
        )
        if request.GET.get("seen", run.status) != run.status:  # it went on while the page was polling
            answer["HX-Refresh"] = "true"
        return answer

    def begin(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request, object_id, lambda run: runs.begin(run, now=clock.now()), _("The import is running.")
        )

    def cancel(self, request: HttpRequest, object_id: int) -> HttpResponse:
        said = _("Cancelled. Changes that were proposed stay open.")
        return self._verb(request, object_id, lambda run: runs.cancel(run, now=clock.now()), said)

    def stop_repeating(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(request, object_id, runs.stop_repeating, _("It is not imported again by itself."))

    def _verb(self, request: HttpRequest, object_id: int, verb: Any, said: str) -> HttpResponse:
        self.require(request, "edit_articles")
        run = self.find(request, object_id)
        try:
            verb(run)
        except runs.CannotStart as error:
            return self.back_to(request, "change", run.pk, trouble=str(error))
        return self.back_to(request, "change", run.pk, said=said)


ORDER = (Outcome.ERROR, Outcome.NEW, Outcome.CHANGED, Outcome.GONE, Outcome.UNCHANGED)


def _rows(run: ImportRun, outcome: str) -> list[ImportItem]:
    return list(run.items.filter(outcome=outcome).select_related("change").order_by("pk")[:SHOWN])


def summary(counts: dict[str, int]) -> str:
    names = {
        Outcome.NEW: _("%(n)s new"),
        Outcome.CHANGED: _("%(n)s changed"),
        Outcome.UNCHANGED: _("%(n)s unchanged"),
        Outcome.GONE: _("%(n)s gone"),
    }
    parts = [name % {"n": formats.number(counts[outcome])} for outcome, name in names.items()]
    if errors := counts[Outcome.ERROR]:
        parts.append(ngettext("%(n)s error", "%(n)s errors", errors) % {"n": formats.number(errors)})
    return ", ".join(parts)
