"""Rehearsals on the running demo: something fails, and the drill checks everything that a person should see then.

A drill uses the API, the health pages and the simulated Chatwoot, and repairs what it broke.
"""
