"""A language may be unknown: a customer goes to somebody who can read them, or is marked."""

import pytest

from knowledge.text import languages

TEXTS = [
    ("Wo ist meine Bestellung? Bitte um Antwort", "de"),
    ("Rechnung Nr. 4711 fehlt", "de"),
    ("Karte weg!!", "de"),
    ("Können Sie mir helfen?", "de"),
    ("Where is my order?", "en"),
    ("Password reset", "en"),
    ("Where is my order from the café in São Paulo?", "en"),
    ("", ""),
    ("42 👍", ""),
    ("ok", "unknown"),
    ("Xyzzy plugh frobnicate?", "unknown"),
    ("hello", "unknown"),
    ("أين طلبي رقم 1234؟ لم يصل بعد", "ar"),
    ("איפה ההזמנה שלי?", "he"),
    ("我的订单在哪里？", "zh"),
    ("注文はどこですか", "ja"),
    ("Где мой заказ?", "ru"),
    ("Де моє замовлення?", "uk"),
    ("Πού είναι η παραγγελία μου;", "el"),
    ("¿Dónde está mi pedido?", "es"),
    ("Hola, quiero cancelar", "es"),
    ("Onde está meu pedido? Ainda não chegou", "pt"),
    ("Bonjour, où est ma commande?", "fr"),
    ("Buongiorno, dove è il mio ordine?", "it"),
    ("Waar is mijn bestelling? Ik heb niet ontvangen", "nl"),
    ("Gdzie jest moje zamówienie?", "pl"),
    ("Siparişim nerede?", "tr"),
]


@pytest.mark.parametrize(("text", "language"), TEXTS, ids=[row[0][:20] for row in TEXTS])
def test_the_language_is_detected_or_unknown(text, language):
    assert languages.language(text, likely=["en", "de"]) == language


def test_a_language_of_the_desk_decides_a_short_text():
    assert languages.language("Karte weg!!") == languages.UNKNOWN
    assert languages.language("Karte weg!!", likely=["de-AT"]) == "de"


def test_a_language_that_is_not_listed_is_detected_where_the_desk_writes_in_it():
    text = "Kur ir mans pasūtījums? Es to vēl neesmu saņēmis"

    assert languages.language(text, likely=["lv"]) == "lv"
    assert languages.language(text) != "lv"


def test_pages_show_names():
    assert [languages.name(code) for code in ("de", "pt-br", "unknown", "", "lv")] == [
        "German", "Portuguese", "Unknown", "No text", "lv",
    ]  # fmt: skip


def test_desks_of_different_languages_share_one_model():
    languages._identifier.cache_clear()

    for desk in (["de"], ["en", "fr"], []):
        languages.language("Wo ist meine Bestellung geblieben?", likely=desk)

    assert languages._identifier.cache_info().misses == 1
