"""Articles and the search over the live ones, for programs at /api/v1/articles/. Writing makes a change; see changes.py."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks.accounts import access
from webhooks.api.conventions import refuse_unknown
from webhooks.api.described import Described, rows_of
from webhooks.database import clock
from webhooks.models import Inbox

from ..articles import changes, fields
from ..models import Article, Change
from ..models.article_languages import LANGUAGES
from ..search import search
from .knowledge_changes import SEARCH, refusing

MOST_HITS = 50
SAYS = ("approve", "version", "base_version", "note", "reason", "merge")


class ArticleSerializer(serializers.ModelSerializer):
    title = serializers.CharField(read_only=True)
    question = serializers.CharField(read_only=True)
    body = serializers.CharField(read_only=True)
    keywords = serializers.CharField(read_only=True)
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True, read_only=True)
    inboxes = serializers.SerializerMethodField(help_text="Chatwoot's numbers; empty: every inbox")

    class Meta:
        model = Article
        fields = [
            "id", "slug", "title", "question", "body", "keywords", "language", "status", "version", "owner", "review_by",
            "valid_until", "inboxes", "group", "is_policy", "updated_at",
        ]  # fmt: skip

    def get_inboxes(self, article: Article) -> list[int]:
        return sorted(inbox.inbox_id for inbox in article.inboxes.all())


class PartsSerializer(serializers.Serializer):
    meaning = serializers.FloatField(allow_null=True, help_text="Cosine; null if search goes by words alone")
    words = serializers.FloatField(help_text="BM25")
    cover = serializers.FloatField(
        help_text="Share of the question's words, by how rare they are, from 0 to 1"
    )
    other_language = serializers.BooleanField()


class ArticleHitSerializer(ArticleSerializer):
    score = serializers.FloatField()
    confidence = serializers.FloatField(help_text="How probable it is that the article answers, from 0 to 1")
    parts = PartsSerializer()

    class Meta(ArticleSerializer.Meta):
        fields = [*ArticleSerializer.Meta.fields, "score", "confidence", "parts"]


class ArticleEdit(serializers.Serializer):
    """`approve`: publish at once, for Leads and Managers. `base_version` (or `version`): what you read; 409 if it changed."""

    title = serializers.CharField(max_length=200, required=False)
    question = serializers.CharField(max_length=300, required=False, allow_blank=True)
    body = serializers.CharField(max_length=100_000, required=False)
    keywords = serializers.CharField(max_length=300, required=False, allow_blank=True)
    language = serializers.ChoiceField(LANGUAGES, required=False)
    owner = serializers.CharField(required=False, allow_null=True, help_text="A user name")
    review_by = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    inboxes = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=500
    )
    group = serializers.CharField(max_length=100, required=False, allow_blank=True)
    is_policy = serializers.BooleanField(required=False)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text="Why")
    approve = serializers.BooleanField(required=False)
    version = serializers.IntegerField(min_value=0, required=False)
    base_version = serializers.IntegerField(min_value=0, required=False)
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="With `approve`: why, if a probe is lost"
    )
    merge = serializers.IntegerField(
        min_value=1,
        required=False,
        help_text="Id of an article that becomes part of this one and is withdrawn",
    )


class ArticleProposal(ArticleEdit):
    title = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=100_000)
    slug = serializers.CharField(max_length=100, required=False, help_text="Default: from the title")


MADE = inline_serializer(
    "ChangeMade",
    {
        "change": serializers.IntegerField(),
        "status": serializers.ChoiceField(Change.Status.choices),
        "article": serializers.IntegerField(),
        "version": serializers.IntegerField(help_text="Of the article now"),
    },
)
WRITE_CONFLICTS = (
    "version_changed",
    "second_person_required",
    "slug_taken",
    "unchanged",
    "merge_invalid",
    *SEARCH,
)


class ArticleViewSet(Described, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    permission_classes = [access.has_right("articles")]
    serializer_class = ArticleSerializer
    queryset = Article.objects.all()
    http_method_names = ["get", "post", "patch", "head", "options"]
    proposes = ("create", "partial_update")
    params = {
        "search": (
            OpenApiParameter("q", required=True, description="The question"),
            OpenApiParameter("language", description="Its language, such as de. Default: it is detected"),
            OpenApiParameter("limit", int, description=f"How many articles, up to {MOST_HITS}. Default: 10"),
        )
    }
    conflicts = {"create": WRITE_CONFLICTS, "partial_update": WRITE_CONFLICTS}
    refusals = {"create": ("reason_required",), "partial_update": ("reason_required",)}

    def get_queryset(self) -> Any:
        return Article.objects.visible_to(access.person(self.request)).with_texts()

    @extend_schema(request=ArticleProposal, responses={200: MADE, 202: MADE})
    def create(self, request: Request) -> Response:
        """Propose an article. 202: an open change. 200: published, with `approve` by a Lead or Manager."""
        given = _given(request, {"slug"})
        given.setdefault("slug", fields.slug_from(str(given.get("title") or "")))
        return _made(request, None, given, kind=Change.Kind.NEW)

    @extend_schema(request=ArticleEdit, responses={200: MADE, 202: MADE})
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Propose an edit, or with `merge` that two articles become one.

        202: an open change. 200: published, with `approve` by a Lead or Manager.
        """
        article = self.get_object()
        kind = Change.Kind.EDIT if article.version else Change.Kind.NEW
        return _made(request, article, _given(request, set()), kind=kind)

    @extend_schema(responses=rows_of(ArticleHitSerializer))
    @action(detail=False, pagination_class=None)
    def search(self, request: Request) -> Response:
        query = request.query_params.get("q", "").strip()
        if not query:
            raise ValidationError({"q": "Give a search text: ?q=refund"})
        user, limit = access.person(request), _limit(request.query_params.get("limit", "10"))
        inboxes = (
            None
            if access.sees_every_inbox(user)
            else list(access.inboxes_of(user).values_list("pk", flat=True))
        )
        language = request.query_params.get("language", "").strip()
        answers = search.search(query, limit=limit, language=language, inboxes=inboxes).answers
        rows = search.rows_of(answers)
        found = [
            ArticleSerializer(rows[one.live.pk]).data | _scores(one) for one in answers if one.live.pk in rows
        ]
        return Response({"next": None, "results": found})


