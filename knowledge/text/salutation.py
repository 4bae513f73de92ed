"""Upper or lower case for the first letter of a text after its salutation, by language. Pure.

English starts a new sentence with a capital letter. German continues in lower case after a comma, except for nouns and
"Sie". Only words that are certainly neither are changed; everything else stays as it was written.
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
# "Wählen Sie", "Senden Sie": an imperative, so not a noun.
POLITE_IMPERATIVE = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+n Sie\b")


def continued(text: str, *, after: str, language: str) -> str:
    """The text, with its first letter in the case that is right after this greeting."""
    found = FIRST_WORD.match(text)
    if not found:
        return text
    if language == "de" and after.rstrip().endswith(","):
        lower = found[0].lower() in GERMAN_LOWER or POLITE_IMPERATIVE.match(text)
        return text[0].lower() + text[1:] if lower and not found[0].isupper() else text
    return text if _is_a_name(text) else text[0].upper() + text[1:]


def _is_a_name(text: str) -> bool:
    """acme.example, iPhone, billing@acme.example: written as they are, even at the start of a sentence."""
    word = re.split(r"[\s,;!?]", text, maxsplit=1)[0].rstrip(".:")
    return not re.fullmatch(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", word) or any(map(str.isupper, word[1:]))
