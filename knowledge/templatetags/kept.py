"""Template filters of what is kept in English: a page shows it in its own language."""

from django import template

from webhooks.display import recorded

from ..articles import change_notes
from ..drafting import drafting_texts
from ..imports import texts as import_texts
from ..models import DraftEvent, draft_texts
from ..risk import flag_texts

register = template.Library()


@register.filter
def import_text(text: str | None) -> str:
    """Why something was not imported."""
    return import_texts.shown(text or "")


@register.filter
def import_place(title: str) -> str:
    """An article's title. One that cannot be read has none, and is called by its place."""
    return import_texts.PLACES.shown(title)


@register.filter
def change_note(note: str | None) -> str:
    """Why a change was proposed, or how it ended."""
    return change_notes.shown(note or "")


@register.filter
def drafting_text(text: str | None) -> str:
    """Why there is no draft or not the model's, and what is noted beside one."""
    return drafting_texts.shown(draft_texts.shown(text or ""))


@register.filter
def event_detail(event: DraftEvent) -> str:
    """Of a draft's history. A first look keeps the reasons of its flags."""
    if event.action == "first look":
        return flag_texts.shown_together(event.detail)
    said = drafting_text(event.detail)
    is_own = event.by_id is None and bool(event.detail)  # not a person's words
    return recorded.shown(event.detail) if is_own and said == event.detail else said
