"""Rehearsals on the running demo: something fails, and each thing a person should then see is looked for.

A drill looks from outside, through the API, the health pages and the simulated Chatwoot, and puts right what it broke.
"""
