"""A customer is greeted by a name, or as nobody: never by a number, an address, a handle, a title or a template."""

import pytest

from knowledge.text.names import first_name

NAMES = {
    "Ada Park": "Ada", "Jean-Luc Picard": "Jean-Luc", "O'Brien": "O'Brien", "Zoë": "Zoë", "李雷": "李雷", "أحمد علی": "أحمد",
    "Dr. Anna Schmidt": "Anna", "Prof. Dr. Eva Mai": "Eva", "Dipl.-Ing. Karl May": "Karl", "Schmidt, Anna": "Anna",
    "🌸 Anna 🌸": "Anna", "~Anna": "Anna", "Anna (Acme)": "Anna", "\u200eAnna": "Anna",
}  # fmt: skip
NONE = [
    "", " ", "...", "+55 11 99999-0000", "5511999990000", "jane.doe@example.com", "jane.doe", "shop.example", "morning-rain-190",
    "misty-forest", "Dr.", "Dr", "Dr. Schmidt", "Mrs. Park", "Herr Müller", "120363025246125486@g.us", "120363025246125486-162",
    "status@broadcast", "{{ contact.email }} z", "{% if x %}Anna", "https://example.com", "<b>Anna</b>", "anna_k", "user123",
    "J. Smith", "x", "Customer 2001", "Visitor", "null", "Müller GmbH", "Support Team", "Wolfeschlegelsteinhausenbergerdorffs",
    "Morning Rain 190", "Visiteur", "Invitado", "Cliente", "Utente", "Desconhecido", "Familia García", "Signora Rossi",
    "Dra. López", "Mevrouw Jansen", "Anna 2",
    "Anna & Tom", "Anna und Tom Müller", "Anna's iPhone", "iPhone von Anna", "Ich", "Me", "noname", "Hotel Sonne",
    "Stadtwerke Köln", "Praxis Dr. Weber",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_greeted_by_its_first_word(name):
    assert first_name(name) == NAMES[name]


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_name_is_greeted_as_nobody(name):
    assert first_name(name) == ""
