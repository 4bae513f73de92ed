"""Which lines of a message its writer wrote, and which repeat an earlier mail. Pure; time grows with the text's length.

Mail clients mark what they repeat in three ways: a `>` before each line, a line such as "On 23 Nov 2026 at 9:00, Support
<support@example.com> wrote:", or a block of headers ("From: … Sent: … Subject: …"). People answer above, below and between.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

# "On … wrote:" as clients of ten languages have it. It may be wrapped; it always names a day, a time or an address.
SAID = re.compile(
    r"(?:On|Am|Le|El|Em|Il|Op|Den|Dnia|W dniu)\s.{6,300}?"
    r"(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał)\b.{0,150}?[:：]\s*",
    re.IGNORECASE,
)
DATED = re.compile(r"\d{4}|\d[:.h]\d\d|[^\s@]@[^\s@]")
# In any other language: a line that ends in a colon and names a year and a time. Also an address in brackets, or it ends
# in "wrote", or what follows has marks: "I will come on 23 Nov 2026 at 9:00 with:" is prose.
YEAR, TIME = re.compile(r"\d{4}"), re.compile(r"\d[:.h]\d\d")
BRACKETED = re.compile(r"[<(][^\s@<>()]{1,80}@[^\s<>()]{1,120}[>)]")
WROTE = re.compile(
    r"(?:wrote|schrieb|écrit|escribió|escreveu|scritto|schreef|skrev|napisał(?:a|\(a\))?|(?:на)?писал(?:а|\(а\))?|пишет"
    r"|написав|пише|napsal(?:a|\(a\))?|napísal(?:a|\(a\))?|írta|yazdı|kirjoitti|a scris|έγραψε|написа|napisao|napisal"
    r"|rašė|rakstīja|kirjutas|viết|menulis|כתב(?:ה)?|كتب(?:ت)?|写道|寫道|書きました|작성|썼습니다)\s*[:：]$",
    re.IGNORECASE,
)
COLONS = (":", "：")
SEPARATOR = re.compile(
    r"[-_]{2,}\s*(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d'origine|Mensaje original"
    r"|Mensagem original|Messaggio originale|Oorspronkelijk bericht|Forwarded message|Weitergeleitete Nachricht)\b.*",
    re.IGNORECASE,
)
RULE = re.compile(r"_{10,}\s*|[-_]{2,}[^-_].{0,60}?[-_]{2,}\s*")
SENDER = "From|Von|De|Da|Van|Od|Från|Fra|Lähettäjä|От|Kimden|Feladó|发件人|寄件者|差出人|보낸 사람|من"
# What a list of one's own ("From: Berlin, To: Munich") has not: when it was sent, and a subject.
SENT = (
    "Sent|Gesendet|Envoyé|Enviado(?: el| em)?|Enviada(?: el| em)?|Inviato|Verzonden|Wysłano|Skickat|Sendt|Lähetetty"
    "|Отправлено|Gönderildi|Gönderilme|Odesláno|Elküldve|发送时间|寄件日期|送信日時|보낸 날짜"
)
SUBJECT = (
    "Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Temat|Ämne|Emne|Aihe|Тема|Konu|Předmět|Tárgy"
    "|主题|主旨|件名|제목"
)
OTHER = (
    "Date|To|Datum|An|À|Para|Data|A|Aan|Do|Till|Til|Vastaanottaja|Кому|Дата|Kime|Tarih|Komu|Címzett"
    "|收件人|收件者|宛先|받는 사람"
)
FROM = re.compile(rf"\*?(?:{SENDER})\s?[:：]\*?\s.*", re.IGNORECASE)
NEXT_HEADER = re.compile(rf"\*?(?:{SENT}|{SUBJECT}|{OTHER})\s?[:：]\*?\s.*", re.IGNORECASE)
OF_A_MAIL = re.compile(rf"\*?(?:{SENT}|{SUBJECT})\s?[:：]", re.IGNORECASE)
# How each of these begins: asked of every line, and a message may have 75,000.
BEGINNING = re.compile(rf"\s*(?:[-_]{{2}}|\*?(?:{SENDER}|On|Am|Le|El|Em|Il|Op|Den|Dnia|W)\b)", re.IGNORECASE)
MOST_LINES = 2_000  # whose quotes are recognised; what follows is taken as its first line
WRAPPED = 3  # lines that an "On … wrote:" may be cut into
LONGEST = 400  # characters of a header; what is longer is prose


@dataclass(frozen=True)
class Part:
    text: str
    quoted: bool


def split(text: str) -> list[Part]:
    """The message in order, own words and quotes apart; empty parts are left out."""
    parts = []
    for is_quoted, lines in groupby(_lines(text or ""), key=lambda line: line[0]):
        joined = "\n".join(line for _, line in lines)
        if joined.strip():
            parts.append(Part(joined.strip("\n").rstrip(), is_quoted))
    return parts


def own(text: str) -> str:
    """What the writer wrote. Where that is nothing, the text as it is: somebody meant to say it."""
    return "\n\n".join(part.text for part in split(text) if not part.quoted) or text or ""


def _lines(text: str) -> Iterator[tuple[bool, str]]:
    every = text.splitlines()
    lines = [*every[:MOST_LINES], *(["\n".join(every[MOST_LINES:])] if len(every) > MOST_LINES else [])]
    announcing = _announcing(lines)
    place = 0
    while place < len(lines):
        line = lines[place]
        if line.lstrip().startswith(">"):
            yield True, line
            place += 1
            continue
        if not (length := _header(lines, place) or announcing.get(place, 0)):
            yield False, line
            place += 1
            continue
        after = place + length
        yield from ((True, part) for part in lines[place:after])
        place = after
        if not _is_prefixed(lines, place):  # nothing marks where the repeated mail ends, so it does not
            yield from ((True, part) for part in lines[place:])
            return


def _announcing(lines: list[str]) -> dict[int, int]:
    """Where an announcement in no matter which language begins, and how many lines it has."""
    found = {}
    for last, line in enumerate(lines):
        if line.rstrip().endswith(COLONS) and (first := _announced(lines, last)) is not None:
            found[first] = last - first + 1
    return found


def _announced(lines: list[str], last: int) -> int | None:
    """The line from which on, up to the last one, all is named that tells an announcement from prose."""
    joined, is_sure = "", bool(WROTE.search(lines[last].rstrip())) or _is_marked(lines, last + 1)
    for first in range(last, max(last - WRAPPED, -1), -1):
        if not lines[first].strip() or len(joined) + len(lines[first]) > LONGEST:
            return None
        joined = f"{lines[first].strip()} {joined}"
        if YEAR.search(joined) and TIME.search(joined) and (is_sure or BRACKETED.search(joined)):
            return first
    return None


def _is_marked(lines: list[str], place: int) -> bool:
    """Whether the next line is marked, at most one empty one away: no more is read, since this is asked of every colon."""
    return any(line.lstrip().startswith(">") for line in lines[place : place + 2] if line.strip())


def _is_prefixed(lines: list[str], place: int) -> bool:
    following = next((line for line in lines[place:] if line.strip()), "")
    return following.lstrip().startswith(">")


def _header(lines: list[str], place: int) -> int:
    """How many lines from here announce a repeated mail; 0 where they do not."""
    if not BEGINNING.match(lines[place]):
        return 0
    line = lines[place].strip()
    if len(line) > LONGEST:
        return 0
    if SEPARATOR.fullmatch(line):
        return 1
    if RULE.fullmatch(line):
        return 1 if _is_from(lines, place + 1) else 0
    if _is_from(lines, place):
        return 1
    joined = ""
    for count in range(1, WRAPPED + 1):
        if place + count > len(lines) or not lines[place + count - 1].strip():
            return 0
        joined = f"{joined} {lines[place + count - 1].strip()}".strip()
        if len(joined) > LONGEST:
            return 0
        if SAID.fullmatch(joined):
            return count if DATED.search(joined) else 0
    return 0


def _is_from(lines: list[str], place: int) -> bool:
    """A "From:" with another header below it: the block that Outlook puts above the mail it repeats."""
    near = [line.strip() for line in lines[place : place + 4] if line.strip()]
    if len(near) < 2 or len(near[0]) > LONGEST:
        return False
    if not (FROM.fullmatch(near[0]) and NEXT_HEADER.fullmatch(near[1][:LONGEST])):
        return False
    return "@" in near[0] or any(OF_A_MAIL.match(line) for line in near[1:])
