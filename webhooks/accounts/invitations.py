"""Invitations: a link with which a person chooses a password, once. Sent by email, or copied where email is not set up."""

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..errors import Retryable
from ..outbound import mail
from . import profiles

NOWHERE = ("console", "dummy")  # backends that reach nobody


def link(user: User) -> str:
    """Works once, until the person has set a password or signs in, and for PASSWORD_RESET_TIMEOUT seconds."""
    number = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("invitation", args=[number, default_token_generator.make_token(user)])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def mail_is_set_up() -> bool:
    return not any(name in settings.EMAIL_BACKEND for name in NOWHERE)


def send(user: User, *, by: User, address: str) -> bool:
    """address: the link. Whether an email left; where not, the link must reach the person in another way."""
    if not user.email or not mail_is_set_up():
        return False
    with profiles.in_language_of(user):
        message = mail.compose(
            None, kind="invitation", to=[user.email], subject=_("Choose your password for the support site"),
            body=_text(user, by=by, address=address),
        )  # fmt: skip
    try:
        mail.send(message)
    except Retryable:
        return False
    return True


def _text(user: User, *, by: User, address: str) -> str:
    days = settings.PASSWORD_RESET_TIMEOUT // 86400
    lines = [
        _("%(name)s has given you access to %(url)s."), "", _("Your user name: %(user)s"),
        _("Choose your password here: %(link)s"), "",
        ngettext(
            "The link works once, for %(days)s day. If you did not expect this, you can ignore it.",
            "The link works once, for %(days)s days. If you did not expect this, you can ignore it.", days,
        ),
    ]  # fmt: skip
    facts = {
        "name": str(by), "url": settings.PUBLIC_URL, "user": user.get_username(),
        "link": address, "days": days,
    }  # fmt: skip
    return "".join(f"{line % facts}\n" for line in lines)
