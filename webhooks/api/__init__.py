"""The REST API of the webhooks app, one file for each noun, and the conventions shared by all APIs of the site."""
