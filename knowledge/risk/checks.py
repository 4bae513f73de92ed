"""Which risk rules a reply meets: rules in, flags out. Pure; the rules are rows (models/risk.py).

`CHECKS` has one function for each kind of rule; models/risk_kinds.py says which fields a kind needs.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Protocol

from ..models.risk_kinds import BOTH, CUSTOMER, DRAFT
from ..text import addresses, injection, letter, links, money, personal_data
from ..text.plain import look_alike, look_alikes, plain
from . import flag_texts, support

MOST_LOOKED_AT = 2_000  # amounts, links or numbers in one text, more than any real reply contains
SHOWN = 3
MOST_NAMED = 12  # facts in one flag


class Rule(Protocol):
    """number: an amount, or a share from 0 to 1. words: phrases, labels, hosts or what is allowed, by kind."""

    name: str
    kind: str
    words: list[str]
    number: float | None
    where: str
    second_person: bool


@dataclass(frozen=True)
class Facts:
    """What a rule may know besides the reply's text. known: texts whose personal data is this customer's or ours."""

    customer: str = ""
    known: Sequence[str] = ()
    labels: Sequence[str] = ()
    confidence: float | None = None
    recipients: Sequence[str] = ()
    takes_part: Sequence[
        str
    ] = ()  # addresses that wrote in this conversation, or are ours, or an earlier reply went to
    named: int = 0  # addresses in the mail that is answered
    files: Sequence[str] = ()  # names of what is attached
    machine_text: str = ""  # as a machine proposed it; empty: a person wrote it
    languages: Sequence[str] = ()  # of our articles: likely in a text
    sources: Sequence[
        str
    ] = ()  # where its facts may come from: cited versions, the conversation, our own frame


Flag = dict[str, Any]  # rule, reason, second_person
Check = Callable[[str, Facts, Rule], str]


def flags(text: str, facts: Facts, rules: Iterable[Rule]) -> list[Flag]:
    """One flag per rule that finds something, in the rules' order."""
    reasons = ((rule, CHECKS[rule.kind](text, facts, rule)) for rule in rules if rule.kind in CHECKS)
    return [
        {"rule": rule.name, "reason": reason, "second_person": rule.second_person} for rule, reason in reasons if reason
    ]  # fmt: skip


def has_personal_data(text: str) -> bool:
    """Whether the known texts need to be read at all."""
    return next(iter(_in_readings(personal_data.found, text)), None) is not None


def _refund(text: str, facts: Facts, rule: Rule) -> str:
    if rule.number is None or (rule.words and not _met(rule.words, text)):
        return ""
    met = list(islice(_in_readings(money.amounts, text), MOST_LOOKED_AT))
    if len(met) == MOST_LOOKED_AT:
        return flag_texts.TOO_MANY_AMOUNTS
    highest = max(met, default=0.0)
    said = {"amount": _money(highest), "limit": _money(rule.number)}
    return flag_texts.AMOUNT % said if highest > rule.number else ""


def _words(text: str, facts: Facts, rule: Rule) -> str:
    for where, says, checked in (
        (DRAFT, flag_texts.REPLY_SAYS, text),
        (CUSTOMER, flag_texts.CUSTOMER_SAYS, facts.customer),
    ):
        if rule.where in (BOTH, where) and (found := _met(rule.words, checked)):
            return says % {"found": found}
    return ""


def _confidence(text: str, facts: Facts, rule: Rule) -> str:
    if rule.number is None or facts.confidence is None or facts.confidence >= rule.number:
        return ""
    return flag_texts.CONFIDENCE % {"share": _percent(facts.confidence), "least": _percent(rule.number)}


def _label(text: str, facts: Facts, rule: Rule) -> str:
    wanted = {plain(label).strip() for label in rule.words}
    matching = [label for label in facts.labels if isinstance(label, str) and plain(label).strip() in wanted]
    return flag_texts.LABELLED % {"names": _listed(matching)} if matching else ""


def _link(text: str, facts: Facts, rule: Rule) -> str:
    listed = tuple(filter(None, map(links.as_listed, rule.words)))
    said = _in_readings(links.hosts, text)
    met = list(islice(chain(said, links.hosts_of_targets(letter.read(text).targets)), MOST_LOOKED_AT))
    if len(met) == MOST_LOOKED_AT:
        return flag_texts.TOO_MANY_LINKS
    unknown = list(dict.fromkeys(host for host in met if not links.is_listed(host, listed)))
    return flag_texts.HOSTS % {"names": _listed(unknown)} if unknown else ""


def _template(text: str, facts: Facts, rule: Rule) -> str:
    readings = [plain(reading) for reading in letter.read(text).readings]
    mark = next((mark for mark in ("{{", "{%") if any(mark in said for said in readings)), "")
    return flag_texts.TEMPLATE_CODE % {"found": mark} if mark else ""


