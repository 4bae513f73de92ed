"""Thanks need no reply, a bare follow-up asks what was asked before, and everything else is a question."""

import pytest

from knowledge.text.courtesies import Courtesy, courtesy

THANKS = (
    "Vielen Dank, das hat geholfen!",
    "ok perfect",
    "👍",
    "merci beaucoup",
    "Thank you so much, it works now",
    "Thanks Anna!",
    "muchas gracias, ya está solucionado",
    "Muito obrigado pela ajuda!",
    "Grazie mille",
    "Bedankt, het werkt weer",
    "ok",
    "Works!",
    "perfekt 👍🏻",
    "Super, danke dir!",
    "Dank je wel",
    "ok thanks, that's all",
    "Danke Herr Maier",
    "Alles klar, danke",
    "Perfect, thank you for your quick help!",
    "Merci, c'est parfait",
    "Ok merci bonne journée",
    "Dank u wel voor de snelle reactie",
    "Perfetto, grazie mille per l'aiuto",
    "🙏🙏",
    "Super!! 😊",
    "Gracias",
    "Obrigada!",
    "OK, grazie",
)
FOLLOW_UPS = (
    "any news?",
    "Gibt es schon etwas Neues?",
    "Hello?",
    "???",
    "Is anybody there?",
    "I'm still waiting",
    "¿Alguna novedad?",
    "alguma novidade?",
    "ci sono novità?",
    "is er al nieuws?",
    "Des nouvelles ?",
    "please answer",
    "Still waiting",
    "Warte immer noch",
    "J'attends toujours une réponse",
    "Any update on this?",
    "Wann bekomme ich eine Antwort?",
    "hay alguna novedad?",
)
QUESTIONS = (
    "Thanks, but the card still has not arrived",
    "Danke, aber die Karte ist noch nicht da",
    "Thanks, where is my card?",
    "no",
    "Thanks for the refund",
    "it does not work",
    "Great, now it is broken again",
    "Super, das Problem ist wieder da",
    "Still not working",
    "not great",
    "das hat nicht geholfen",
    "Thank you. Still waiting for the card",
    "refund",
    "Merci mais ça ne marche pas",
    "Gracias pero no funciona",
    "Obrigado, mas não chegou",
    "Grazie ma non funziona",
    "Bedankt, maar het werkt niet",
    "Danke Rechnung?",
    "thanks it is not working",
    "Can you help me?",
    "not perfect",
    "it's not great",
    "Hallo, Karte weg",
    "top up",
    "It worked yesterday but not today, thanks for looking",
    "Ça ne marche pas",
    "No funciona",
    "Wo ist meine Karte? Danke",
    "😡",
    "Status of order 4711?",
)


@pytest.mark.parametrize("text", THANKS)
def test_thanks_need_no_reply(text):
    assert courtesy(text) is Courtesy.THANKS


@pytest.mark.parametrize("text", FOLLOW_UPS)
def test_a_bare_follow_up_asks_for_an_earlier_answer(text):
    assert courtesy(text) is Courtesy.FOLLOW_UP


@pytest.mark.parametrize("text", QUESTIONS)
def test_thanks_with_anything_else_are_a_question(text):
    assert courtesy(text) is None


@pytest.mark.parametrize("text", ["", " ", "…"])
def test_nothing_is_no_courtesy(text):
    assert courtesy(text) is None
