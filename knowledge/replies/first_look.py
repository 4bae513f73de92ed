"""What a first approval was of. The second one counts only for the very same: text, files, recipients, note, and what follows."""

import hashlib
import json

from ..models import Draft
from . import attachments, recipients


def digest(draft: Draft, *, note: str, then: str) -> str:
    """One value for everything that two people have to agree on."""
    seen = {
        "revision": draft.revision,
        "text": draft.body,
        "recipients": recipients.for_contact_of(
            draft.conversation, draft.recipients
        ),  # as approve() freezes them
        "attachments": attachments.listed(draft),
        "note": note,
        "then": then,
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def is_of(draft: Draft, *, note: str, then: str) -> bool:
    return draft.first_look_of == digest(draft, note=note, then=then)
