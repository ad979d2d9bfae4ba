"""Jobs: their fields, their defaults, and what is wrong with them."""

from __future__ import annotations

import pytest
from tests.units.unit_texts import OWNER, problems, record, unit

from plainbox.fields import Import, Instance
from plainbox.impl.job import JobDefinition
from plainbox.units import Job, JobKind, SetupJob

FULL = """\
id: disk/read
_summary: Read a disk
plugin: user-interact-verify
category_id: disk
_purpose: Disks can be read.
_steps: 1. Wait.
_verification: Did it end?
command: dd if=/dev/sda of=/dev/null
shell: /bin/sh
user: root
environ: DISK, SIZE
estimated_duration: 1m 30s
flags: preserve-cwd, noreturn
requires: disk.size != '0'
imports: from org.other import disks as disk
depends: disk/list o::x
after: b a
before: c
salvages: d
group: disks
certification-status: blocker
auto-retry: no
siblings: [{"id": "disk/write", "command": "true"}]
"""


def test_every_field_has_its_type() -> None:
    job = unit(Job, FULL)
    ns = "2024.org.example::"
    assert job.id == ns + "disk/read"
    assert job.summary == "Read a disk"
    assert job.plugin is JobKind.USER_INTERACT_VERIFY
    assert job.category_id == ns + "disk"
    assert (job.purpose, job.steps) == ("Disks can be read.", "1. Wait.")
    assert job.verification == "Did it end?"
    assert job.command == "dd if=/dev/sda of=/dev/null"
    assert (job.shell, job.user) == ("/bin/sh", "root")
    assert job.environ == ("DISK", "SIZE")
    assert job.estimated_duration == 90.0
    assert job.flags == {"preserve-cwd", "noreturn"}
    assert job.requires.names == ("disk",)
    assert job.imports == (Import("org.other", "disks", "disk", "org.other::disks"),)
    assert job.depends == (ns + "disk/list", "o::x")
    assert job.after == (ns + "b", ns + "a")
    assert (job.before, job.salvages) == ((ns + "c",), (ns + "d",))
    assert (job.group, job.certification_status, job.auto_retry) == ("disks", "blocker", "no")
    assert job.siblings == ({"id": "disk/write", "command": "true"},)
    assert job.resources == {"disk": "org.other::disks"}
    assert problems(FULL) == []


def test_missing_fields_have_defaults() -> None:
    job = unit(Job, "id: a; flags: simple; command: true")
    assert job.plugin is JobKind.SHELL
    assert job.summary == "a"
    assert job.category_id == "com.canonical.plainbox::uncategorised"
    assert (job.shell, job.user, job.environ) == ("bash", None, ())
    assert (job.certification_status, job.auto_retry) == ("non-blocker", "unspecified")
    assert (job.estimated_duration, job.group, job.description) == (None, None, None)
    assert (job.requires.names, job.depends, job.siblings) == ((), (), ())
    assert (job.template_id, job.template_engine) == (None, "default")


def test_hyphenated_fields_have_only_their_own_spelling() -> None:
    assert unit(Job, "id: a; certification_status: blocker").certification_status == "non-blocker"
    assert unit(Job, "id: a; certification-status: blocker").certification_status == "blocker"


def test_the_old_field_name_is_the_id_of_a_job_without_one() -> None:
    assert unit(Job, "name: old").id == "2024.org.example::old"
    assert unit(Job, "name: old").partial_id == "old"
    assert unit(Job, "name: old; id: new").partial_id == "new"


def test_a_description_is_built_from_its_parts_where_there_is_none() -> None:
    assert unit(Job, "id: a; purpose: P; steps: S; verification: V").description == (
        "PURPOSE:\nP\nSTEPS:\nS\nVERIFICATION:\nV"
    )
    assert unit(Job, "id: a; verification: V").description == "VERIFICATION:\nV"
    assert unit(Job, "id: a; description: D; purpose: P").description == "D"
    assert unit(Job, "id: a").description is None


@pytest.mark.parametrize(
    ("kind", "automated", "starts", "decides"),
    [
        ("shell", True, False, False),
        ("resource", True, False, False),
        ("attachment", True, False, False),
        ("local", True, False, False),
        ("manual", False, True, True),
        ("user-interact", False, True, False),
        ("user-verify", False, False, True),
        ("user-interact-verify", False, True, True),
    ],
)
def test_a_kind_says_what_people_do(
    kind: str, *, automated: bool, starts: bool, decides: bool
) -> None:
    plugin = unit(Job, f"id: a; plugin: {kind}").plugin
    assert plugin.automated is automated
    assert plugin.starts_with_person is starts
    assert plugin.decided_by_person is decides


def test_names_of_resources_are_imported_ones_or_those_of_the_namespace() -> None:
    job = unit(
        Job,
        "id: a\nimports:\n from o import r as b\n from o import c AS d\n"
        "requires:\n d.x == '1'\n b.y == '1' and e.z\n",
    )
    assert list(job.resources.items()) == [
        ("d", "o::c"),
        ("b", "o::r"),
        ("e", "2024.org.example::e"),
    ]


