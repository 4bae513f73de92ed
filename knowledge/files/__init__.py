"""Files that go along with a reply: their names, what they are by their content, and what each channel takes. Pure."""
