"""What a Lead decides on Mondays, as this person sees it: open changes and gaps that nobody writes about yet."""

from django.contrib.auth.models import User
from django.db.models import QuerySet

from ..models import Article, Change, Gap


def open_changes(user: User) -> QuerySet[Change]:
    """The most customers first. Imports and people's own edits rest on no customers, and come last."""
    theirs = Article.objects.visible_to(user)
    found = Change.objects.filter(status=Change.Status.OPEN, article__in=theirs)
    return found.select_related("article__current", "made_by").order_by("-customers", "pk")


def open_gaps(user: User) -> QuerySet[Gap]:
    """The most customers first."""
    return Gap.objects.open().visible_to(user).unwritten(user).by_customers().select_related("dismissed_by")
