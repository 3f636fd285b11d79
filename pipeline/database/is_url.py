"""Tells URLs from paths. It imports nothing, since SQLAlchemy takes 0.4 s to import."""


def is_url(text: str) -> bool:
    """Whether `text` is a URL, and not the path of a file."""
    return "://" in text
