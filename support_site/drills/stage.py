"""What drills work with: the running demo, customers in its simulated Chatwoot, and a log of what was seen."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import requests
from django.contrib.auth.models import User

from webhooks.models import ApiToken, Source

QUESTION = "How do I reset my password?"
INBOX = 2  # the simulated Chatwoot's chat
CALL_S = 10
TOKEN_LASTS = timedelta(hours=1)
LOOK_EACH_S = 0.3


class DrillFailed(Exception):
    """The drill cannot continue. The text says what was missing and what to do."""


class Drill:
    """`does` announces a step. `see` says what a person should see, and checks until it is there."""

    def __init__(self, demo: "Demo", say: Callable[[str], None], *, patience_s: float = 120) -> None:
        self.demo, self.say, self.patience_s = demo, say, patience_s
        self.steps = self.seen = 0

    def does(self, what: str) -> None:
        self.steps += 1
        self.say(f"\n{self.steps}. {what}")

    def see(self, where: str, what: str, look: Callable[[], Any]) -> Any:
        """Returns what `look` found. Raises DrillFailed if it finds nothing in time."""
        began = time.monotonic()
        while not (found := _looked(look)):
            if time.monotonic() - began > self.patience_s:
                self.say(f"   NOT SEEN in {self.patience_s:.0f} s   {where}: {what}")
                raise DrillFailed(f"{where} should have shown: {what}")
            time.sleep(LOOK_EACH_S)
        self.seen += 1
        self.say(f"   seen after {time.monotonic() - began:4.1f} s   {where}: {what}")
        return found


def _looked(look: Callable[[], Any]) -> Any:
    """A page that does not answer yet shows nothing."""
    try:
        return look()
    except requests.RequestException:
        return None


@dataclass(frozen=True)
class Demo:
    """The site at `url`, used with a person's token, and the simulated Chatwoot behind `source`."""

    url: str
    source: Source
    token: str = ""

    @contextlib.contextmanager
    def signed_in(self) -> Iterator[Self]:
        """As the first superuser, with a token that is deleted after the drill."""
        person = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if person is None:
            raise DrillFailed("There is no superuser. Run `manage.py seed`.")
        row, token = ApiToken.objects.create(user=person, expiry=TOKEN_LASTS)
        try:
            yield type(self)(self.url, self.source, token)
        finally:
            ApiToken.objects.filter(pk=row.pk).delete()

    # --- the site, from outside

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=CALL_S, allow_redirects=False)

    def api(self, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Token {self.token}"}
        address = f"{self.url}/api/v1/{path}"
        if body:
            answer = requests.post(address, json=body, headers=headers, timeout=CALL_S)
        else:
            answer = requests.get(address, headers=headers, timeout=CALL_S)
        answer.raise_for_status()
        return answer.json()

    def degraded(self) -> list[str]:
        """What /readyz lists as degraded while it is still ready."""
        answer = self.get("/readyz")
        return answer.json()["degraded"] if answer.ok else []

    def first(self, path: str) -> Any:
        return next(iter(self.api(path)["results"]), None)

    def draft_for(self, conversation: int, status: str) -> Any:
        return self.first(f"drafts/?source={self.source.slug}&conversation_id={conversation}&status={status}")

    def delivery(self, conversation: int, event: str, status: str = "") -> Any:
        only = f"&status={status}" if status else ""
        return self.first(
            f"deliveries/?source={self.source.slug}&conversation_id={conversation}&event={event}{only}"
        )

    def queued(self, conversation: int) -> bool:
        here = (self.source.slug, conversation)
        return here in [(row["source"], row["conversation_id"]) for row in self.api("queue/")["results"]]

    def approve(self, draft: dict[str, Any]) -> None:
        grades = {"tone": 5, "accuracy": 5, "policy": 5}
        self.api(f"drafts/{draft['id']}/approve/", revision=draft["revision"], **grades)

    # --- the simulated Chatwoot

    def chatwoot(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        address = f"{self.source.base_url}/simulator/{path}"
        answer = requests.request(method, address, json=body, timeout=CALL_S)
        answer.raise_for_status()
        return answer.json()

    def customer_writes(self) -> int:
        """The number of the new conversation."""
        asked = {"content": QUESTION, "inbox_id": INBOX}
        return self.chatwoot("POST", "customer-message", asked)["conversation_id"]

    def our_replies(self, conversation: int) -> int:
        messages = self.chatwoot("GET", f"messages/{conversation}")["messages"]
        return sum("support_reply" in message["content_attributes"] for message in messages)

    def webhooks_answered(self) -> list[int | None]:
        """The status of the site's response to each webhook so far; None if there was none."""
        return [row["status"] for row in self.chatwoot("GET", "log")["webhooks"]]
