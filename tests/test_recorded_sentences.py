"""Sentences that the site records in English are shown in the language of the page, with their facts."""

import ast
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.module_loading import import_string

from webhooks import errors
from webhooks.display import kept_texts, recorded

ROOT = Path(__file__).resolve().parents[1]
APPS = ("webhooks", "knowledge", "reports", "support_site")
LANGUAGES = ("de", "es", "pt-br")
# What a placeholder may hold: tried in turn, because a status is no name.
FILLED = (
    "503",
    "3 min",
    "14:05",
    "22 Nov",
    "paused",
    "PARKED",
    "open",
    "at 14:05 UTC on 22 Nov",
    "Not there yet.",
    "acme",
    "3 replies",
    "an",
    "deleted",
    "the user of the connection",
    "check DRAFTER_URL, DRAFTER_API_KEY and DRAFTER_MODEL.",
)
MOST_HOLES = 3
# Put together from parts that are sentences of their own: they have rows in the table below.
COMPOSED = {
    "webhooks/reconcile/runs.py": 2,
    "webhooks/sources/drift.py": 1,
    "webhooks/sources/sources.py": 1,
    "webhooks/workers/host_monitor.py": 1,
}
# Called with what is recorded: all errors of attempts, and verbs that take their text by a name.
RAISED = {
    name
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, errors.DeliveryError)
} | {"CapReached", "NotAnEvent", "Unusable", "CannotRead", "Misread"}
WORDS = {"text", "why", "error", "detail", "note", "problem", "reason"}
RECORDS = {
    "open_",
    "update",
    "transition",
    "settle",
    "_settled",
    "failed",
    "dead_letter",
    "_back_to_approved",
    "Found",
    "propose",
    "roll_back",
    "retire",
}
# Not shown on a page as it is: found and told apart by the code, or only for the log of a command.
ELSEWHERE = {"webhooks/simulator", "support_site/drills", "support_site/demo", "/migrations/", "/management/"}


def files() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if not any(part in name for part in ELSEWHERE):
                yield name, ast.parse(path.read_text())


def written() -> dict[str, list[str]]:
    """Where a sentence is recorded → what it may be, with something in each of its holes."""
    return {
        f"{name}:{node.lineno}": list(itertools.islice(samples(node), 4000))
        for name, tree in files()
        for scope in ast.walk(tree)
        if isinstance(scope, ast.FunctionDef)
        for call in ast.walk(scope)
        if isinstance(call, ast.Call)
        for text in texts(call)
        for node in sentences(text, scope)
    }


