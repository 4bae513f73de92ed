"""Finds prompt injection: attempts in a customer's text to instruct the model that reads it. Pure, linear in the text.

This only flags. Customers' text is always data, never instructions, whether or not an attempt is recognised here.
"""

import re

from .plain import plain
from .words import sentence_spans

GAP = r"(?:\W{1,6}+\w{1,24}+){0,4}?\W{1,6}+"
WORD = r"(?:\w{1,24}+\W{1,6}+)?"
EARLIER = r"(?:previous|prior|above|earlier|preceding|former|foregoing|initial|original|system)"
ORDERS = r"(?:instructions?|prompts?|rules|guidelines|directions|commands|programming|restrictions)"
FRUEHER = r"(?:vorherig|bisherig|obig|vorig|früher|ursprünglich|vorangegangen|vorstehend)\w{0,3}+"
BEFEHL = r"(?:anweisung|instruktion|vorgabe|regeln|befehl|prompt)"


def _orders(verbs: str, before: str, nouns: str, after: str) -> str:
    """What is to be ignored is all, yours or the earlier, before or after the noun: "les consignes précédentes"."""
    return (
        rf"\b(?:{verbs})\w{{0,6}}+{GAP}(?:(?:{before})\w{{0,8}}+\W{{1,6}}+{WORD}{WORD}(?:{nouns})"
        rf"|(?:{nouns})\w{{0,8}}+\W{{1,6}}+(?:{after}))"
    )