def test_an_instance_knows_the_imports_of_its_template() -> None:
    imports = (Import("o", "r", "device", "o::r"), Import("o", "s", "mine", "o::s"))
    instance = Instance("ns::t", "o::r", 1, {}, {}, {}, imports)
    text = "id: a\nimports: from p import q as mine\nrequires: device.x and mine.x"
    assert Job(record(text), OWNER, instance).resources == {"device": "o::r", "mine": "p::q"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "id: bad; plugin: remote; summary: x; command: true",
            [
                (
                    "bad-value @remote: plugin: expected one of attachment, local, manual, "
                    "resource, shell, user-interact, "
                    "user-interact-verify, user-verify, found 'remote'"
                )
            ],
        ),
        ("id: j; command: true", ["missing-field @j: missing field 'plugin'"]),
        (
            "plugin: shell; command: true",
            ["missing-field @shell: missing field 'id'"],
        ),
        ("id: j; flags: simple; command: echo 'hi", ["shell-syntax @': command: no closing quote"]),
        ("id: m; plugin: manual; command: true; purpose: p", []),
        (
            "id: m; plugin: manual; summary: x",
            [
                "missing-field @m: manual jobs need 'purpose', 'steps' and 'verification'",
            ],
        ),
        (
            "id: m; plugin: user-interact; command: true",
            [
                "no-description @m: user-interact jobs need 'purpose', 'steps' and 'verification'",
            ],
        ),
        (
            "id: j; plugin: shell; commmand: true",
            ["missing-field @j: missing field 'command': shell jobs run one"],
        ),
        (
            "id: o::foo; plugin: shell; command: true",
            ["bad-value @o::: id: expected an id without a namespace of its own"],
        ),
        ("id: j; plugin: shell; command: true; user: bob", []),
        (
            "id: j; plugin: shell; command: true; estimated_duration: 0",
            [
                (
                    "bad-value @0: estimated_duration: expected a positive number of seconds "
                    "or '1h 2m 3s', found '0'"
                )
            ],
        ),
        ("id: j; plugin: shell; command: true; estimated_duration:", []),
        (
            "name: legacy; plugin: shell; command: echo $CHECKBOX_DATA",
            [
                "deprecated @legacy: name: use 'id' and 'summary'",
                (
                    "deprecated @CHECKBOX_DATA: command: CHECKBOX_DATA is an old name, "
                    "use PLAINBOX_SESSION_SHARE"
                ),
            ],
        ),
        (
            'id: j; plugin: shell; command: true; siblings: [{"id":"a","_bogus":1}]',
            ['bad-value @[{"id":"a","_bogus":1}]: siblings: a job has no field \'_bogus\''],
        ),
        (
            'id: j; plugin: shell; command: true; siblings: {"id":"a"}',
            [
                (
                    'bad-value @{"id":"a"}: siblings: expected a JSON array of objects, '
                    "found a mapping"
                )
            ],
        ),
        (
            "id: j; plugin: shell; command: true; certification-status: maybe",
            [
                (
                    "bad-value @maybe: certification-status: expected one of blocker, non-blocker, "
                    "found 'maybe'"
                )
            ],
        ),
        (
            "id: j; plugin: user-verify; purpose: p; command: true",
            [
                (
                    "deprecated @user-verify: plugin: 'user-verify' is an old kind, "
                    "use 'user-interact-verify'"
                )
            ],
        ),
        (
            "id: j; plugin: local; command: true",
            ["deprecated @local: plugin: 'local' is an old kind, use a template"],
        ),
        (
            "id: j; plugin: shell; command: true; imports: from foo import",
            [
                (
                    "bad-import @from foo import: imports: expected "
                    "'from NAMESPACE import ID [as NAME]'"
                )
            ],
        ),
        (
            "id: m; plugin: manual; purpose: p; user: root; environ: HOME",
            [
                "useless-field @root: user: useless in a job without a command",
                "useless-field @HOME: environ: useless in a job without a command",
            ],
        ),
        (
            "id: a B_c; plugin: shell; command: true",
            ["id-characters @ : id: expected only a-z, 0-9, '/' and '-', found ' '"],
        ),
        (
            "id: j; plugin: shell; command: true; depends: ok a=b",
            ["bad-value @=: depends: expected an id, found '='"],
        ),
    ],
)
def test_each_mistake_gives_one_message(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_yaml_jobs_are_read_alike() -> None:
    text = """\
---
id: a
plugin: shell
command: true || false
estimated_duration: 30
flags: [simple]
depends: [b, 'c d']
requires: ["x.y == '1'", "z.y == '1'"]
environ: [HOME]
siblings: [{id: b, command: x}]
"""
    job = unit(Job, text)
    assert job.estimated_duration == 30.0
    assert job.depends == ("2024.org.example::b", "2024.org.example::c d")
    assert job.requires.names == ("x", "z")
    assert job.siblings == ({"id": "b", "command": "x"},)
    assert problems(text) == []


def test_a_yaml_value_of_the_wrong_type_is_reported_once() -> None:
    assert problems("---\nid: a\nplugin: shell\ncommand: true\nuser: [root]\n") == [
        "bad-value @true: command: expected text, found true or false",
        "bad-value @[root]: user: expected text, found a list",
    ]


def test_setup_jobs_are_shell_jobs_that_may_require_a_manifest() -> None:
    text = "---\nunit: setup job\nid: a\nplugin: shell\ncommand: x\nrequires_manifest: [b, c: 2]\n"
    job = unit(SetupJob, text)
    assert job.kind == "setup job"
    assert job.requires_manifest == (
        ("2024.org.example::b", True),
        ("2024.org.example::c", 2),
    )
    assert problems(text) == []
    assert problems("unit: setup job; id: a; plugin: manual; command: x") == [
        "bad-value @manual: plugin: expected one of shell, found 'manual'"
    ]


def test_the_old_documentation_finds_jobs_where_it_says() -> None:
    assert JobDefinition is Job
    assert JobDefinition.estimated_duration.help == "How long the job usually takes."
