"""The demo: past weeks of an invented shop, an account for each role, and pages to play customer and to break Chatwoot.

Only `make demo` uses it (the setting DEMO). A real site has none of its pages.
"""
