"""The form of an article: what a change may propose, as a person fills it in. Nothing is saved from here."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from webhooks.accounts import access
from webhooks.models import Inbox

from ..articles import fields
from ..models import Article
from ..models.article_languages import LANGUAGES

INPUT = {"class": "s-input", "autocomplete": "off"}


class ArticleForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200, widget=forms.TextInput(attrs=INPUT))
    question = forms.CharField(
        label=_("Question"),
        max_length=300,
        required=False,
        help_text=_("As a customer would ask it."),
        widget=forms.TextInput(attrs=INPUT),
    )
    body = forms.CharField(
        label=_("Answer"), max_length=fields.TEXTS["body"], widget=forms.Textarea(attrs=INPUT | {"rows": 14}),
        help_text=_("As it is sent to customers, without greeting and signature. Markdown."),
    )  # fmt: skip
    keywords = forms.CharField(
        label=_("Keywords"), max_length=300, required=False, help_text=_("Other words that customers use for this."),
        widget=forms.TextInput(attrs=INPUT),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Language"), choices=LANGUAGES, initial="en", widget=forms.Select(attrs=INPUT)
    )
    slug = forms.SlugField(
        label=_("Slug"), max_length=100, required=False, help_text=_("Drafts cite it. Empty: from the title."),
        widget=forms.TextInput(attrs=INPUT),
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        fields.owners(), to_field_name="username", required=False,
        label=_("Owner"), empty_label=_("Nobody"), widget=forms.Select(attrs=INPUT),
    )  # fmt: skip
    review_by = forms.DateField(
        label=_("Review by"),
        required=False,
        widget=forms.DateInput(attrs=INPUT | {"type": "date"}, format="%Y-%m-%d"),
    )
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, help_text=_("After this day nothing is drafted from it."),
        widget=forms.DateInput(attrs=INPUT | {"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    inboxes = forms.ModelMultipleChoiceField(
        Inbox.objects.none(),
        label=_("Inboxes"),
        required=False,
        help_text=_("None chosen: every inbox."),
        widget=forms.CheckboxSelectMultiple,
    )
    group = forms.SlugField(
        label=_("Translations"),
        max_length=100,
        required=False,
        help_text=_("Articles with the same word here are translations."),
        widget=forms.TextInput(attrs=INPUT),
    )
    is_policy = forms.BooleanField(
        label=_("Policy or returns"),
        required=False,
        help_text=_("Someone other than the author has to approve each change."),
    )

    def __init__(self, *args: Any, user: User, article: Article | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.article = article
        inboxes: Any = self.fields["inboxes"]
        inboxes.queryset = access.inboxes_of(user).order_by("name")
        if article:
            del self.fields["slug"]

    def proposed(self) -> dict[str, Any]:
        """The form's content as `fields.cleaned` reads it. Inboxes that this person cannot see stay as they are."""
        found = dict(self.cleaned_data)
        owner, chosen = found.pop("owner"), {inbox.pk for inbox in found.pop("inboxes")}
        found |= {
            name: day.isoformat() if (day := found[name]) else None for name in ("review_by", "valid_until")
        }
        theirs: Any = self.fields["inboxes"]
        kept = (
            self.article.inboxes.exclude(pk__in=theirs.queryset).values_list("pk", flat=True)
            if self.article
            else ()
        )
        return found | {
            "owner": owner.get_username() if owner else None,
            "inboxes": sorted(chosen | set(kept)),
        }
