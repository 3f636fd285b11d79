"""Loads the texts of the lists from the file that `import_lists.path` names. Promise: every fault names the file."""

from collections.abc import Sequence
from pathlib import Path

from features.advice.list_facts import LIST_FACTS
from features.advice.list_texts import ListTexts, parse_list_texts
from features.contract.model import Contract
from pipeline.config.import_lists import ImportLists
from pipeline.config.yaml_file import read_yaml
from pipeline.crm.plays_file import known_columns
from pipeline.errors import InputError


def load_list_texts(asked: ImportLists, contract: Contract, carry: Sequence[str], language: str) -> ListTexts:
    """The texts in `asked.path`, checked, to be said in `language`.

    Raises InputError when the file is missing or not YAML, PlaysError when its content is invalid.
    """
    file = Path(asked.path)
    if not file.is_file():
        raise InputError(
            f"{file}: there is no such file of texts.\nCorrect import_lists.path in params.yaml, or write the file."
        )
    known = {**known_columns(contract, carry), **LIST_FACTS}
    return parse_list_texts(read_yaml(file), str(file), known, language)
