"""A YAML file that cannot be read ends in one message that names it."""

from pathlib import Path

import pytest

from pipeline.config.yaml_file import read_yaml
from pipeline.errors import InputError

LAUGHS = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}' if n else 'x'] * 9)}]\n" for n in range(10))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not readable as YAML"),
        ("a: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
        ("a: !!int abc", "Correct the date, number or tag"),
        ("a: !!timestamp x", "Correct the date, number or tag"),
        ("from: 2024-02-30", "day is out of range for month"),
        ("[" * 5000, "nested too deeply"),
        (LAUGHS, "more than 200,000 values"),
        ("a: &a [*a]", "more than 200,000 values"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_file(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"shop\.yaml") as refused:
        read_yaml(file)
    assert message in str(refused.value)


def test_bytes_that_are_no_text_and_huge_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_bytes(b"a: \xff")
    with pytest.raises(InputError, match="not readable as YAML"):
        read_yaml(file)
    file.write_bytes(b"#" * 5_000_001)
    with pytest.raises(InputError, match="at most 5,000,000 are read"):
        read_yaml(file)
