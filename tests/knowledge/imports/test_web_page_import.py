"""Imports of one web page."""

import pytest
import responses
from django.core.management import CommandError

from knowledge.models import Article, Change
from tests.knowledge.imports.importing import command

pytestmark = pytest.mark.django_db


PAGE = (
    '<html lang="de"><head><title>Rückgabe | Laden</title><script>x()</script></head><body><nav>Menü</nav><main><h1>Rückgabe</h1>'
    "<p>In <b>30</b> Tagen.</p><script>y()</script></main><footer>Impressum</footer></body></html>"
)


@responses.activate
def test_a_web_page_is_imported_by_its_main_text(settings):
    settings.PRIVATE_HOSTS = ["shop.test"]
    responses.get("https://shop.test/hilfe/rueckgabe", PAGE, content_type="text/html; charset=utf-8")

    said = command("--url", "https://shop.test/hilfe/rueckgabe")

    assert said.startswith("Imported: new 1")
    assert Change.objects.get().proposed == {
        "language": "de",
        "title": "Rückgabe",
        "body": "In **30** Tagen.",
    }
    assert Article.objects.get().slug == "rueckgabe"


ANSWERS = {
    "status": ({"status": 404}, "answered 404"), "kind": ({"content_type": "application/pdf"}, "not a web page"),
    "large": ({"body": "x" * (5 * 2**20 + 1)}, "MiB"), "empty": ({"body": "<html><body></body></html>"}, "no text"),
    "long status": ({"status": 404, "body": "x" * (5 * 2**20 + 1)}, "answered 404"),
    "long kind": ({"content_type": "application/pdf", "body": b"%PDF-1.7" + b"x" * 6 * 2**20}, "not a web page"),
    "wrong kind": ({"body": b"%PDF-1.7 text"}, "not a web page"),
    "sign-in": (
        {"body": "<main><h1>Sign in</h1><p>Welcome</p><form><input type=password></form></main>"}, "asks for a password",
    ),
    "loop": ({"status": 302, "headers": {"Location": "/hilfe"}}, "redirects more"),
}  # fmt: skip


@responses.activate
def test_a_page_that_anyone_can_read_may_have_a_sign_in_too():
    form = "<form><input type=password></form>"
    responses.get(
        "https://shop.test/hilfe", f"<main><h1>Hilfe</h1><p>{'In 30 Tagen. ' * 30}</p>{form}</main>"
    )

    assert command("--url", "https://shop.test/hilfe").startswith("Imported: new 1")


@pytest.mark.parametrize("kind", ANSWERS)
@responses.activate
def test_a_page_that_cannot_be_read_says_why(kind):
    facts, said = ANSWERS[kind]
    responses.get("https://shop.test/hilfe", **({"body": PAGE, "content_type": "text/html"} | facts))

    with pytest.raises(CommandError, match=said):
        command("--url", "https://shop.test/hilfe")
