"""Articles: what replies are drafted from, and their versions. Only an approved change writes one (articles/changes.py)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webhooks.accounts.access import inboxes_of, sees_every_inbox
from webhooks.models import Inbox

from .article_languages import LANGUAGES
from .search_state import SearchState

if TYPE_CHECKING:
    from .change import Change


class ArticleQuerySet(models.QuerySet["Article"]):
    def update(self, **kwargs: Any) -> int:
        SearchState.objects.move()
        return super().update(**kwargs)

    def live(self) -> "ArticleQuerySet":
        return self.filter(status="LIVE").select_related("current")

    def with_texts(self) -> "ArticleQuerySet":
        """Everything that a list shows, in three queries."""
        changes: Any = self.model._meta.get_field("changes").related_model
        proposals = changes.objects.filter(article__status="DRAFT").order_by("-pk")
        return self.select_related("current", "owner").prefetch_related(
            "inboxes", models.Prefetch("changes", proposals, to_attr="proposals")
        )

    def draftable(self, *, now: datetime, inbox_id: int | None = None) -> "ArticleQuerySet":
        """Live, not expired, and for this inbox (an Inbox's key; None: for any)."""
        today = timezone.localtime(now).date()
        found = self.live().filter(Q(valid_until=None) | Q(valid_until__gte=today))
        if inbox_id is None:
            return found
        return found.filter(Q(inboxes=None) | Q(inboxes=inbox_id)).distinct()

    def visible_to(self, user: User) -> "ArticleQuerySet":
        """Articles of this person's inboxes, and those that are for every inbox."""
        if sees_every_inbox(user):
            return self
        theirs = Article.inboxes.through.objects.filter(inbox__in=inboxes_of(user))
        return self.filter(Q(inboxes=None) | Q(pk__in=theirs.values("article"))).distinct()


class Article(models.Model):
    """One answer. Its texts are those of its newest version; `slug` is what drafts cite."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("not published yet")
        LIVE = "LIVE", _("live")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")

    slug = models.SlugField(max_length=100, unique=True)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="en")
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.DRAFT)
    current = models.OneToOneField(
        "ArticleVersion", models.RESTRICT, null=True, related_name="+", help_text="The newest version"
    )
    version = models.PositiveIntegerField(default=0, help_text="Its number; 0 before the first approval")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    review_by = models.DateField(null=True, help_text="When its owner should read it again")
    valid_until = models.DateField(null=True, help_text="After this day nothing is drafted from it")
    inboxes = models.ManyToManyField(Inbox, blank=True, related_name="+", help_text="Empty: every inbox")
    group = models.SlugField(max_length=100, blank=True, help_text="Translations share it")
    is_policy = models.BooleanField(
        _("is policy"), default=False, help_text="Policies and returns: a second person approves"
    )
    source = models.CharField(max_length=150, blank=True, help_text="Where it was imported from")
    external_ref = models.CharField(max_length=500, blank=True, help_text="Its name there")
    source_hash = models.CharField(max_length=64, blank=True, help_text="Of the text as last imported")
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            # A version is always approved by a person (its columns are never empty), so live means approved.
            models.CheckConstraint(
                condition=Q(status="DRAFT", current=None, version=0)
                | (Q(status__in=["LIVE", "WITHDRAWN"], current__isnull=False) & Q(version__gt=0)),
                name="live_has_an_approved_version",
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _ in LANGUAGES]), name="article_language_is_known"
            ),
            # An import finds its article again.
            models.UniqueConstraint(
                fields=["source", "external_ref"],
                condition=~Q(source=""),
                name="one_article_a_source_and_ref",
            ),
        ]
        indexes = [
            # Search and drafting read all live articles.
            models.Index(fields=["status", "language"], name="article_live"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        SearchState.objects.move()
        super().save(*args, **kwargs)

    @property
    def _texts(self) -> "ArticleVersion | Change | None":
        """The newest version; before the first approval, the newest proposal."""
        if self.current:
            return self.current
        if not hasattr(self, "proposals"):
            self.proposals = list(self.changes.order_by("-pk")[:1]) if self.pk else []
        return self.proposals[0] if self.proposals else None

    def _text(self, name: str) -> str:
        texts = self._texts
        if texts is None:
            return ""
        return str(
            getattr(texts, name) if isinstance(texts, ArticleVersion) else texts.proposed.get(name) or ""
        )

    @property
    def title(self) -> str:
        return self._text("title") or self.slug

    @property
    def question(self) -> str:
        return self._text("question")

    @property
    def body(self) -> str:
        return self._text("body")

    @property
    def keywords(self) -> str:
        return self._text("keywords")

    def is_expired(self, *, now: datetime) -> bool:
        return self.valid_until is not None and self.valid_until < timezone.localtime(now).date()

    def review_is_due(self, *, now: datetime) -> bool:
        return self.review_by is not None and self.review_by <= timezone.localtime(now).date()


class VersionQuerySet(models.QuerySet["ArticleVersion"]):
    def update(self, **kwargs: Any) -> int:
        raise ValueError(UNCHANGEABLE)


UNCHANGEABLE = "A version is never changed: propose a change instead."


class ArticleVersion(models.Model):
    """A text that a person approved. Never changed: drafts cite it by number."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    question = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    keywords = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    change = models.OneToOneField("Change", models.RESTRICT, related_name="became")

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("article version")
        verbose_name_plural = _("article versions")
        constraints = [
            # Two approvals from the same base would both write this number.
            models.UniqueConstraint(fields=["article", "number"], name="one_version_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValueError(UNCHANGEABLE)
        super().save(*args, **kwargs)
