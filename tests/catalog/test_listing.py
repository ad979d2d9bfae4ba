from __future__ import annotations

from typing import TYPE_CHECKING

from tests.catalog.provider_files import write_files

from plainbox.catalog import executables, unit_files
from plainbox.fields import Owner

if TYPE_CHECKING:
    from pathlib import Path


def owner_of(root: Path) -> Owner:
    return Owner(
        name="x",
        namespace="x",
        root=root,
        units_dir=root / "units",
        jobs_dir=root / "jobs",
        bin_dir=root / "bin",
    )


def listed(root: Path) -> list[str]:
    return [path.removeprefix(f"{root}/") for path in unit_files(owner_of(root))]


def test_the_extension_says_what_holds_units(tmp_path: Path) -> None:
    endings = ("pxu", "txt", "yaml", "yml", "in", "txt.in", "md", "json", "pxu~")
    write_files(
        tmp_path, {f"{place}/a.{end}": "" for place in ("units", "jobs") for end in endings}
    )
    assert listed(tmp_path) == [
        "jobs/a.in",
        "jobs/a.pxu",
        "jobs/a.txt",
        "jobs/a.txt.in",
        "jobs/a.yaml",
        "jobs/a.yml",
        "units/a.pxu",
        "units/a.txt",
        "units/a.yaml",
        "units/a.yml",
    ]


def test_files_are_sorted_by_their_whole_path(tmp_path: Path) -> None:
    names = ["units/b.pxu", "units/b/a.pxu", "units/a/z/y.pxu", "units/a-b.pxu", "units/.h.pxu"]
    write_files(tmp_path, dict.fromkeys(names, ""))
    assert listed(tmp_path) == sorted(names)


def test_a_folder_whose_name_only_starts_alike_is_not_read(tmp_path: Path) -> None:
    write_files(tmp_path, {"units-extra/a.pxu": "", "units/a.pxu": ""})
    assert listed(tmp_path) == ["units/a.pxu"]


def test_one_folder_for_units_and_jobs_is_read_once(tmp_path: Path) -> None:
    write_files(tmp_path, {"units/a.pxu": "", "units/b.in": ""})
    owner = Owner("x", "x", units_dir=tmp_path / "units", jobs_dir=tmp_path / "units")
    assert unit_files(owner) == [str(tmp_path / "units" / name) for name in ("a.pxu", "b.in")]


def test_links_that_lead_nowhere_or_in_circles_are_left_out(tmp_path: Path) -> None:
    write_files(tmp_path, {"units/a.pxu": ""})
    (tmp_path / "units" / "b.pxu").symlink_to("gone")
    (tmp_path / "units" / "loop").symlink_to(".")
    assert listed(tmp_path) == ["units/a.pxu"]


def test_a_provider_without_folders_has_no_files() -> None:
    assert unit_files(Owner("x", "x")) == []
    assert executables(Owner("x", "x")) == []


def test_programs_are_the_executable_files_of_bin(tmp_path: Path) -> None:
    write_files(tmp_path, {"bin/run": "", "bin/deep/walk": "", "bin/notes.txt": ""})
    for name in ("run", "deep/walk"):
        (tmp_path / "bin" / name).chmod(0o755)
    assert executables(owner_of(tmp_path)) == [
        ("run", str(tmp_path / "bin" / "run")),
        ("walk", str(tmp_path / "bin" / "deep" / "walk")),
    ]


def test_built_programs_are_those_that_the_provider_names(tmp_path: Path) -> None:
    write_files(tmp_path, {"build/bin/made": "", "build/bin/libtool": "", "bin/own": ""})
    for name in ("build/bin/made", "build/bin/libtool", "bin/own"):
        (tmp_path / name).chmod(0o755)
    assert [name for name, _ in executables(owner_of(tmp_path))] == ["own"]
    write_files(tmp_path, {"src/EXECUTABLES": "made\n"})
    assert executables(owner_of(tmp_path)) == [
        ("made", str(tmp_path / "build" / "bin" / "made")),
        ("own", str(tmp_path / "bin" / "own")),
    ]