# Each entry: strings of which one must occur, because that is fast to check, and the pattern of the attempt.
ATTEMPTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("ignore", "disregard", "forget", "override", "bypass", "discard"),
     rf"\b(?:ignore|disregard|forget|override|bypass|discard){GAP}(?:{EARLIER}\W{{1,6}}+{WORD}{ORDERS}"
     rf"|(?:all|any|your) (?:of )?(?:your |the |these )?{ORDERS})"),
    (("ignore", "disregard", "override", "bypass"),
     rf"\b(?:ignore|disregard|override|bypass) (?:all|any|your)(?: your| the)? {ORDERS}"),
    (("forget",), r"\bforget (?:everything|all)(?: that)? (?:you|above|before)"),
    (("prompt",), r"\b(?:system|developer|hidden|secret)[ -]?prompt\b"),
    (("your", "the "),
     r"\b(?:reveal|print|repeat|show|output|leak) (?:me )?(?:your|the) (?:system |hidden |full )?(?:prompt|instructions)\b"),
    (("you are",), r"\byou are (?:now|no longer) (?:an?|in|my|the|bound|dan)\b"),
    ((" mode",), r"\b(?:enter|enable|activate|switch to) (?:developer|debug|admin|god|dan|jailbreak) mode\b"),
    (("anything now", "jailbreak"), r"\bdo anything now\b|\bjailbreak"),
    (("instruction",), r"\b(?:new|updated|real|actual) (?:system )?instructions?\s?:"),
    (("human", "agent", "reviewer", "operator", "staff"),
     r"\b(?:do not|don't|never) (?:tell|inform|alert|show(?: this)? to) (?:the |any |your )?"
     r"(?:human|agent|reviewer|operator|staff)"),
    (("ignorier", "missacht", "vergiss", "vergesse", "verwirf", "übergeh", "umgeh"),
     rf"\b(?:ignorier|missacht|vergiss|vergesse|verwirf|übergeh|umgeh)\w{{0,6}}+{GAP}{FRUEHER}\W{{1,6}}+{WORD}{BEFEHL}"),
    (("ignorier", "missacht", "vergiss", "vergessen"),
     rf"\b(?:ignorier\w{{0,4}}+|missacht\w{{0,4}}+|vergiss|vergessen sie) (?:alle |deine |ihre ){{1,2}}{BEFEHL}"),
    (("vergiss alles",), r"\bvergiss alles,? was"),
    (("systemprompt", "system-prompt", "systemanweisung", "entwicklermodus"),
     r"\bsystem-?prompt|\bsystemanweisung|\bentwicklermodus\b"),
    (("du bist",), r"\bdu bist (?:jetzt|nun|ab jetzt|ab sofort|nicht mehr|kein) (?:ein|kein|der|die|im)"),
    (("deine", "ihre"),
     r"\b(?:zeig|verrate|nenne|wiederhole)\w{0,3}+ (?:mir )?(?:deine[n]?|ihre[n]?) (?:system|anweisung|instruktion|prompt)"),
    # Spanish, Portuguese, French and Italian.
    (("ignor", "oubli", "olvid", "esque", "desconsider", "dimentic", "omit", "omett", "descart"),
     _orders(r"ignor|oubli|olvid|esque[çc]|desconsider|dimentic|omit|omett|descart",
             r"tou[st]|tod[oa]s|tutt[ei]|tes|vos|tus|sus|tuas?|suas?|tue|sue|vostre|préc|precedent|anterior|previ",
             r"instruc|instruç|istruzion|consigne|directi[vz]|diretri|direttiv|indica[cçz]|órdenes|ordres|ordens|ordini|règle|regla"
             r"|regra|regol|comando|prompt",
             r"préc|precedent|anterior|previ|ci-dessus|arriba|acima|sopra|d[eo]l? sistema|di sistema|système")),
    # Dutch, Swedish, Danish and Norwegian.
    (("neger", "negeer", "verge", "ignorer", "glöm", "glem", "bortse", "se bort"),
     _orders(r"neger|negeer|vergeet|vergeten|ignorer|glöm|glem|bortse|se bort",
             r"all|jouw|je|uw|din|eerdere|vorige|voorgaande|tidigare|föregående|tidligere|forrige",
             r"instructi|instruk|aanwijzing|anvisning|opdracht|richtlijn|regel|prompt",
             r"hierboven|eerder|ovan|tidigare|ovenfor|tidligere")),
    (("ignoruj", "zapom", "pomiń"),
     _orders(r"zignoruj|ignoruj|zapomnij|zapomeň|pomiń", r"wszystki|poprzedni|wcześniejsz|swoj|twoj|všechn|předchoz|sv[éáo]|tvoj",
             r"instruk|poleceni|poleceń|wytyczn|zasad|reguł|pokyn|příkaz|pravid|prompt", r"powyżej|wyżej|výše")),
    (("игнор", "забуд", "не учитыва"),
     _orders(r"(?:про)?игнорир|забуд|не учитыва", r"вс[еёя]|предыдущ|прежн|сво|тво|ваш", r"инструкц|указани|правил|команд|промпт",
             r"выше|ранее")),
    # Orders, not reports: "talimatları unut", but not "talimatları unuttum" of somebody who has lost them.
    (("yok say", "görmezden", "unut", "dikkate alma", "göz ardı", "boş ver"),
     r"\b(?:talimat|yönerge|kural|komut)\w{0,12}+\W{1,6}+(?:\w{1,24}+\W{1,6}+){0,2}?"
     r"(?:yok say|görmezden gel|göz ardı et|boş ver|dikkate alma(?=\W|$|yın)|unut(?=\W|$|un))"),
    (("تجاهل", "انس", "تغاض", "أهمل", "اهمل", "تتبع", "تلتزم"),
     r"\b(?:تجاهل|انس|تغاض|[أا]همل|لا تتبع|لا تلتزم)(?:ي|وا)?\W{1,6}+(?:\w{1,24}+\W{1,6}+){0,3}?"
     r"(?:ب?ال|لل)?(?:تعليمات|أوامر|قواعد|توجيهات|إرشادات)"),
    # Chinese and Japanese, in either order of verb and noun; Korean.
    (("無視", "忽視", "无视", "忽略", "忘", "理会", "理會", "遵守", "遵循"),
     r"(?:無視|忽視|无视|忽略|忘[记記掉]|不[要用](?:再)?(?:理[会會]|遵守|遵循))(?![了过過])[^.,\n]{0,10}"
     r"(?:指示|命令|指令|提示|规则|規則|限制|プロンプト)"
     r"|(?:指示|命令|指令|提示词|规则|規則)[^.,\n]{0,6}(?:忽略|无视|忘掉)(?![了过過])"),
    (("無視", "忘れ", "従"),
     r"(?:指示|命令|指令|制約|規則|プロンプト|ルール)[^.,\n]{0,6}(?:無視(?!され|しま|した)|忘れ(?:て(?!しま|い)|ろ|なさい)|従わない(?:で|こと)|従うな)"),
    (("무시", "잊", "따르지"),
     r"(?:지시|명령|지침|프롬프트|규칙)\w{0,6}+\W{0,3}+(?:\w{1,8}+\W{1,3}+)?"
     r"(?:무시(?!당|했|됐|되)|잊(?:어(?:버려|라| ?줘| ?주|버리세)|으세|으십)|따르지 ?(?:마|말))"),
    (("システムプロンプト", "시스템 프롬프트", "系统提示词", "系統提示詞"),
     r"システムプロンプト|시스템 프롬프트|系[统統]提示[词詞]"),
    # The tokens by which chat templates separate speakers.
    (("im_start", "im_end", "<system", "</system", "<assistant", "endoftext", "header_id", "eot_id", "[inst", "[/inst", "<<sys"),
     r"<\|?/?(?:im_start|im_end|system|assistant|endoftext|start_header_id|end_header_id|eot_id)\|?>|\[/?inst\]|<<sys>>"),
    (("system", "developer"), r"#{1,6} ?system\b|\b(?:system|developer) (?:message|override|note)\s?:"),
)  # fmt: skip
COMPILED = tuple((needles, re.compile(pattern)) for needles, pattern in ATTEMPTS)
VOWEL_SIGNS = re.compile("[\u0640\u064b-\u0652]")  # Arabic's, which most writers leave out
SHOWN = 80


def attempt(text: str) -> str:
    """The part of the text that looks like an attempt, or an empty string."""
    plain_text = VOWEL_SIGNS.sub("", plain(text))
    for needles, pattern in COMPILED:
        if any(needle in plain_text for needle in needles) and (found := pattern.search(plain_text)):
            return " ".join(found[0].split())[:SHOWN]
    return ""


def without(text: str) -> str:
    """The text without the sentences that look like an attempt, for what is kept of a customer's words."""
    if not attempt(text):
        return text
    parts = (text[start:end] for start, end in sentence_spans(text))
    rest = "".join(part for part in parts if not attempt(part)).strip()
    return "" if attempt(rest) else rest
