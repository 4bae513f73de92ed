"""The risk rules that a new installation starts with."""

from typing import Any

from ..models import RiskRule

REFUND_WORDS = [
    "refund*", "reimburs*", "compensat*", "goodwill", "money back", "pay you back", "paying you back", "credit", "credited",
    "voucher*", "*erstatt*", "*rückzahl*", "*gutschr*", "gutschein*", "entschädig*", "geld zurück", "kulanz*", "überweisen",
]  # fmt: skip
LEGAL_WORDS = [
    "lawyer*", "attorney*", "solicitor*", "lawsuit*", "sue", "suing", "sued", "court", "legal action", "legally binding",
    "litigation", "liable", "liability", "negligen*", "ombudsman", "data protection authority", "class action",
    "*anwalt", "*anwalts", "*anwält*", "rechtliche schritte", "rechtsstreit", "rechtsverbindlich*", "gericht", "klage",
    "verklag*", "schadensersatz*", "schadenersatz*", "abmahn*", "haftung*", "haftbar", "mahnbescheid", "strafanzeige",
    "datenschutzbehörde", "verbraucherzentrale",
]  # fmt: skip
SEEDED: list[dict[str, Any]] = [
    {"name": "Refund over 100", "kind": "refund", "number": 100, "words": REFUND_WORDS, "second_person": True},
    {"name": "Legal words", "kind": "words", "words": LEGAL_WORDS, "where": "both", "second_person": True},
    {"name": "Other people's data", "kind": "personal", "second_person": True},
    {"name": "Low confidence", "kind": "confidence", "number": 0.3},
    {"name": "VIP", "kind": "label", "words": ["vip"]},
    {"name": "Unknown link", "kind": "link"},
    {"name": "Template code", "kind": "template"},
    {"name": "Unknown recipients", "kind": "recipients"},
    {"name": "Attachments", "kind": "files"},
    {"name": "Prompt injection", "kind": "injection"},
    {"name": "Support check", "kind": "support"},
    {"name": "Another language", "kind": "language"},
]  # fmt: skip


def seed() -> None:
    """Only the first time: a rule that a Manager deleted does not come back."""
    if RiskRule.history.exists():  # type: ignore[attr-defined]
        return
    for row in SEEDED:
        RiskRule.objects.create(**row)
