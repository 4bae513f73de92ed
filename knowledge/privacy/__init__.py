"""Which fields of the desk hold personal data, and how long they are kept."""
