"""The one place that builds and sends email. All of it is marked as automatic, so that no out-of-office notice answers it.

The Message-ID is derived from the delivery's key: a retry sends the same message again, and mail programs show it once.
"""

import hashlib
import smtplib
from email.message import Message
from email.mime.image import MIMEImage
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import SafeMIMEMultipart

from ..errors import Retryable
from ..models import Delivery

SUBJECT_LENGTH = 150


class Email(EmailMultiAlternatives):
    """With images inside the HTML: multipart/related around text and HTML, so that mail programs show them in place."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.images: dict[str, bytes] = {}

    def _create_alternatives(self, msg: Message) -> Message:
        body: Message = super()._create_alternatives(msg)  # type: ignore[misc]  # Django documents no other way
        if not self.images:
            return body
        related = SafeMIMEMultipart("related", encoding=self.encoding or settings.DEFAULT_CHARSET)
        related.attach(body)
        for name, content in self.images.items():
            image = MIMEImage(content, "png", name=f"{name}.png")
            image["Content-ID"] = f"<{name}>"
            related.attach(image)
        return related


def compose(
    delivery: Delivery | None, *, kind: str, to: list[str], subject: str, body: str, html: str = "", unsubscribe: str = "",
    images: dict[str, bytes] | None = None,
) -> Email:  # fmt: skip
    """kind: the word in List-Id by which people filter such email. unsubscribe: the path of the page that stops it, if any.

    images: PNGs by the name that the HTML refers to, as <img src="cid:name">.
    """
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": f"<{kind}.{host}>",
    }
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{settings.PUBLIC_URL.rstrip('/')}{unsubscribe}>"
    if delivery is not None:
        headers["Message-ID"] = f"<{_name(delivery)}@{host}>"
    message = Email(
        subject=" ".join(subject.split())[:SUBJECT_LENGTH], body=body, to=to, headers=headers,
        connection=get_connection(timeout=settings.OUT_CALL_S),
    )  # fmt: skip
    message.images = images or {}
    if html:
        message.attach_alternative(html, "text/html")
    return message


def send(message: EmailMultiAlternatives) -> None:
    """Raises Retryable."""
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:  # its text may contain addresses
        raise Retryable(f"The email could not be sent: {type(error).__name__}.") from error


def _name(delivery: Delivery) -> str:
    """Unique to this installation: others have deliveries with the same key."""
    text = f"{settings.PUBLIC_URL}\n{delivery.source_id}\n{delivery.delivery_key}"
    return hashlib.sha256(text.encode()).hexdigest()[:40]
