"""Freehold: one OpenAI-compatible endpoint in front of models that are rented and models that are owned."""

__version__ = "0.1.0"
