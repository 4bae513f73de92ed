"""The API client. Every call ends within its wall-clock deadline and raises NotSent, Retryable, Permanent or Unknown.

A write is Unknown once a byte of its body has left: only then can Chatwoot have acted on it. Files have more time (upload_s);
after it, no further byte of them leaves.
"""

import json
import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests
from django.conf import settings
from requests.exceptions import ReadTimeout, RequestException

from ..errors import NotSent, Permanent, Retryable, Unconfirmed, Unknown
from ..models import Source
from ..parsing import identifier, typed
from . import bounded, multipart, pinned_dns, reachability, retry_after
from . import chatwoot_texts as texts
from .bounded import within
from .multipart import File

PAGE = 100  # most messages that ?after=ID returns
CONVERSATIONS_PAGE = SURVEYS_PAGE = 25
READ_DEADLINE_S = 10
MOST_PAGES = 100  # of messages after one: a server that never ends a list must not fill this process
MOST_READ = 32 * 2**20  # bytes: a page of 100 mails with their HTML is a few MiB
TRIES, TRY_AGAIN_S = 3, 0.3  # of a read that a person waits for
MOST_AHEAD = timedelta(days=1)  # that Chatwoot tells later than this host does
MOST_WRITTEN = 4 * 2**20  # bytes: one message or webhook comes back