def _personal(text: str, facts: Facts, rule: Rule) -> str:
    met = list(islice(_in_readings(personal_data.found, text), MOST_LOOKED_AT))
    if not met:
        return ""
    if len(met) == MOST_LOOKED_AT:
        return flag_texts.TOO_MUCH_PERSONAL
    allowed = [plain(word).strip() for word in rule.words]
    known = personal_data.keys([*facts.known, *allowed]) | personal_data.numbers([*facts.known, *allowed])
    domains = tuple(word if word.startswith("@") else f"@{word}" for word in allowed if "." in word)
    unknown = [one for one in met if one.key not in known and not one.key.endswith(domains)]
    if not unknown:
        return ""
    named = (flag_texts.DATA[one.what] % {"found": one.text.strip()} for one in unknown)
    return flag_texts.PERSONAL % {"data": _listed(dict.fromkeys(named))}


def _injection(text: str, facts: Facts, rule: Rule) -> str:
    found = injection.attempt(facts.customer) or _met(rule.words, facts.customer)
    return flag_texts.INJECTION % {"found": found} if found else ""


def _recipients(text: str, facts: Facts, rule: Rule) -> str:
    if facts.named > addresses.MOST:
        return flag_texts.TOO_MANY_NAMED % {"n": f"{facts.named:,}"}
    known = {plain(one).strip() for one in (*facts.takes_part, *rule.words)}
    domains = {addresses.domain(one) for one in known} - SHARED_DOMAINS | {
        word.lstrip("@") for word in known if word
    }
    strange = [
        one
        for one in facts.recipients
        if plain(one).strip() not in known and addresses.domain(one) not in domains
    ]
    return flag_texts.STRANGERS % {"names": _listed(strange)} if strange else ""


def _files(text: str, facts: Facts, rule: Rule) -> str:
    if not facts.files:
        return ""
    attached = flag_texts.FILE if len(facts.files) == 1 else flag_texts.FILES
    return attached % {"n": len(facts.files), "names": _listed(facts.files)}


def _support(text: str, facts: Facts, rule: Rule) -> str:
    missing = support.unsupported(
        text, facts.sources, machine_text=facts.machine_text, likely=facts.languages
    )
    return flag_texts.UNSUPPORTED % {"found": ", ".join(missing[:MOST_NAMED])} if missing else ""


def _language(text: str, facts: Facts, rule: Rule) -> str:
    if not facts.machine_text:
        return ""
    return support.other_language(text, facts.customer, likely=facts.languages)


# Where anybody may have a mailbox: the same domain says nothing there.
SHARED_DOMAINS_LISTED = (
    "gmail.com googlemail.com outlook.com outlook.de hotmail.com hotmail.de live.com live.de msn.com yahoo.com yahoo.de "
    "ymail.com icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de mail.de "
    "mail.com posteo.de mailbox.org proton.me protonmail.com pm.me tutanota.com tuta.io zoho.com yandex.ru yandex.com mail.ru "
    "qq.com 163.com 126.com orange.fr free.fr laposte.net libero.it bluewin.ch hey.com fastmail.com arcor.de 1und1.de "
    "online.de"
)
SHARED_DOMAINS = frozenset(SHARED_DOMAINS_LISTED.split())


def _in_readings(look: Callable[[str], Iterable[Any]], text: str) -> Iterator[Any]:
    """In each way that its reader may get it."""
    return chain.from_iterable(map(look, letter.read(text).readings))


CHECKS: dict[str, Check] = {
    "recipients": _recipients,
    "files": _files,
    "refund": _refund,
    "words": _words,
    "confidence": _confidence,
    "label": _label,
    "link": _link,
    "template": _template,
    "personal": _personal,
    "injection": _injection,
    "support": _support,
    "language": _language,
}


def _money(amount: float) -> str:
    return f"{amount:,.2f}".removesuffix(".00")


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _listed(names: Iterable[str]) -> str:
    rows = [str(name)[:100] for name in names]
    named = ", ".join(rows[:SHOWN])
    return flag_texts.MORE % {"names": named, "n": len(rows) - SHOWN} if len(rows) > SHOWN else named


def _met(words: Iterable[str], text: str) -> str:
    """The first phrase that the text contains, as the text spells it."""
    for reading in letter.read(text).readings:
        plain_text = plain(reading)
        alike_texts = [text for text in look_alikes(reading) if text != plain_text]
        for needle, pattern, alike, alike_pattern in _phrases(tuple(words)):
            found = pattern.search(plain_text) if needle in plain_text else None
            for text_alike in alike_texts:
                found = found or (alike_pattern.search(text_alike) if alike in text_alike else None)
            if found:
                return " ".join(found[0].split())[:60]
    return ""


@lru_cache(maxsize=128)
def _phrases(words: tuple[str, ...]) -> list[tuple[str, re.Pattern[str], str, re.Pattern[str]]]:
    """Each phrase as a word that is fast to look for first and a pattern; then both again in look-alike letters."""
    found = []
    for word in words:
        if plain(word).strip(" *") and look_alike(word).strip(" *"):
            found.append((*_phrase(plain(word)), *_phrase(look_alike(word))))
    return found


def _phrase(word: str) -> tuple[str, re.Pattern[str]]:
    """Whole words; a * at an end stands for any further letters there."""
    bare = word.strip()
    parts = bare.strip("*").split()
    start = "" if bare.startswith("*") else r"(?<![^\W_])"
    end = "" if bare.endswith("*") else r"(?![^\W_])"
    return parts[0], re.compile(start + r"\s{1,9}".join(map(re.escape, parts)) + end)
