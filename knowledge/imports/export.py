"""Live articles as a zip of Markdown files, with the front matter that the import reads."""

import io
import zipfile
from collections.abc import Iterable
from typing import Any

import yaml

from ..models import Article


def as_zip(articles: Iterable[Article]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for article in articles:
            archive.writestr(f"{article.language}/{article.slug}.md", as_markdown(article))
    return data.getvalue()


def as_markdown(article: Article) -> str:
    facts: dict[str, Any] = {"title": article.title, "language": article.language, "slug": article.slug}
    facts |= {name: text for name in ("question", "keywords") if (text := getattr(article, name))}
    facts |= {
        name: day.isoformat() for name in ("review_by", "valid_until") if (day := getattr(article, name))
    }
    if article.group:
        facts["translations"] = article.group
    if article.is_policy:
        facts["policy"] = "true"
    front = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n{article.body}\n"
