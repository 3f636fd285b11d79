"""The pages' Jinja templates, and the one way to fill them in.

Promise: a name that a template uses and nobody gives is an error, never an empty place.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.config.secrets import without_secrets
from pipeline.reporting.markdown import code, escaped
from pipeline.storage.files import StoredJson


class _Missing(StrictUndefined):
    """A name that nobody gives: of a JSON file, the fault of the file."""

    @property
    def _undefined_message(self) -> str:
        if isinstance(self._undefined_obj, StoredJson):
            self._undefined_obj[str(self._undefined_name)]  # raises InputError, with the file
        return str(super()._undefined_message)


def render(template: str, **values: Any) -> str:
    """The text of `template`, a file of this folder, with `values`, which are escaped as HTML or Markdown."""
    is_markdown = ".md" in template
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=".html" in template,
        undefined=_Missing,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=is_markdown,
        finalize=(lambda value: escaped(_shown(value))) if is_markdown else _shown,
    )
    environment.filters["code"] = lambda value: code(_shown(str(value)))
    return environment.get_template(template).render(**values)


def _shown(value: Any) -> Any:
    """`value`, if it is plain text, without passwords; HTML and Markdown that is ready stays."""
    return without_secrets(value) if type(value) is str else value
