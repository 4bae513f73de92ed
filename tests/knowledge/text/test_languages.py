"""A language may be unknown: a customer goes to somebody who can read them, or is marked."""

import pytest

from knowledge.text import languages

TEXTS = [
    ("Wo ist meine Bestellung? Bitte um Antwort", "de"),
    ("Where is my order?", "en"),
    ("Password reset", "en"),
    ("Die hard", "de"),
    ("Können Sie mir helfen?", "de"),
    ("", ""),
    ("42 👍", ""),
    ("أين طلبي رقم 1234؟ لم يصل بعد", "?"),
    ("איפה ההזמנה שלי?", "?"),
    ("我的订单在哪里？", "?"),
    ("Где мой заказ?", "?"),
    ("¿Dónde está mi pedido?", "?"),
    ("Hola, quiero cancelar", "?"),
    ("Onde está meu pedido? Ainda não chegou", "?"),
    ("Bonjour, où est ma commande?", "?"),
    ("Buongiorno, dove è il mio ordine?", "?"),
    ("Waar is mijn bestelling? Ik heb niet ontvangen", "?"),
    ("Gdzie jest moje zamówienie?", "?"),
    ("Siparişim nerede?", "?"),
    ("Where is my order from the café in São Paulo?", "en"),
]


@pytest.mark.parametrize(("text", "language"), TEXTS, ids=[row[0][:20] for row in TEXTS])
def test_the_language_is_told_by_script_and_short_words(text, language):
    assert languages.language(text) == language
