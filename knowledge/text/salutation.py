"""Upper or lower case for the first letter of a text after its salutation, by language. Pure.

Most languages start a new sentence with a capital letter. German and Italian continue in lower case after a comma, except for
nouns and "Sie", and for names. Only words that are certainly neither are changed; everything else stays as it was written.
"""

import re

FIRST_WORD = re.compile(r"[^\W\d_]+")
# Not "Ihr" and its forms: they are the polite form of address.
GERMAN_LOWER = frozenset(
    """
    aber alle alles als am auf aufgrund aus bei beim bitte bevor bis da daher damit danke dann darum das dass
    dazu dein deine dem den denn der derzeit deshalb die dies diese diesen dieser dieses doch du durch ein eine
    einen einer eines er es falls für gegen gern gerne gestern haben hat heute hier hiermit ich im in ist ja
    jede jeder jederzeit jetzt kann kein keine können leider mein meine mit nach nachdem natürlich nein noch nun
    nur ob oder ohne schade schön selbstverständlich sehr seit sind so sobald sofern solange somit sowohl trotz
    über um und uns unser unsere unserem unseren unter viele vielen von vor während wann warum was wegen weil
    welche wenn wie wir wird wo zu zum zunächst zur zurzeit zusätzlich
    """.split()  # noqa: SIM905
)
ITALIAN_LOWER = frozenset(
    """
    abbiamo al alla alle anche appena avete basta può puoi ci che ci come con così da dal dalla deve di dopo e è ecco gli grazie
    ha hai i il in la le lei lo mi ma nel nella no non nostra nostro ogni per perché però prima purtroppo qui quando questa questo
    può se senza si siamo sì sono stiamo su sul trova tutti un una vi è
    """.split()  # noqa: SIM905
)
LOWER = {"de": GERMAN_LOWER, "it": ITALIAN_LOWER}
CAPITAL = ("en", "fr", "es", "pt", "nl")
# "Wählen Sie", "Senden Sie": an imperative, so not a noun.
POLITE_IMPERATIVE = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+n Sie\b")


def continued(text: str, *, after: str, language: str) -> str:
    """The text, with its first letter in the case that is right after this greeting."""
    found, base = FIRST_WORD.match(text), language[:2].lower()
    if not found:
        return text
    if base in LOWER and after.rstrip().endswith(","):
        lower = found[0].lower() in LOWER[base] or (base == "de" and POLITE_IMPERATIVE.match(text))
        return text[0].lower() + text[1:] if lower and not _is_shouted(found[0]) else text
    known = base in LOWER or base in CAPITAL
    return text if not known or _is_a_name(text) else text[0].upper() + text[1:]


def _is_shouted(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _is_a_name(text: str) -> bool:
    """acme.example, iPhone, billing@acme.example: written as they are, even at the start of a sentence."""
    word = re.split(r"[\s,;!?]", text, maxsplit=1)[0].rstrip(".:")
    return not re.fullmatch(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", word) or any(map(str.isupper, word[1:]))
