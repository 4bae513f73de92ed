"""A person's own Notifications page: what to be notified of, by email or chat, and how often. Also a test message."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ..accounts import access
from ..errors import DeliveryError
from ..models import Profile, notice_kinds
from ..notices import notices, preferences
from ..outbound import slack

TEST = "Test message from the support site: your notifications will appear here."


def show(
    model_admin: Any, request: HttpRequest, *, trouble: str = "", typed: dict[str, Any] | None = None
) -> HttpResponse:
    user = access.person(request)
    profile = preferences.of(user)
    return model_admin.page(
        request, "webhooks/notifications.html", title=_("Notifications"), person=user, rows=list(_rows(profile, typed)),
        channels=notice_kinds.CHANNELS, quiet=typed["quiet"] if typed else profile.quiet_minutes,
        choices=preferences.QUIET_MINUTES, chat_host=urlsplit(profile.chat_url).hostname if profile.chat_url else "",
        trouble=trouble, recent=notices.recent(user), save_url=model_admin.url("notifications"),
        test_url=model_admin.url("notifications_test"), status=400 if trouble else 200,
    )  # fmt: skip


def _rows(profile: Profile, typed: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    for name, kind in notice_kinds.KINDS.items():
        boxes = []
        for channel, label in notice_kinds.CHANNELS.items():
            pair = (name, channel)
            on = pair in typed["on"] if typed else preferences.is_on(profile, *pair)
            boxes.append({"name": f"{name}:{channel}", "label": f"{kind.name}: {label}", "on": on})
        yield {"kind": kind, "boxes": boxes}


def save(model_admin: Any, request: HttpRequest) -> HttpResponse:
    sent, user = request.POST, access.person(request)
    pairs = [(kind, channel) for kind in notice_kinds.KINDS for channel in notice_kinds.CHANNELS]
    on = [pair for pair in pairs if sent.get(":".join(pair))]
    quiet = sent.get("quiet", "")
    typed: dict[str, Any] = {
        "on": on,
        "quiet": int(quiet) if quiet in map(str, preferences.QUIET_MINUTES) else 10,
    }
    try:
        url = _chat_url(sent.get("chat_url", "").strip(), stop=bool(sent.get("stop_chat")))
    except ValidationError as error:
        return show(model_admin, request, trouble=error.messages[0], typed=typed)
    preferences.choose(user, on=on, quiet_minutes=typed["quiet"], chat_url=url)
    return model_admin.back_to(request, "notifications", said=_("Saved."))


def _chat_url(url: str, *, stop: bool) -> str | None:
    """None: as before. Raises ValidationError."""
    if not url:
        return "" if stop else None
    try:
        slack.target(url)
    except DeliveryError as error:
        raise ValidationError(
            _("No message can be sent to this URL: %(error)s") % {"error": error}
        ) from error
    return url


def test(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Sends a message to the stored chat at once, so that the person sees whether it works."""
    profile = preferences.of(access.person(request))
    if not profile.chat_url:
        return model_admin.back_to(request, "notifications", trouble=_("Save a chat webhook URL first."))
    try:
        slack.post(profile.chat_url, TEST)
    except DeliveryError as error:
        return model_admin.back_to(
            request, "notifications", trouble=_("The test message was not sent: %(error)s") % {"error": error}
        )
    return model_admin.back_to(request, "notifications", said=_("The test message was sent."))
