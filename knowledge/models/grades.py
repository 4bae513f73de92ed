"""The grades, and the kinds of decisions and signals. Constants only, so that models and pure functions can share them."""

from enum import StrEnum

from django.utils.translation import gettext_lazy

GRADES = ("tone", "accuracy", "policy")
GOOD = 4  # of 5: a grade from here on finds nothing that matters
# Within a sentence.
GRADE_NAMES = {
    "tone": gettext_lazy("tone"),
    "accuracy": gettext_lazy("accuracy"),
    "policy": gettext_lazy("policy"),
}


class Decision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    OVERTAKEN = "overtaken"  # nobody decided: an agent answered in Chatwoot


class Kind(StrEnum):
    TONE_IMPROVEMENT = "tone_improvement"
    FACTUAL_CORRECTION = "factual_correction"
    POLICY_CLARIFICATION = "policy_clarification"
    TEMPLATE_REFINEMENT = "template_refinement"
    NEW_PATTERN = "new_pattern"
    SUPERSEDED = "superseded"


class Edit(StrEnum):
    """What a person changed of a draft. Frame and wording are edits of tone: they change no fact."""

    NOTHING = "nothing"
    FRAME = "frame"  # greeting, closing or signature alone
    WORDING = "wording"
    FACTS = "facts"


class Grading(StrEnum):
    """Which drafts the reviewers of an inbox grade."""

    ALL = "all"
    SAMPLE = "sample"  # edited, rejected, flagged, and a fifth of the rest
