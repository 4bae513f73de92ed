"""The search of every page (Ctrl+K): customers, conversations, drafts, articles, deliveries, pages and settings."""
