"""The pages' Jinja templates, and the one way to fill them in.

Promise: a name that a template uses and nobody gives is an error, never an empty place.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def render(template: str, **values: Any) -> str:
    """The text of `template`, a file of this folder, with `values`; values are escaped where it is HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=".html" in template,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=".md" in template,
    )
    return environment.get_template(template).render(**values)