class Client:
    """Chatwoot's Application API for one account. internal: it may be in the installation's own network.

    watched: a person waits for the answer. A read that meets a temporary error (429, 5xx) is tried again at once; deliveries
    are tried again by the retry policy instead.
    """

    def __init__(
        self, base_url: str, account_id: int, token: str, *, internal: bool = False, watched: bool = False
    ) -> None:
        self.base_url, self.account_id, self.token = base_url.rstrip("/"), account_id, token
        self.internal, self.tries = internal, TRIES if watched else 1
        self.answered_at: datetime | None = None  # Chatwoot's own clock, by the last answer's Date

    # Reads

    def version(self) -> str:
        """Chatwoot's version text, such as 4.14.2."""
        return str(_object(self._get("/api")).get("version") or "")

    def profile(self) -> dict[str, Any]:
        return _object(self._get("/api/v1/profile"))

    def inboxes(self) -> list[dict[str, Any]]:
        return _listing(_object(self._get(self._path("inboxes"))).get("payload"))

    def webhooks(self) -> list[dict[str, Any]]:
        payload = _object(self._get(self._path("webhooks"))).get("payload")
        return _listing(_object(payload).get("webhooks"))

    def conversation(self, display_id: int) -> dict[str, Any]:
        return _object(self._get(self._path(f"conversations/{display_id}")))

    def conversations_changed(self, *, within: float) -> list[dict[str, Any]]:
        """Conversations of every status that changed in the last `within` seconds. Unpaged, so for a few hours at most."""
        return self._conversations({"status": "all", "updated_within": math.ceil(within)})

    def conversations_page(self, page: int) -> list[dict[str, Any]]:
        """CONVERSATIONS_PAGE of every status, the last active first. Pages shift when something happens."""
        return self._conversations({"status": "all", "sort_by": "last_activity_at_desc", "page": page})

    def _conversations(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        data = _object(self._get(self._path("conversations"), params=params)).get("data")
        return _listing(_object(data).get("payload"))

    def survey_answers(self, *, since: datetime, page: int) -> list[dict[str, Any]]:
        """SURVEYS_PAGE answers, each with its message_id and conversation_id."""
        params = {"since": int(since.timestamp()), "page": page}
        return _listing(self._get(self._path("csat_survey_responses"), params=params))

    def report_summary(self, *, since: datetime, until: datetime) -> dict[str, Any]:
        """Chatwoot's own figures for the account and period: counts, and averages in seconds."""
        times = {"since": int(since.timestamp()), "until": int(until.timestamp())}
        path = f"/api/v2/accounts/{self.account_id}/reports/summary"
        return _object(self._get(path, params={"type": "account"} | times))

    def messages_after(self, display_id: int, message_id: int) -> list[dict[str, Any]]:
        """Every message with a higher id, oldest first, paged to the end."""
        found: list[dict[str, Any]] = []
        after = message_id
        for _ in range(MOST_PAGES):
            answer = self._get(self._path(f"conversations/{display_id}/messages"), params={"after": after})
            page = [row for row in _listing(_object(answer).get("payload")) if _number(row) > after]
            found += sorted(page, key=_number)
            if len(page) < PAGE:
                return found
            after = _number(found[-1])
        raise Permanent(
            f"Conversation {display_id} has over {MOST_PAGES * PAGE:,} messages after {message_id}."
        )

    def message(self, display_id: int, message_id: int) -> dict[str, Any] | None:
        """One message, or None if Chatwoot no longer has it."""
        window = {"after": message_id - 1, "before": message_id + 1}
        answer = self._get(self._path(f"conversations/{display_id}/messages"), params=window)
        rows = _listing(_object(answer).get("payload"))
        return next((row for row in rows if row.get("id") == message_id), None)

    def portal_articles(self, portal: str, *, page: int, locale: str = "") -> list[dict[str, Any]]:
        """A page of a help centre's articles, of every status. Needs an administrator's token."""
        params = {"page": page} | ({"locale": locale} if locale else {})
        path = self._path(f"portals/{quote(portal, safe='')}/articles")
        return _listing(_object(self._get(path, params=params)).get("payload"))

    def portal_article(self, portal: str, article_id: int) -> dict[str, Any]:
        path = self._path(f"portals/{quote(portal, safe='')}/articles/{article_id}")
        return _object(_object(self._get(path)).get("payload"))

    def canned_responses(self) -> list[dict[str, Any]]:
        return _listing(self._get(self._path("canned_responses")))

    def dashboard_apps(self) -> list[dict[str, Any]]:
        return _listing(self._get(self._path("dashboard_apps")))

    # Writes

    def create_dashboard_app(self, *, title: str, url: str) -> dict[str, Any]:
        app = {"title": title, "content": [{"type": "frame", "url": url}]}
        return self._write("POST", self._path("dashboard_apps"), {"dashboard_app": app})

    def create_webhook(self, *, name: str, url: str, subscriptions: list[str]) -> dict[str, Any]:
        webhook = {"name": name, "url": url, "subscriptions": subscriptions}
        return self._webhook(self._write("POST", self._path("webhooks"), {"webhook": webhook}))

    def update_webhook(self, webhook_id: int, *, url: str, subscriptions: list[str]) -> dict[str, Any]:
        webhook = {"url": url, "subscriptions": subscriptions}
        return self._webhook(self._write("PATCH", self._path(f"webhooks/{webhook_id}"), {"webhook": webhook}))

    def create_message(
        self, display_id: int, *, content: str, content_attributes: dict[str, Any], recipients: dict[str, str],
        files: Sequence[File] = (),
    ) -> dict[str, Any]:  # fmt: skip
        """One public outgoing message, as Chatwoot returns it. recipients: to_emails, cc_emails, bcc_emails or nothing.

        Never sets source_id: with it, Chatwoot takes the message as coming from the channel and does not deliver it.
        """
        if files:
            return self._message_with_files(display_id, content, content_attributes, recipients, files)
        return self._message(display_id, content, content_attributes, private=False, **recipients)

    def create_note(
        self, display_id: int, *, content: str, content_attributes: dict[str, Any]
    ) -> dict[str, Any]:
        """One private note, which customers never see."""
        return self._message(display_id, content, content_attributes, private=True)

    def set_status(self, display_id: int, status: str) -> None:
        """status: open, resolved or pending. Set, never toggled, so that doing it twice is harmless."""
        self._write("POST", self._path(f"conversations/{display_id}/toggle_status"), {"status": status})

    def assign(self, display_id: int, **assignee: int) -> None:
        """assignee: team_id or assignee_id."""
        self._write("POST", self._path(f"conversations/{display_id}/assignments"), assignee)

    def _message(
        self, display_id: int, content: str, attributes: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        body = {"content": content, "message_type": "outgoing", "content_attributes": attributes} | more
        return _with_id(self._write("POST", self._path(f"conversations/{display_id}/messages"), body))

    def _message_with_files(
        self, display_id: int, content: str, attributes: dict[str, Any], recipients: dict[str, str], files: Sequence[File]
    ) -> dict[str, Any]:  # fmt: skip
        """As a form. Without `private`: its text "false" counts as true where Chatwoot writes a mail's body."""
        fields = {"content": content, "message_type": "outgoing"} | recipients
        fields |= {f"content_attributes[{name}]": str(value) for name, value in attributes.items()}
        pieces, content_type = multipart.form(fields, files, name="attachments[]")
        size = sum(len(file.content) for file in files)
        path = self._path(f"conversations/{display_id}/messages")
        return _with_id(
            self._send("POST", path, pieces, content_type, seconds=settings.OUT_CALL_S + upload_s(size))
        )

    # HTTP

    def _path(self, rest: str) -> str:
        return f"/api/v1/accounts/{self.account_id}/{rest}"

    def _webhook(self, answer: dict[str, Any]) -> dict[str, Any]:
        return _object(_object(answer.get("payload")).get("webhook"))

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        for _ in range(self.tries - 1):
            try:
                return self._get_once(path, params)
            except Retryable as error:
                # No answer at all has taken long already, and who asks to wait longer is not asked again.
                if error.http_status is None or (error.retry_after or 0) > TRY_AGAIN_S:
                    raise
                time.sleep(TRY_AGAIN_S)
        return self._get_once(path, params)

    def _get_once(self, path: str, params: dict[str, Any] | None) -> Any:
        def call() -> Any:
            try:
                with pinned_dns.session(internal=self.internal) as session:
                    response = session.get(
                        self.base_url + path, params=params, headers=self._headers(), timeout=READ_DEADLINE_S,
                        allow_redirects=False, stream=True,
                    )  # fmt: skip
                    body = bounded.body(response, most=MOST_READ, seconds=READ_DEADLINE_S)
            except bounded.TooLong as error:
                raise Permanent(texts.TOO_LARGE % {"path": path, "n": MOST_READ // 2**20}) from error
            except RequestException as error:
                raise Retryable(texts.UNREADABLE % {"error": type(error).__name__}) from error
            return self._read_answer(response, body, path)

        late = Retryable(texts.LATE % {"n": READ_DEADLINE_S})
        with reachability.call():
            return within(READ_DEADLINE_S, call, late)

    def _read_answer(self, response: requests.Response, body: bytes, path: str) -> Any:
        status = response.status_code
        self.answered_at = _date(response)
        if status == 429 or status >= 500:
            raise Retryable(
                texts.ANSWERED % {"n": status},
                http_status=status,
                retry_after=retry_after.seconds(response.headers),
            )
        if status >= 300:
            raise Permanent(texts.REFUSED % {"n": status, "path": path}, http_status=status)
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Retryable(texts.NOT_JSON, http_status=status) from error

    def _write(self, method: str, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        pieces = [json.dumps(payload).encode()]
        return self._send(method, path, pieces, "application/json", seconds=settings.OUT_CALL_S)

    def _send(
        self, method: str, path: str, pieces: Sequence[bytes], content_type: str, *, seconds: float
    ) -> dict[str, Any]:
        body = multipart.Body(pieces, ends=time.monotonic() + seconds)
        headers = self._headers() | {"Content-Type": content_type}

        def call() -> dict[str, Any]:
            try:
                with pinned_dns.session(internal=self.internal) as session:
                    response = session.request(
                        method, self.base_url + path, data=body, headers=headers, timeout=settings.OUT_CALL_S,
                        allow_redirects=False, stream=True,
                    )  # fmt: skip
                    answer = bounded.body(response, most=MOST_WRITTEN, seconds=settings.OUT_CALL_S)
            except RequestException as error:
                name = type(error).__name__
                if body.left or isinstance(error, ReadTimeout | bounded.TooLong):
                    raise Unknown(f"The answer was lost: {name}.") from error
                raise NotSent(f"Chatwoot could not be reached: {name}.") from error
            return self._write_answer(response, answer, path)

        with reachability.call():
            return within(seconds, call, Unknown(f"No answer within {seconds:.0f} s."))

    def _write_answer(self, response: requests.Response, body: bytes, path: str) -> dict[str, Any]:
        status = response.status_code
        if status == 429:
            raise NotSent(
                "Chatwoot asks to slow down.",
                http_status=status,
                retry_after=retry_after.seconds(response.headers),
            )
        # 422 too: Chatwoot also answers it for errors after the message was saved.
        if status >= 500 or status == 422:
            raise Unknown(
                f"Chatwoot answered {status}; the request may have taken effect anyway.", http_status=status
            )
        if status == 413:
            said = "Chatwoot, or the proxy in front of it, refuses a message of this size. Raise its limit, or remove files."
            raise Permanent(said, http_status=status)
        if status >= 300:
            raise Permanent(texts.REFUSED % {"n": status, "path": path}, http_status=status)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise Unknown("Chatwoot's answer cannot be read.", http_status=status)
        return answer

    def _headers(self) -> dict[str, str]:
        return {"api_access_token": self.token, "Accept": "application/json"}


def upload_s(size: int) -> float:
    """Seconds that so many bytes may take in addition to OUT_CALL_S. A line that is slower parks the reply."""
    return size / settings.UPLOAD_BYTES_S


def _with_id(answer: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(answer.get("id"), int):
        raise Unknown("Chatwoot answered without a message id.", http_status=200)
    return answer


def client(source: Source, *, watched: bool = False, any_installation: bool = False) -> Client:
    """any_installation: also while a move is not confirmed, for questions that are not about anybody there."""
    if not any_installation:
        check_installation(source)
    return Client(
        source.base_url, source.account_id, source.api_token, internal=source.internal, watched=watched
    )


def check_installation(source: Source) -> None:
    """A source is bound to its Chatwoot: at another address, the same numbers are other people. Raises Unconfirmed."""
    if source.moved_from:
        raise Unconfirmed(
            f"{source} was connected to {source.moved_from} before. Confirm on its page that this is the same Chatwoot.",
            held_for="rule",
        )


def client_with(source: Source, token: str, *, watched: bool = False) -> Client:
    """With a token other than the source's own."""
    check_installation(source)
    return Client(source.base_url, source.account_id, token, internal=source.internal, watched=watched)


def _date(response: requests.Response) -> datetime | None:
    """Versions go by it: one that is far ahead would outrank all that happens until then."""
    try:
        at = parsedate_to_datetime(response.headers.get("Date", ""))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at if at - datetime.now(UTC) < MOST_AHEAD else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Retryable(texts.NOT_CHATWOOT)
    return typed(value)


def _listing(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise Retryable(texts.NO_LIST)
    return [typed(row) for row in value]


def _number(row: dict[str, Any]) -> int:
    """A message's id; 0 where it has none."""
    return identifier(row.get("id")) or 0
