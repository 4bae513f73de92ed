"""A stand-in Chatwoot for the demo and for tests.

It keeps one account in memory, answers its API, posts signed webhooks, and misbehaves when told to.
Nothing in here imports Django or the rest of the project, so a test can start it anywhere.
"""
