"""Customers' questions that lead to an article: on its page, and on the page of a change that adds some."""

from typing import Any

from django import template

from webhooks.accounts import access

from ..models import Article, Change, Question
from ..models.question import QuestionQuerySet
from ..search import asked

register = template.Library()


@register.inclusion_tag("knowledge/questions_of_article.html", takes_context=True)
def questions_of_article(context: template.Context, article: Article) -> dict[str, Any]:
    confirmed = Question.objects.confirmed().filter(article=article)
    user = access.person(context["request"])
    return {
        "article": article, "questions": _seen(context, confirmed), "may_remove": access.may(user, "edit_articles"),
        "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.inclusion_tag("knowledge/questions_of_change.html", takes_context=True)
def questions_of_change(context: template.Context, change: Change) -> dict[str, Any]:
    return {"questions": _seen(context, Question.objects.filter(change=change)), "change": change}


def _seen(context: template.Context, rows: QuestionQuerySet) -> QuestionQuerySet:
    """Newest first, of the inboxes that this person sees."""
    seen = rows.visible_to(access.person(context["request"])).order_by("-at", "-pk")
    return seen.select_related("conversation__inbox", "conversation__contact", "confirmed_by")[: asked.MOST]
