"""In which language a text is written, as far as its script and its most common words tell. Pure.

de, en, UNKNOWN for any other, NONE for what has no words. A guess must not send a customer to somebody who cannot read them.
"""

import re
import unicodedata

UNKNOWN, NONE = "?", ""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = _words(
    "the of and to is are you my i we please have has not can could where what when how this that for with it do does did"
    " hello hi thanks thank your was will would be been but from there still an"
)
GERMAN = _words(
    "ich nicht und ist das die der wie mein bitte habe wir sie ein eine für mit kann wo wann warum kein keine hallo danke"
    " noch meine den dem zu auf"
)
# Of others, words that are neither English nor German.
OTHERS = (
    "hola está estoy mi pedido dónde donde cuándo cuando por para con una gracias quiero necesito puedo ayuda buenos buenas"
    " tengo llegado cómo qué que pero muy favor el los las mis ha",
    "olá oi meu minha onde está não nao você voce obrigado obrigada quero preciso posso ajuda bom boa pedido chegou uma com"
    " para por favor que ainda",
    "bonjour le les des je vous nous est mon ma mes où pas une pour avec merci voudrais commande suis dans mais ai et",
    "ciao buongiorno il gli che non è mio mia dove quando grazie vorrei ordine sono per con una della ho di",
    "het een mijn ik niet waar wanneer bestelling heb graag bedankt voor met hoe dat van de nog",
    "nie jest moje gdzie kiedy proszę dziękuję zamówienie dzień dobry się mam czy jak",
    "merhaba nerede siparişim teşekkürler lütfen için bir değil ne zaman",
    "hej jag är inte beställning tack när och att det jeg er ikke hvor ordre takk tak kan",
    "dobrý den kde moje objednávka děkuji prosím není jsem",
    "bună unde este comanda mea mulțumesc nu vă rog",
    "hol van rendelésem köszönöm szia nem kérem mikor",
    "missä tilaukseni kiitos hei ei ole milloin",
    "saya pesanan dimana kapan terima kasih tidak bisa apa",
)
SETS = tuple(_words(words) - ENGLISH - GERMAN for words in OTHERS)
FOREIGN = re.compile("[¿¡ñãõçğışłąężźćńřěůőűœøåæțșăîâêëìòùíóúáœ]")
MOST = 4000  # characters


def language(text: str) -> str:
    text = text[:MOST]
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return NONE
    foreign_script = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if foreign_script * 3 > len(letters):
        return UNKNOWN
    found = re.findall(r"[^\W\d_]+", text.lower())
    english, german = (sum(word in known for word in found) for known in (ENGLISH, GERMAN))
    others = max(sum(word in known for word in found) for known in SETS)
    if not english and not german:
        others += sum(bool(FOREIGN.search(word)) for word in found)
    if others > max(english, german):
        return UNKNOWN
    return "de" if german * 8 > len(found) and german >= english else "en"
