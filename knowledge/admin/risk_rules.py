"""Risk rules: Managers edit, everyone who answers can look. A rule's page shows only the fields that its kind reads."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from webhooks.accounts import access
from webhooks.admin.base import VersionedAdmin
from webhooks.admin.policy_form import Listed
from webhooks.database import clock
from webhooks.templatetags.support import badge, percent

from ..models import Draft, RiskRule, risk_kinds
from ..risk import loosening

LOOKED_AT = 100
WORDS_SHOWN = 4
STARS = gettext_lazy(
    "Separate them with commas or put each on its own line. * at an end matches any letters: refund*, *anwalt*."
)
HINTS = {
    "refund": format_lazy("{} {}", STARS, gettext_lazy("Leave empty to check every amount.")),
    "words": STARS,
    "label": gettext_lazy("As they are named in Chatwoot."),
    "link": gettext_lazy(
        "acme.example also matches www.acme.example and its other subdomains. Leave empty to flag every link."
    ),
    "template": gettext_lazy(
        "A placeholder was not filled in, or a customer injects template code. It is always sent as plain text."
    ),
    "personal": gettext_lazy(
        "Flags email addresses and telephone, card and account numbers that appear neither in the conversation's public "
        "messages nor in the cited articles. Allowed: whole addresses or numbers, or a domain such as @acme.example."
    ),
    "recipients": gettext_lazy(
        "Flags recipients of an email reply who have not written in the conversation and share no domain with "
        "somebody who has, or with the inbox. Known: whole addresses, or domains such as acme.example."
    ),
    "support": gettext_lazy(
        "Flags numbers, amounts, links, addresses and days of a machine's draft that neither a cited article nor the "
        "conversation states."
    ),
    "language": gettext_lazy("Flags a machine's draft that is not in the customer's language."),
    "injection": format_lazy(
        "{} {}",
        gettext_lazy("Looks in the customer's text for common attempts, and for these phrases."),
        STARS,
    ),
}
NUMBERS = {
    "refund": gettext_lazy("In any currency. English and German number formats are recognised."),
    "confidence": gettext_lazy("0.4 flags drafts with a confidence below 40 %. Drafts without a confidence are not flagged."),
}  # fmt: skip


class Phrases(Listed):
    def to_python(self, value: Any) -> Any:
        parts = (part.strip() for part in str(value or "").replace("\n", ",").split(","))
        return list(dict.fromkeys(part for part in parts if part))

    def as_value(self, text: str) -> str:
        return text


IN_WORDS = (
    "looks_for_all",
    "asks_for",
    "state",
)  # for those who may not change a rule, also of an old version


class RiskRuleForm(forms.ModelForm):
    words = Phrases(
        label=gettext_lazy("Words"),
        required=False, help_text=STARS, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4})
    )  # fmt: skip

    class Meta:
        model = RiskRule
        fields = ("name", "kind", "active", "second_person", "number", "words", "where")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = risk_kinds.KINDS.get(self.instance.kind)
        if kind is None:
            needs = _(
                "Money needs an amount; confidence needs a share from 0 to 1; words and labels need a list."
            )
            self.fields["kind"].help_text = needs
            return
        if self.instance.number is not None and self.instance.number.is_integer():
            self.initial["number"] = int(self.instance.number)
        for name, label, hints in (("words", kind.words_are, HINTS), ("number", kind.number_is, NUMBERS)):
            if name in self.fields and label:
                self.fields[name].label = str(label)
                self.fields[name].help_text = hints[self.instance.kind]


@admin.register(RiskRule)
class RiskRuleAdmin(VersionedAdmin):
    nothing = gettext_lazy("No risk rules yet. Add one to flag replies for a closer look.")
    see = "drafts"
    edit = "risk_rules"
    form = RiskRuleForm
    list_display = ("name", "looks_for", "asks_for", "state", "flagged", "version")
    history_list_display = ["version"]
    ordering = ("pk",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [
                (None, {"fields": ("name", "kind", "number", "words", "where", "second_person", "active")})
            ]
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": ("name", *IN_WORDS)})]
        kind = risk_kinds.KINDS[obj.kind]
        own = [name for name, read in (("number", kind.number_is), ("words", kind.words_are)) if read]
        where = ["where"] if obj.kind == "words" else []
        about = {} if own else {"description": HINTS[obj.kind]}
        return [(None, {"fields": ("name", "kind", *own, *where, "second_person", "active"), **about})]

    def get_readonly_fields(self, request: HttpRequest, obj: RiskRule | None = None) -> tuple[str, ...]:
        return ("kind", *IN_WORDS) if obj else ()

    def get_queryset(self, request: HttpRequest) -> Any:
        newest = Draft.objects.order_by("-pk").values_list("risk", flat=True)[:LOOKED_AT]
        self.counted = Counter(name for flags in newest for name in {flag.get("rule") for flag in flags})
        return super().get_queryset(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        before = RiskRule.objects.filter(pk=obj.pk).first() if change else None
        obj.version += int(change)
        super().save_model(request, obj, form, change)
        loosening.notify(before, obj, by=access.person(request), now=clock.now())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        loosening.notify(obj, None, by=access.person(request), now=clock.now())
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for rule in queryset:
            self.delete_model(request, rule)

    @admin.display(description=gettext_lazy("Looks for"))
    def looks_for(self, rule: RiskRule) -> str:
        return _looks_for(rule, WORDS_SHOWN)

    @admin.display(description=gettext_lazy("Looks for"))
    def looks_for_all(self, rule: RiskRule) -> str:
        return _looks_for(rule, len(rule.words))

    @admin.display(description=gettext_lazy("Then"))
    def asks_for(self, rule: RiskRule) -> SafeString:
        return (
            badge("SECOND_LOOK", _("A second person")) if rule.second_person else SafeString(_("Flag only"))
        )

    @admin.display(description=gettext_lazy("Status"), ordering="active")
    def state(self, rule: RiskRule) -> SafeString:
        return badge("DONE", _("On")) if rule.active else badge("CANCELLED", _("Off"))

    @admin.display(description=format_lazy(gettext_lazy("Of the last {n} drafts"), n=LOOKED_AT))
    def flagged(self, rule: RiskRule) -> str:
        count = self.counted.get(rule.name, 0)
        return _("flags %(count)s") % {"count": count} if count else _("none")


def _looks_for(rule: RiskRule, most: int) -> str:
    kind, words = risk_kinds.KINDS[rule.kind], rule.words
    said, has_number = str(kind.label), rule.number is not None and bool(kind.number_is)
    if rule.number is not None and has_number:
        said += f": {percent(rule.number) if rule.kind == 'confidence' else _amount(rule.number)}"
    if not words:
        return said
    shown = ", ".join(words[:most])
    if len(words) > most:
        shown = _("%(words)s and %(n)s more") % {"words": shown, "n": len(words) - most}
    return f"{said}{'; ' if has_number else ': '}{shown}"


def _amount(value: float) -> str:
    """1,250 or 12.50, as the language writes numbers."""
    return number_format(value, decimal_pos=0 if value == round(value, 0) else 2, force_grouping=True)
