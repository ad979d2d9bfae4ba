"""Every code has a page, and the examples on it do what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.catalog.provider_files import write_files

import plainbox
from plainbox.app.check import inspect
from plainbox.catalog import find_providers, load_catalog
from plainbox.config import read_settings
from plainbox.diagnostics import Code, Severity, Sink
from plainbox.diagnostics.codebook import PAGES, gist, page
from plainbox.planning import instantiate
from plainbox.rewriting import format_pxu, migrate, to_yaml
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Callable

_FENCE = re.compile(r"^```(\w+) (bad|good)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
WITHOUT_EXAMPLES = {Code.PROVIDER_SOURCE, Code.SHELLCHECK}
ELSEWHERE = {Code.UNKNOWN_JOB, Code.DEAD_LINE}
"""What an example may have besides, because it does not show all units of the provider."""

MANAGE = "from plainbox.provider_manager import setup\nsetup(name='org.example:example')\n"
NO_PROVIDERS = {"PROVIDERPATH": "/nonexistent"}
EXAMPLES = [
    pytest.param(code, *fence.groups(), id=f"{code}-{fence[2]}")
    for code in Code
    for fence in _FENCE.finditer(page(code))
]


def by_checking(folder: Path, form: str, text: str) -> list[Code]:
    ending = {"pxu": "pxu", "yaml": "yaml", "text": "pxu"}[form]
    write_files(folder, {"manage.py": MANAGE})
    file = folder / "units" / f"example.{ending}"
    file.parent.mkdir()
    file.write_bytes(text.replace(r"\xe9", "\udce9").encode(errors="surrogateescape"))
    found = inspect([str(folder)], NO_PROVIDERS).findings
    return [each.diagnostic.code for each in found if each.diagnostic.severity > Severity.HINT]


def of_provider(folder: Path, _: str, text: str) -> list[Code]:
    write_files(folder, {"example.provider": text})
    found = inspect([str(folder / "example.provider")], NO_PROVIDERS).findings
    return [each.diagnostic.code for each in found]


def of_configuration(folder: Path, _: str, text: str) -> list[Code]:
    write_files(folder, {"plainbox/plainbox.conf": text})
    sink = Sink()
    read_settings({"XDG_CONFIG_HOME": str(folder)}, sink)
    return [found.code for found in sink]


def of_instances(folder: Path, _: str, text: str) -> list[Code]:
    write_files(folder, {"manage.py": MANAGE, "units/example.pxu": text})
    sink = Sink()
    catalog = load_catalog(find_providers([str(folder)], {}, sink), sink)
    records = [{"name": "sda", "vendor": "acme"}, {"name": "sdb", "vendor": "acme"}]
    (template,) = [each for each in catalog.templates.values() if each.namespace == "org.example"]
    instantiate(template, records, sink)
    return [found.code for found in sink]


def of_formatting(_: Path, __: str, text: str) -> list[Code]:
    same = format_pxu(Source("example.pxu", text), Sink()) == text
    return [] if same else [Code.UNFORMATTED]


def of_converting(_: Path, __: str, text: str) -> list[Code]:
    return [found.code for found in to_yaml(Source("example.pxu", text)).diagnostics]


def of_migrating(_: Path, __: str, text: str) -> list[Code]:
    (migration,) = migrate([Source("example.pxu", text)])
    return [found.code for found in migration.diagnostics]


def of_extension(folder: Path, _: str, text: str) -> list[Code]:
    """In a process of its own: what an extension adds stays for ever."""
    module = (
        "from plainbox.fields import Extension, Line, optional\n"
        "from plainbox.units import Category\n"
        "class Inventory(Extension, of=Category):\n"
        "    shelf = optional(Line(), 'Where it is.')\n"
    )
    files = {"entry_points.txt": text}
    write_files(folder / "warehouse-1.dist-info", files)
    write_files(folder / "warehouse", {"__init__.py": "", "fields.py": module})
    program = (
        "import sys; from plainbox.app.extensions import load_extensions\n"
        "from plainbox.diagnostics import Sink\n"
        "sink = Sink(); load_extensions(sink, [sys.argv[1]]); print(*[each.code for each in sink])"
    )
    paths = [str(Path(plainbox.__file__).parents[1]), str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        check=True,
        text=True,
    )
    return [code for code in Code if str(code) in done.stdout.split()]


FOUND: dict[Code, Callable[[Path, str, str], list[Code]]] = {
    Code.BAD_PROVIDER: of_provider,
    Code.UNKNOWN_KEY: of_provider,
    Code.BAD_CONFIG: of_configuration,
    Code.BAD_EXTENSION: of_extension,
    Code.DUPLICATE_INSTANCE: of_instances,
    Code.UNFORMATTED: of_formatting,
    Code.NOT_CARRIED: of_converting,
    Code.NOT_MIGRATED: of_migrating,
}


@pytest.mark.parametrize(("code", "form", "sort", "text"), EXAMPLES)
def test_a_bad_example_has_this_mistake_and_no_other_and_a_good_one_has_none(
    code: Code, form: str, sort: str, text: str, tmp_path: Path
) -> None:
    found = set(FOUND.get(code, by_checking)(tmp_path, form, text))

    assert found - (ELSEWHERE - {code}) == ({code} if sort == "bad" else set())


@pytest.mark.parametrize("code", Code)
def test_a_page_has_the_title_of_its_code_and_both_examples(code: Code) -> None:
    text = page(code)

    assert text.startswith(f"# {code}\n\n")
    sorts = {fence[2] for fence in _FENCE.finditer(text)}
    assert sorts == (set() if code in WITHOUT_EXAMPLES else {"bad", "good"})


@pytest.mark.parametrize("code", Code)
def test_a_page_begins_with_a_sentence(code: Code) -> None:
    assert gist(code).endswith(".")
    assert "\n" not in gist(code)


def test_every_page_is_that_of_a_code() -> None:
    assert {path.stem for path in PAGES.iterdir()} == {str(code) for code in Code}
