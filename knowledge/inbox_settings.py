"""The settings that apply to an inbox: its row, or the defaults."""

from webhooks.models import Inbox

from .models import DeskInbox


def of(inbox_id: int | None) -> DeskInbox:
    found = DeskInbox.objects.filter(pk=inbox_id).first() if inbox_id else None
    return found or DeskInbox(pk=inbox_id)


def greeting_and_signature(inbox_id: int | None) -> list[str]:
    """The inbox's own greeting and signature, which a comparison of two replies ignores."""
    row = of(inbox_id)
    return [text for text in (row.greeting, row.signature) if text.strip()]


def keep(inbox: Inbox, **settings: object) -> DeskInbox:
    """Change some of an inbox's settings; the others stay."""
    row, _ = DeskInbox.objects.update_or_create(inbox=inbox, defaults=settings)
    return row