def _scores(answer: search.Answer) -> dict[str, Any]:
    return {
        "score": round(answer.hit.score, 4),
        "confidence": round(answer.confidence, 4),
        "parts": answer.parts,
    }


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_HITS:
        raise ValidationError({"limit": f"Give a number from 1 to {MOST_HITS}"})
    return int(text)


def _given(request: Request, more: set[str]) -> dict[str, Any]:
    """The body's fields as they came: types are not converted, so that a number is not taken for a text."""
    if not isinstance(request.data, Mapping):
        raise ValidationError("Send a JSON object.")
    given = dict(request.data)
    refuse_unknown(given, {*fields.NAMES, *SAYS, *more})
    return given


def _made(request: Request, article: Article | None, given: dict[str, Any], *, kind: str) -> Response:
    user, service = access.person(request), access.is_service(request)
    said = {name: given.pop(name) for name in SAYS if name in given}
    approve, base, note = _said(said)
    more: dict[str, Any] = {}
    if approve and service:
        raise PermissionDenied(
            "Service tokens can propose articles. Only people can publish.", "service_token"
        )
    if approve:
        more["reason"] = _text("reason", said)
    if "merge" in said:
        kind, more["merges"] = Change.Kind.MERGE, _other(article, said["merge"], user)
    if "inboxes" in given:
        given["inboxes"] = _inbox_keys(given["inboxes"], user) + _unseen(article, user)
    verb: Any = changes.publish if approve else changes.propose
    with refusing():
        change = verb(
            article, given, kind=kind, by=user, now=clock.now(), base_version=base, note=note,
            origin=Change.Origin.SERVICE if service else Change.Origin.PERSON, **more,
        )  # fmt: skip
    version = Article.objects.values_list("version", flat=True).get(pk=change.article_id)
    answer = {"change": change.pk, "status": change.status, "article": change.article_id, "version": version}
    return Response(answer, status=200 if change.status == Change.Status.APPROVED else 202)


def _said(said: dict[str, Any]) -> tuple[bool, int | None, str]:
    """(approve, base_version, note), with their types checked."""
    approve = said.get("approve", False)
    if not isinstance(approve, bool):
        raise ValidationError({"approve": "This must be true or false."})
    named = [said[name] for name in ("base_version", "version") if name in said]
    if any(type(number) is not int or number < 0 for number in named):
        raise ValidationError({"base_version": "This must be the number of a version."})
    if len(set(named)) > 1:
        raise ValidationError({"base_version": "version and base_version name different versions. Give one."})
    return approve, named[0] if named else None, _text("note", said)


def _text(name: str, said: dict[str, Any]) -> str:
    text = said.get(name, "")
    if not isinstance(text, str) or len(text) > 500 or "\0" in text:
        raise ValidationError({name: "This must be a text of at most 500 characters."})
    return text


def _other(article: Article | None, key: Any, user: Any) -> Article:
    """The article that is merged into this one."""
    if article is None:
        raise ValidationError({"merge": "Only an article that exists can take in another one: use PATCH."})
    found = (
        Article.objects.visible_to(user).filter(pk=key).first()
        if type(key) is int and 0 < key < 2**63
        else None
    )
    if found is None:
        raise ValidationError({"merge": "There is no such article."})
    return found


def _unseen(article: Article | None, user: Any) -> list[int]:
    """Inboxes of the article that the user does not see, and therefore does not remove."""
    kept = article.inboxes.exclude(pk__in=access.inboxes_of(user)) if article else Inbox.objects.none()
    return list(kept.values_list("pk", flat=True))


def _inbox_keys(numbers: Any, user: Any) -> list[int]:
    """Chatwoot's numbers of inboxes that the user sees → our keys."""
    if not isinstance(numbers, list) or not all(type(n) is int and 0 < n < 2**63 for n in numbers):
        raise ValidationError({"inboxes": "This must be a list of Chatwoot's inbox numbers."})
    keys: list[int] = []
    for number in dict.fromkeys(numbers):
        found = list(
            access.inboxes_of(user).filter(inbox_id=number).distinct().values_list("pk", flat=True)[:2]
        )
        if len(found) != 1:
            why = "is in several sources: set it on the article's page." if found else "does not exist."
            raise ValidationError({"inboxes": f"Inbox {number} {why}"})
        keys += found
    return keys
