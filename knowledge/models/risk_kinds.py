"""The kinds of risk rules and the fields that each one reads: one table. Constants only."""

from dataclasses import dataclass

DRAFT, CUSTOMER, BOTH = "draft", "customer", "both"


@dataclass(frozen=True)
class Kind:
    """needs: the fields that a rule of this kind cannot do without. Its check is in risk/checks.py."""

    label: str
    needs: tuple[str, ...] = ()
    words_are: str = ""
    number_is: str = ""


KINDS: dict[str, Kind] = {
    "refund": Kind("Money over an amount", ("number",), "Only if one of these words appears too", "Amount"),
    "words": Kind("Words", ("words",), "Words and phrases"),
    "confidence": Kind("Confidence below a share", ("number",), number_is="Share"),
    "label": Kind("Labels of the conversation", ("words",), "Labels"),
    "link": Kind("Links to unknown hosts", words_are="Known hosts"),
    "template": Kind("Template code: {{ or {%"),
    "personal": Kind("Personal data that is not the customer's", words_are="Allowed"),
    "recipients": Kind("Recipients who are strangers", words_are="Known addresses and domains"),
    "support": Kind("Facts without a source"),
    "language": Kind("Reply in another language"),
    "injection": Kind("Prompt injection", words_are="More phrases"),
}  # fmt: skip
