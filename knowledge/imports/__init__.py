"""Articles from elsewhere: help centres, Markdown, CSV and web pages become open changes; nothing goes live by itself."""
