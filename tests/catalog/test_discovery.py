from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.catalog.provider_files import write_files

from plainbox.catalog import Places, builtin_owners, find_providers
from plainbox.diagnostics import Code, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from plainbox.fields import Owner

JOB = "id: a\nplugin: shell\ncommand: true\n"
FILE = "[PlainBox Provider]\nname = {}\nversion = 1.0\nlocation = {}\n"


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The fixed places of a machine of its own; none of them is there."""
    return Places(
        system=(tmp_path / "usr-local", tmp_path / "usr"),
        develop=tmp_path / "develop",
        sideload=tmp_path / "sideload",
    )


def manage(name: str, namespace: str = "org.example") -> str:
    return f'setup(name="{name}", namespace="{namespace}", version="1.0", description=N_("x"))\n'


def found(
    explicit: Sequence[str],
    sink: Sink,
    environ: Mapping[str, str] | None = None,
    places: Places | None = None,
) -> list[Owner]:
    """The owners found, without the built-in ones."""
    environ = {"HOME": "/nowhere", **(environ or {})}
    owners = find_providers(explicit, environ, sink, places or Places())
    count = len(builtin_owners())
    assert tuple(owners[:count]) == builtin_owners()
    return owners[count:]


def messages(sink: Sink) -> list[str]:
    return [diagnostic.message for diagnostic in sink]


def test_a_source_tree_is_known_by_its_manage_py(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(
        tmp_path, {"manage.py": manage("shop"), "units/a.pxu": JOB, "bin/x": "", "po/x": ""}
    )
    (owner,) = found([str(folder)], sink)
    assert (owner.name, owner.namespace, owner.version) == ("shop", "org.example", "1.0")
    assert owner.description == "x"
    assert owner.root == folder
    assert owner.units_dir == folder / "units"
    assert owner.bin_dir == folder / "bin"
    assert owner.jobs_dir is owner.data_dir is owner.locale_dir is None
    assert not len(sink)


def test_built_catalogues_are_used_where_none_are_installed(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(tmp_path, {"manage.py": manage("shop"), "build/mo/de/x": ""})
    assert found([str(folder)], sink)[0].locale_dir == folder / "build" / "mo"
    write_files(tmp_path, {"locale/de/x": ""})
    assert found([str(folder)], sink)[0].locale_dir == folder / "locale"


@pytest.mark.parametrize(
    ("call", "name", "namespace"),
    [
        ('setup(name="org.example:shop")', "org.example:shop", "org.example"),
        ('setup(name="2024.org.example:shop")', "2024.org.example:shop", "2024.org.example"),
        ('setup(name="org.example:shop", namespace="org.other")', "org.example:shop", "org.other"),
        ('setup(name="shop")', "shop", "shop"),
        ("setup(name=find_name())", "tree", "tree"),
        ("setup()", "tree", "tree"),
        ("", "tree", "tree"),
    ],
)
def test_a_namespace_comes_from_the_name_where_it_is_not_stated(
    tmp_path: Path, sink: Sink, call: str, name: str, namespace: str
) -> None:
    folder = (
        write_files(tmp_path, {"tree/manage.py": call + "\n", "tree/units/a.pxu": JOB}) / "tree"
    )
    (owner,) = found([str(folder)], sink)
    assert (owner.name, owner.namespace) == (name, namespace)
    assert not len(sink)


@pytest.mark.parametrize("inner", ["units", "jobs"])
def test_a_folder_with_units_alone_has_its_own_name(tmp_path: Path, sink: Sink, inner: str) -> None:
    folder = write_files(tmp_path, {f"tree/{inner}/a.pxu": JOB}) / "tree"
    (owner,) = found([str(folder)], sink)
    assert (owner.name, owner.namespace, owner.version) == ("tree", "tree", None)


def test_the_current_folder_has_a_name_too(
    tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path, {"tree/units/a.pxu": JOB}) / "tree"
    monkeypatch.chdir(folder / "units")
    (owner,) = found([".."], sink)
    assert (owner.name, owner.root) == ("tree", folder)


def test_a_folder_of_providers_gives_each_of_them(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(
        tmp_path,
        {
            "b/manage.py": manage("b"),
            "a/manage.py": manage("a"),
            "c/c.provider": FILE.format("org.example:c", "/"),
            "README.md": "",
            ".hidden/manage.py": manage("hidden"),
            "other/units/a.pxu": JOB,
        },
    )
    assert [owner.name for owner in found([str(folder)], sink)] == ["a", "b", "org.example:c"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('setup(name="Big Shop")', "'Big Shop' is no valid name"),
        ("setup(name=5)", "'name' must be a text"),
        ('setup(name="")', "'name' is empty"),
        ('setup(name="shop", namespace="a b::c")', "'a b::c' is no valid namespace"),
        ("setup(", "manage.py is not valid Python: '(' was never closed"),
    ],
)
def test_a_provider_without_a_usable_name_is_left_out_and_said_once(
    tmp_path: Path, sink: Sink, call: str, message: str
) -> None:
    folder = write_files(tmp_path, {"manage.py": call + "\n", "units/a.pxu": JOB})
    assert found([str(folder)], sink) == []
    (diagnostic,) = sink
    assert diagnostic.code is Code.BAD_PROVIDER
    assert diagnostic.message == message
    assert diagnostic.span
    assert diagnostic.span.source.name == str(folder / "manage.py")


def test_a_bad_version_costs_only_itself(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(tmp_path, {"manage.py": 'setup(name="a", version="1.0 garbage")\n'})
    assert found([str(folder)], sink)[0].version is None
    assert messages(sink) == ["'1.0 garbage' is no valid version"]


def test_a_misspelt_keyword_is_named(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(tmp_path, {"manage.py": 'setup(name="a", namespaces="b")\n'})
    found([str(folder)], sink)
    (diagnostic,) = sink
    assert diagnostic.code is Code.UNKNOWN_KEY
    assert diagnostic.message == "unknown keyword 'namespaces' is ignored"
    assert diagnostic.notes == ("did you mean 'namespace'?",)


def test_what_is_no_provider_is_said(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(tmp_path, {"empty/README": ""})
    assert found([str(folder / "empty"), str(folder / "gone")], sink) == []
    assert messages(sink) == [f"no provider in {folder}/empty", f"no such provider: {folder}/gone"]


@pytest.mark.parametrize("again", ["{0}/a", "{0}/a/../a", "{0}/link", "{0}"])
def test_a_provider_found_twice_counts_once(tmp_path: Path, sink: Sink, again: str) -> None:
    folder = write_files(tmp_path, {"a/manage.py": manage("a")})
    (folder / "link").symlink_to("a")
    assert len(found([str(folder / "a"), again.format(folder)], sink)) == 1


def test_of_two_providers_of_one_name_the_first_stays(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(
        tmp_path, {"a/manage.py": manage("x"), "b/manage.py": 'setup(name="org.example:x")\n'}
    )
    owners = found([str(folder / "b"), str(folder / "a")], sink)
    assert [owner.root for owner in owners] == [folder / "b"]


def test_a_provider_declares_names_of_fields(tmp_path: Path, sink: Sink) -> None:
    setup = "setup(name='a', namespace='ns', fields=('shelf', '_team', 'shelf'))"
    write_files(tmp_path / "one", {"manage.py": setup})
    text = "[PlainBox Provider]\nname = b\nnamespace = ns\nversion = 1\nfields = shelf, team\n"
    write_files(tmp_path / "two", {"b.provider": text})
    named = [str(tmp_path / "one"), str(tmp_path / "two")]
    owners = find_providers(named, {}, sink)[-2:]
    assert [owner.fields for owner in owners] == [("shelf", "team")] * 2
    assert not sink.found


def test_names_of_fields_are_texts(tmp_path: Path, sink: Sink) -> None:
    write_files(tmp_path, {"manage.py": "setup(name='a', namespace='ns', fields=[1])"})
    assert find_providers([str(tmp_path)], {}, sink)[-1].fields == ()
    assert [each.message for each in sink] == ["'fields' must be a text or a list of texts"]


def test_a_provider_file_states_its_location(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(tmp_path, {"tree/units/a.pxu": JOB, "tree/data/x": ""})
    write_files(tmp_path, {"x.provider": FILE.format("org.example:shop", folder / "tree")})
    (owner,) = found([str(folder / "x.provider")], sink)
    assert (owner.name, owner.namespace, owner.version) == (
        "org.example:shop",
        "org.example",
        "1.0",
    )
    assert owner.root == folder / "tree"
    assert owner.units_dir == folder / "tree" / "units"
    assert owner.data_dir == folder / "tree" / "data"
    assert owner.bin_dir is None
    assert not len(sink)


def test_a_provider_file_may_state_each_folder(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(tmp_path, {"lib/bin/x": "", "share/units/a.pxu": JOB})
    text = (
        "[PlainBox Provider]\nname = shop\nnamespace = org.example\nversion = 1.0\n"
        f"bin_dir = {folder}/lib/bin\nunits_dir = {folder}/share/units\n"
    )
    write_files(tmp_path, {"x.provider": text})
    (owner,) = found([str(folder / "x.provider")], sink)
    assert (owner.namespace, owner.root) == ("org.example", None)
    assert owner.bin_dir == folder / "lib" / "bin"
    assert owner.units_dir == folder / "share" / "units"
    assert not len(sink)


def test_a_relocatable_provider_lies_where_its_file_lies(tmp_path: Path, sink: Sink) -> None:
    text = (
        "[PlainBox Provider]\nname = org.example:shop\nversion = 1.0\nrelocatable = True\n"
        "bin_dir = not/read\n"
    )
    folder = write_files(tmp_path, {"x.provider": text, "units/a.pxu": JOB})
    (owner,) = found([str(folder / "x.provider")], sink)
    assert owner.root == folder
    assert owner.units_dir == folder / "units"
    assert owner.bin_dir is None
    assert not len(sink)


@pytest.mark.parametrize(
    ("lines", "message", "usable"),
    [
        ("version = 1", "a provider needs a 'name'", False),
        ("name =\nversion = 1", "'name' is empty", False),
        ("name = Shop\nversion = 1", "'Shop' is no valid name", False),
        ("name = ex:shop\nversion = 1", "'ex:shop' is no valid name", False),
        (
            "name = shop\nversion = 1",
            "'shop' needs a 'namespace', or a name like 'org.example:shop'",
            False,
        ),
        ("name = org.ex:shop\nversion = 1\nlocation = x", "location 'x' is not an absolute", False),
        (
            "name = org.ex:shop\nversion = 1\nlocation = /no/x",
            "location '/no/x' is no folder",
            False,
        ),
        ("name = org.ex:shop\nversion = 1\nbin_dir = /no/x", "bin_dir '/no/x' is no folder", True),
        ("name = org.ex:shop", "a provider needs a 'version'", True),
        ("name = org.ex:shop\nversion = 1\nrelocatable = so", "'so' is neither yes nor no", True),
        ("name = org.ex:shop\nversion = 1\ngettext_domain = ä", "'ä' is no valid gettext", True),
        ("name = org.ex:shop\nversion = 1\nname = org.ex:b", "key 'name' stands in its", True),
    ],
)
def test_a_mistake_in_a_provider_file_is_a_diagnostic_with_its_place(
    tmp_path: Path, sink: Sink, lines: str, message: str, *, usable: bool
) -> None:
    folder = write_files(tmp_path, {"x.provider": f"[PlainBox Provider]\n{lines}\n"})
    assert bool(found([str(folder / "x.provider")], sink)) == usable
    (diagnostic,) = sink
    assert diagnostic.code is Code.BAD_PROVIDER
    assert diagnostic.message.startswith(message)
    assert diagnostic.span
    assert diagnostic.span.source.name == str(folder / "x.provider")


def test_a_misspelt_key_or_section_is_named(tmp_path: Path, sink: Sink) -> None:
    text = FILE.format("org.example:a", "/").replace("location", "locatoin") + "[PlainBox]\n"
    folder = write_files(
        tmp_path, {"x.provider": text, "y.provider": text.replace("Provider", "Provide")}
    )
    found([str(folder / "x.provider"), str(folder / "y.provider")], sink)
    assert [(d.code, d.message, d.notes) for d in sink] == [
        (Code.UNKNOWN_KEY, "unknown section 'PlainBox' is ignored", ()),
        (Code.UNKNOWN_KEY, "unknown key 'locatoin' is ignored", ("did you mean 'location'?",)),
        (
            Code.UNKNOWN_KEY,
            "unknown section 'PlainBox Provide' is ignored",
            ("did you mean 'PlainBox Provider'?",),
        ),
        (Code.UNKNOWN_KEY, "unknown section 'PlainBox' is ignored", ()),
        (Code.BAD_PROVIDER, "a provider is defined in a section '[PlainBox Provider]'", ()),
    ]


def test_a_file_that_is_no_ini_file_is_a_diagnostic(tmp_path: Path, sink: Sink) -> None:
    folder = write_files(tmp_path, {"x.provider": "\x7fELF\n", "y.provider": ""})
    assert found([str(folder / "x.provider"), str(folder / "y.provider")], sink) == []
    assert {diagnostic.code for diagnostic in sink} == {Code.BAD_PROVIDER}


def test_installed_providers_are_found_in_the_order_of_their_paths(
    tmp_path: Path, sink: Sink, places: Places
) -> None:
    folder = write_files(
        tmp_path,
        {
            "usr/z.provider": FILE.format("org.example:z", "/usr"),
            "usr/b.provider": FILE.format("org.example:b", "/bin"),
            "usr/inner/c.provider": FILE.format("org.example:c", "/"),
            "usr/notes.txt": "",
            "usr-local/b.provider": FILE.format("org.example:b", "/var"),
            "home/.local/share/plainbox-providers-1/h.provider": FILE.format(
                "org.example:h", "/home"
            ),
            "develop/d.provider": FILE.format("org.example:d", "/etc"),
        },
    )
    owners = found([], sink, {"HOME": str(folder / "home")}, places)
    assert [(owner.name, str(owner.root)) for owner in owners] == [
        ("org.example:d", "/etc"),
        ("org.example:h", "/home"),
        ("org.example:b", "/var"),
        ("org.example:z", "/usr"),
    ]


def test_the_data_folder_of_the_user_is_honoured(
    tmp_path: Path, sink: Sink, places: Places
) -> None:
    text = FILE.format("org.example:h", "/")
    folder = write_files(tmp_path, {"data/plainbox-providers-1/h.provider": text})
    assert len(found([], sink, {"XDG_DATA_HOME": str(folder / "data")}, places)) == 1
    assert found([], sink, {"XDG_DATA_HOME": "data"}, places) == []


def test_providerpath_replaces_the_installed_providers(
    tmp_path: Path, sink: Sink, places: Places
) -> None:
    folder = write_files(
        tmp_path,
        {
            "usr/z.provider": FILE.format("org.example:z", "/usr"),
            "one/b.provider": FILE.format("org.example:b", "/bin"),
            "two/a.provider": FILE.format("org.example:a", "/var"),
        },
    )
    path = f"{folder}/two:{folder}/one::{folder}/gone"
    owners = found([], sink, {"PROVIDERPATH": path}, places)
    assert [owner.name for owner in owners] == ["org.example:b", "org.example:a"]
    assert [(d.code, d.message) for d in sink] == [
        (Code.PROVIDER_SOURCE, f"PROVIDERPATH names {folder}/gone, which is no folder")
    ]


@pytest.mark.parametrize("variable", ["SNAP", "SNAP_APP_PATH"])
def test_a_snap_brings_its_own_providers(
    tmp_path: Path, sink: Sink, places: Places, variable: str
) -> None:
    text = "[PlainBox Provider]\nname = org.example:{}\nversion = 1\nrelocatable = yes\n"
    folder = write_files(
        tmp_path,
        {
            "usr/z.provider": FILE.format("org.example:z", "/usr"),
            "snap/providers/a/a.provider": text.format("a"),
            "snap/custom_frontends/f/providers/b/b.provider": text.format("b"),
            "snap/custom_frontends/g/README": "",
        },
    )
    (folder / "snap" / "custom_frontends" / "empty").mkdir()
    owners = found([], sink, {variable: str(folder / "snap")}, places)
    assert sorted(owner.name for owner in owners) == ["org.example:a", "org.example:b"]
    assert messages(sink) == [
        f"the custom frontend {folder}/snap/custom_frontends/g has no folder 'providers'"
    ]


def test_named_providers_replace_all_others(tmp_path: Path, sink: Sink, places: Places) -> None:
    folder = write_files(
        tmp_path,
        {
            "usr/z.provider": FILE.format("org.example:z", "/usr"),
            "sideload/s/manage.py": manage("s"),
            "tree/manage.py": manage("tree"),
        },
    )
    environ = {"PROVIDERPATH": str(folder / "usr")}
    owners = found([str(folder / "tree")], sink, environ, places)
    assert [owner.name for owner in owners] == ["tree"]


def test_a_sideloaded_provider_takes_the_place_of_the_installed_one_and_says_so(
    tmp_path: Path, sink: Sink, places: Places
) -> None:
    folder = write_files(
        tmp_path,
        {
            "usr/a.provider": FILE.format("org.example:a", "/usr"),
            "usr/b.provider": FILE.format("org.example:b", "/bin"),
            "sideload/deep/inside/a/manage.py": manage("a"),
        },
    )
    (folder / "sideload" / "deep" / "loop").symlink_to("..")
    owners = found([], sink, {}, places)
    place = folder / "sideload" / "deep" / "inside" / "a"
    assert [(owner.name, owner.root) for owner in owners] == [
        ("a", place),
        ("org.example:b", owners[1].root),
    ]
    assert [(d.code, d.message) for d in sink] == [
        (Code.PROVIDER_SOURCE, f"provider 'a' is side-loaded from {place}")
    ]


@pytest.mark.parametrize("untrusted", ["sideload", "sideload/s", "develop", "develop/d.provider"])
def test_what_another_user_could_have_written_is_never_a_provider(
    tmp_path: Path, sink: Sink, places: Places, untrusted: str
) -> None:
    folder = write_files(
        tmp_path,
        {
            "sideload/s/manage.py": manage("s"),
            "develop/d.provider": FILE.format("org.example:d", "/usr"),
        },
    )
    assert len(found([], Sink(), {}, places)) == 2
    (folder / untrusted).chmod(0o777)
    owners = found([], sink, {}, places)
    assert [owner.name for owner in owners] == (
        ["org.example:d"] if untrusted.startswith("sideload") else ["s"]
    )
    assert f"{folder}/{untrusted} is ignored: every user may write to it" in messages(sink)


def test_what_belongs_to_another_user_is_never_a_provider(
    tmp_path: Path, sink: Sink, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path, {"sideload/s/manage.py": manage("s")})
    if os.geteuid() == 0:
        os.chown(folder / "sideload", 4242, -1)
    else:
        monkeypatch.setattr("os.geteuid", lambda: 4242)
    assert found([], sink, {}, places) == []
    assert messages(sink) == [f"{folder}/sideload is ignored: it belongs to another user"]


def test_the_built_in_providers_are_there() -> None:
    names = [owner.name for owner in builtin_owners()]
    assert names == ["categories", "manifest", "plainbox-smoke"]
    assert all(owner.units_dir for owner in builtin_owners())
