"""The words that decisions, signals and settings share: which grades there are, and what a decision can be. Constants alone."""

from enum import StrEnum

GRADES = ("tone", "accuracy", "policy")


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


class Grading(StrEnum):
    """What an inbox asks its reviewers to grade."""

    ALL = "all"
    SAMPLE = "sample"  # edited, rejected, flagged, and a fifth of the rest
