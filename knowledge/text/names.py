"""By which name a customer can be greeted, if by any. Pure. A greeting without a name is never wrong: in doubt, none."""

import re
import unicodedata

MOST = 30  # letters
# What makes the whole no name: an address, a link, a template, markup.
NO_NAME = re.compile(r"[@<>{}\[\]|\\/=_#]|%[}{]|https?:|www\.", re.IGNORECASE)
TITLES = {
    "dr", "prof", "professor", "ing", "dipl", "mag", "med", "phd", "doktor", "doctor", "rev", "sir", "dame", "hon",
    "dra", "drs", "dott", "dottssa", "dottoressa", "dottore", "profª", "profa", "arq", "lic",
}  # fmt: skip
# A surname follows these, and none of the greetings here takes one.
FORMAL = {
    "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "hr", "fr", "sr", "sra", "señor", "señora", "senor", "senora", "mme",
    "mlle", "monsieur", "madame", "madam", "familie", "family",
    "familia", "família", "famille", "famiglia", "signor", "signore", "signora", "signorina", "sig", "senhor", "senhora",
    "meneer", "mevrouw", "dhr", "mevr", "fru", "pan", "pani",
}  # fmt: skip
# What systems and firms are called.
PLACEHOLDERS = {
    "unknown", "unbekannt", "anonymous", "anonym", "guest", "gast", "visitor", "besucher", "user", "customer", "kunde",
    "kundin", "client", "contact", "kontakt", "null", "none", "undefined", "nan", "test", "admin", "info", "support", "sales",
    "office", "team", "service", "mail", "email", "noreply", "no", "the", "whatsapp", "telegram", "instagram", "facebook",
    "messenger", "group", "gruppe", "lead", "deleted", "private", "caller", "anrufer", "name", "bot", "chat",
    "invitado", "invitada", "visitante", "visiteur", "visitatore", "cliente", "usuario", "usuária", "usuário", "utilisateur",
    "utente", "ospite", "convidado", "desconocido", "desconhecido", "inconnu", "sconosciuto", "gebruiker", "bezoeker", "klant",
    "gość", "klient", "nutzer", "benutzer", "teilnehmer", "member", "subscriber", "sms", "telefon", "phone",
    "me", "ich", "yo", "moi", "mama", "papa", "mom", "mum", "dad", "noname", "iphone", "ipad", "android", "handy",
}  # fmt: skip
FIRMS = {
    "gmbh", "ag", "kg", "ug", "ohg", "inc", "ltd", "llc", "llp", "corp", "co", "company", "sarl", "srl", "bv", "plc", "team",
    "support", "service", "group", "gruppe", "shop", "store", "holding", "verein", "e.v",
    "hotel", "restaurant", "praxis", "kanzlei", "stadtwerke", "amt", "firma", "hausverwaltung", "agentur", "agency", "studio",
}  # fmt: skip
TOGETHER = {"&", "+", "and", "und"}  # Anna & Tom: a greeting of one leaves out the other


def first_name(name: str) -> str:
    """To greet by; empty where there is none."""
    shown = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in name)
    if NO_NAME.search(shown) or TOGETHER & set(shown.lower().split()):
        return ""
    surname, comma, rest = shown.partition(",")
    words = [one for part in (f"{rest} {surname}" if comma else shown).split() if (one := _trimmed(part))]
    plain = [word.lower().rstrip(".") for word in words]
    if any(word.isdecimal() for word in words):
        return ""  # Morning Rain 190, Guest 7
    if not words or FORMAL & set(plain) or FIRMS & set(plain) or plain[0] in PLACEHOLDERS:
        return ""
    untitled = [word for word, known in zip(words, plain, strict=True) if not _is_title(known)]
    if not untitled or (len(untitled) == 1 and len(words) > 1):
        return ""  # Dr. Smith, or a title alone
    first = untitled[0]
    return first if _is_name(first, alone=len(words) == 1) else ""


def _is_title(word: str) -> bool:
    return all(part in TITLES for part in re.split(r"[.-]+", word) if part)


def _trimmed(word: str) -> str:
    """Without what decorates it: quotes, brackets, pictures."""
    start, end = 0, len(word)
    while start < end and not word[start].isalnum():
        start += 1
    while end > start and not (word[end - 1].isalnum() or word[end - 1] == "." or _is_mark(word[end - 1])):
        end -= 1
    return word[start:end]


def _is_name(word: str, *, alone: bool) -> bool:
    letters = [letter for letter in word if letter.isalpha()]
    if not all(letter.isalpha() or _is_mark(letter) or letter in "'’‘ʼ-‐" for letter in word):
        return False  # digits, dots: a number, a handle, an initial
    if len(letters) > MOST or (len(letters) < 2 and ord(letters[0]) < 0x2E80):
        return False
    if len(set(word.lower())) == 1 or word.lower().endswith(("'s", "’s")):
        return False  # xx, aaa, Anna's iPhone
    # morning-rain is what a chat widget calls a visitor; people write Jean-Luc.
    return not (alone and "-" in word and word == word.lower() and ord(letters[0]) < 0x2E80)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M"
