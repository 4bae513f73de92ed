"""The index: a handful of true figures and what needs a person."""

from django.http import HttpRequest


def context(request: HttpRequest, context: dict) -> dict:
    return context