def texts(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in RAISED:
        yield from call.args[:1]
    elif name in RECORDS:
        yield from (keyword.value for keyword in call.keywords if keyword.arg in WORDS)


def sentences(text: ast.expr, scope: ast.FunctionDef) -> Iterator[ast.expr]:
    """Those that stand in the code: of a name, what its function assigns to it."""
    if isinstance(text, ast.Constant | ast.JoinedStr):
        yield text
    elif isinstance(text, ast.IfExp):
        yield from sentences(text.body, scope)
        yield from sentences(text.orelse, scope)
    elif isinstance(text, ast.Name):
        for one in ast.walk(scope):
            if isinstance(one, ast.Assign) and any(ast.unparse(target) == text.id for target in one.targets):
                yield from sentences(one.value, scope)


def samples(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
        return
    assert isinstance(node, ast.JoinedStr)
    parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    holes = parts.count(None)
    for filled in itertools.product(FILLED if holes <= MOST_HOLES else FILLED[::9], repeat=holes):
        fill = iter(filled)
        yield "".join(str(part) if part is not None else next(fill) for part in parts)


def test_the_code_is_read():
    assert len(written()) > 80


def test_every_sentence_that_is_recorded_is_one_that_pages_translate():
    unknown = {
        where: tried[0]
        for where, tried in written().items()
        if tried[0].strip() and not any(map(recorded.is_ours, tried))
    }

    assert Counter(where.partition(":")[0] for where in unknown) == COMPOSED, unknown


def templates() -> list[str]:
    return [one for path in settings.RECORDED_SENTENCES for one in import_string(path).templates]


PLAIN = [one for one in templates() if "%" not in one]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_left_in_english(language):
    with translation.override(language):
        left = [
            one
            for one in templates()
            if re.search("[a-z]{3}", kept_texts.PLACEHOLDER.sub("", one)) and translation.gettext(one) == one
        ]

    assert left == []


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("Chatwoot answered 502.", "Chatwoot hat mit 502 geantwortet."),
        ("The source is paused.", "Die Quelle ist angehalten."),
        ("Looked it up: Chatwoot answered 502.", "Nachgesehen: Chatwoot hat mit 502 geantwortet."),
        (
            "It cannot be known whether this was sent: Looked it up: Not there yet.",
            "Ob dies gesendet wurde, lässt sich nicht feststellen: Nachgesehen: Noch nicht da.",
        ),
        (
            "acme: circuit open after 1,200 failures in a row. The next attempt would be too late.",
            "acme: Circuit Breaker offen nach 1.200 Fehlern in Folge. Der nächste Versuch käme zu spät.",
        ),
        (
            "acme: circuit open after 10 failures in a row. Its deliveries wait. Last error: Chatwoot answered 503.",
            "acme: Circuit Breaker offen nach 10 Fehlern in Folge. Die Zustellungen dorthin warten. "
            "Letzter Fehler: Chatwoot hat mit 503 geantwortet.",
        ),
        (
            "No webhooks from WhatsApp (acme) for 1 h 5 min of its business hours (alert after 2 d).",
            "Keine Webhooks von WhatsApp (acme) seit 1 h 5 min Geschäftszeit (Alarm nach 2 d).",
        ),
        (
            "acme: 7 events were missed between 02:10 and 02:31 UTC on 22 Nov, all recovered.",
            "acme: 7 Ereignisse wurden zwischen 02:10 und 02:31 UTC am 22. Nov. verpasst und alle nachgeholt.",
        ),
        (
            "acme: missed events since 22 Nov, 02:10 UTC cannot be read. Chatwoot answered 502.",
            "acme: Verpasste Ereignisse seit 22. Nov., 02:10 UTC sind nicht lesbar. Chatwoot hat mit 502 geantwortet.",
        ),
        (
            "The webhook of acme was changed in Chatwoot: its URL is http://x, and it does not send message_created. "
            "Connect the source again with “register”; missed events are then recovered.",
            "Der Webhook von acme wurde in Chatwoot geändert: seine URL ist http://x, und er sendet message_created nicht. "
            "Verbinden Sie die Quelle erneut mit „registrieren“; verpasste Ereignisse werden dann nachgeholt.",
        ),
        (
            "acme: 3 events since 02:10 UTC had a signature that matches no stored secret. "
            "Chatwoot refuses this token: connect again with a new one.",
            "acme: 3 Ereignisse seit 02:10 UTC hatten eine Signatur, die zu keinem gespeicherten Secret passt. "
            "Chatwoot lehnt dieses Token ab: Verbinden Sie erneut mit einem neuen.",
        ),
        ("The clock of web-1 is 3 min ahead of the database's.", "Die Uhr von web-1 geht gegenüber der Datenbank um 3 min vor."),
        ("Chatwoot's clock (acme) is 5 s behind this site's.", "Chatwoots Uhr (acme) geht gegenüber unserer um 5 s nach."),
        (
            "Workers on web-1 keep restarting: lane in exited unexpectedly (-9); lane send stalled with rows due for 61 s. "
            "See their log.",
            "Worker auf web-1 starten immer wieder neu: Spur in unerwartet beendet (-9); Spur send steht, Zeilen sind seit "
            "61 s fällig. Siehe ihr Log.",
        ),
        ("1 delivery failed for good within an hour.", "1 Zustellung ist innerhalb einer Stunde endgültig fehlgeschlagen."),
        (
            "web-1: 3 webhooks have been stored on its disk for 5 min, and 1 webhook has been set aside there as unreadable "
            "(SPOOL_DIR/bad), although the database answers.",
            "web-1: 3 Webhooks liegen seit 5 min auf der Festplatte, und 1 Webhook wurde dort als unlesbar beiseitegelegt "
            "(SPOOL_DIR/bad), obwohl die Datenbank antwortet.",
        ),
        (
            "The database was down: 1 webhook was stored on disk and imported later. 4 still waiting.",
            "Die Datenbank war nicht verfügbar: 1 Webhook wurde auf der Festplatte abgelegt und später übernommen. "
            "4 warten noch.",
        ),
        ("The draft is now PARKED.", "Der Entwurf ist jetzt geparkt."),
        ("By rule: label refund.", "Nach Regel: Label refund."),
        ("By rule: a missed SLA target.", "Nach Regel: ein verfehltes SLA-Ziel."),
        (
            "“Refunds”, version 3: accepted fell from 80 % (n = 30) to 60 % (n = 25), 5 points more than the other articles. "
            "A change that restores version 2 is ready.",
            "„Refunds“, Version 3: Angenommen: von 80 % (n = 30) auf 60 % (n = 25) gefallen, 5 Punkte mehr als bei den anderen "
            "Artikeln. Eine Änderung, die Version 2 wiederherstellt, liegt bereit.",
        ),
        ("(erased)", "(gelöscht)"),
    ],
)  # fmt: skip
def test_a_recorded_sentence_is_shown_in_the_language_of_the_page_with_its_facts(kept, shown):
    with translation.override("de"):
        assert recorded.shown(kept) == shown
    with translation.override("en-gb"):
        assert recorded.shown(kept).casefold() == kept.casefold()


@pytest.mark.parametrize(
    "kept",
    ["", "KeyError at x.py:3 (from y.py:4)", "Somebody said so.", "%(found)s", "100 % sure", "Chatwoot answered nothing.",
     "a, and b", "We answered 502 customers. And then?"],
)  # fmt: skip
def test_what_the_site_did_not_write_is_shown_as_it_is_kept(kept):
    with translation.override("de"):
        assert recorded.shown(kept) == kept
    assert not recorded.is_ours(kept)
