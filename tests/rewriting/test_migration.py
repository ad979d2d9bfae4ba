"""Local jobs become templates only where the units are provably the same.

In the tests below, `LOCAL` prints a job for each record of a resource; each case changes one
thing in it or beside it.
"""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rewriting.texts import TEXTS, mutated

from plainbox.diagnostics import Code
from plainbox.rewriting import Migration, Resource, migrate
from plainbox.rewriting.local_commands import Constant, Loop, Unclear, understand
from plainbox.templating.formats import parse_format
from plainbox.text import Source

RESOURCE = "id: disk\nplugin: resource\ncommand: list_disks\n"
LOCAL = """\
# reads all disks
plugin: local
_summary: Read the disks
id: disk/read
requires: disk.removable == "no"
depends: disk
_description:
 Made for
   each disk.
command:
 cat <<'EOF' | run_templates -s 'list_disks | filter_templates -w "removable=no"'
 plugin: shell
 # of the job
 id: disk/read_$name
 requires:
  disk.path == "${path}"
 command: read {} $path | awk '{print}'
 EOF
"""
TEMPLATE = """\
# reads all disks
unit: template
template-id: disk/read
_template-summary: Read the disks
_template-description:
 Made for
   each disk.
template-resource: disk
template-filter:
    disk.removable == 'no'
# of the job
id: disk/read_{name}
plugin: shell
command: read {{}} {path} | awk '{{print}}'
requires:
    disk.path == "{path}"
"""


def migrated(text: str, *known: Resource) -> Migration:
    (result,) = migrate([Source("a.pxu", text)], known)
    return result


def said(result: Migration) -> str:
    assert all(each.code is Code.NOT_MIGRATED for each in result.diagnostics)
    return "\n".join(each.message for each in result.diagnostics)


def test_a_here_document_filled_in_for_each_record_becomes_a_template() -> None:
    result = migrated(f"{RESOURCE}\n\n{LOCAL}")
    assert said(result) == ""
    assert result.migrated == 1
    assert result.text == f"{RESOURCE}\n\n{TEMPLATE}"


def test_what_was_migrated_has_nothing_left_to_migrate() -> None:
    text = migrated(f"{RESOURCE}\n{LOCAL}").text
    assert migrated(text) == Migration(text, 0, ())


def test_a_resource_of_another_provider_is_imported() -> None:
    other = Resource("all-disks", "org.other", "list_disks")
    text = LOCAL.replace("depends: disk\n", "").replace('requires: disk.removable == "no"\n', "")
    result = migrated(text, other)
    assert "template-resource: all_disks\n" in result.text
    assert "template-imports: from org.other import all-disks as all_disks\n" in result.text
    assert "    all_disks.removable == 'no'\n" in result.text


def test_test_plans_select_what_it_made_and_run_the_resource_first() -> None:
    plan = "unit: test plan\nid: p\nname: P\ninclude: disk/read\nbootstrap_include:\n x disk/read\n"
    result, of_plan = migrate([Source("a.pxu", f"{RESOURCE}\n{LOCAL}"), Source("p.pxu", plan)])
    assert result.migrated == 1
    assert of_plan == Migration(plan.replace(" x disk/read", " x disk"), 0, ())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("command: list_disks", "command: other", "no resource job runs 'list_disks'"),
        ("$name", "`basename $path`", "this is computed by the shell"),
        ("$name", "$(basename $path)", "this is computed by the shell"),
        ("$name", "$HOME", "'$HOME' comes from the environment"),
        ("$name", "$1", "'$1' is no field of a record"),
        ("$name", "\\$name", "'\\$' reads differently in different shells"),
        ("$name", "x", "the ids of its units do not vary"),
        ("'EOF'", "EOF", "the shell fills in this text first"),
        ('"removable=no"', '"removable=n.*"', "'removable=n.*' may be a pattern"),
        (' -w "removable=no"', " | awk 1", "computes data that no resource has"),
        ("| filter_templates", "| sort | filter_templates", "'sort' computes data"),
        ("run_templates -s", "run_templates -x", "expected 'run_templates -s COMMAND'"),
        ("-s 'list", "-s 'list' '", "expected 'run_templates -s COMMAND'"),
        (" EOF\n", " echo done\n", "the here-document has no end 'EOF'"),
        (" EOF\n", " EOF\n echo done\n", "it does more than print one text"),
        (" EOF\n", " EOF\n rm -f x\n", "only 'cat' and 'echo' are understood"),
        ('disk.removable == "no"', "a.b == '1'", "no longer depend on its 'requires'"),
        ("depends: disk", "depends: other", "no longer depend on its 'depends'"),
        ("plugin: local", "plugin: local\nuser: root", "has another 'user'"),
        ("plugin: local", "plugin: local\nflags: noreturn", "no place for its flags"),
        ("plugin: local", "plugin: local\nafter: x", "no place for its 'after'"),
        (" plugin: shell", " unit: template", "it prints templates"),
        (" plugin: shell", " template-id: x", "it prints a field 'template-id'"),
        (" plugin: shell", " mistake", "what it prints has a mistake: expected 'field: value'"),
    ],
)
def test_what_cannot_be_proved_stays_and_says_why(old: str, new: str, reason: str) -> None:
    text = f"{RESOURCE}\n{LOCAL}"
    assert text.count(old) >= 1
    text = text.replace(old, new, 1)
    result = migrated(text)
    assert result.migrated == 0
    assert result.text == text
    assert reason in said(result)
    for each in result.diagnostics:
        assert each.span is not None
        assert each.span.text


def test_a_job_that_others_wait_for_stays() -> None:
    waiting = "id: b\nplugin: shell\ncommand: true\ndepends: disk/read\n"
    result = migrated(f"{RESOURCE}\n{LOCAL}\n{waiting}")
    assert said(result) == "local job 'disk/read' stays: other jobs wait for it"
    assert [label.span.text for label in result.diagnostics[0].others] == ["disk/read"]


LOOP = """\
id: stress
plugin: local
command:
 for count in WORDS; do
     echo "id: stress/run-$count"
     echo 'plugin: shell'
     echo "command: run ${count} \\"{}\\" \\$HOME"
     echo
 done
"""


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("1 2 4", "124"),
        ("{2..4}", "234"),
        ("$(seq 3)", "123"),
        ("$(seq 2 3)", "23"),
        ("`seq 2`", "12"),
    ],
)
def test_a_loop_over_words_becomes_a_resource_and_a_template(words: str, values: str) -> None:
    result = migrated(LOOP.replace("WORDS", words))
    assert said(result) == ""
    lines = "\n    echo\n".join(f"    echo 'count: {value}'" for value in values)
    assert result.text == (
        "id: stress-values\nsummary: Values for: stress\nplugin: resource\n"
        f"command:\n{lines}\n\n"
        "unit: template\ntemplate-id: stress\ntemplate-resource: stress-values\n"
        "id: stress/run-{count}\nplugin: shell\n"
        'command: run {count} "{{}}" $HOME\n'
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("WORDS", "$(ls /sys)", "what the loop goes through is computed"),
        ("WORDS", "*", "what the loop goes through is computed"),
        ("     echo\n", "", "no blank line separates"),
        ("$count", "$other", "'$other' comes from the environment"),
        ("     echo\n", "     echo\n     sleep 1\n", "only 'cat' and 'echo' are understood"),
        ("     echo\n", "     echo -n\n", "only 'cat' and 'echo' are understood"),
        (" done\n", " done\n echo more\n", "only one loop, and nothing after it"),
        ("plugin: local\n", "plugin: local\nrequires: a.b == '1'\n", "depend on its 'requires'"),
        ("plugin: local\n", "plugin: local\nshell: /bin/sh\n", "changes backslashes"),
        ("id: stress\n", "id: stress-values\n\nid: stress\n", "'stress-values' already"),
    ],
)
def test_a_loop_that_is_not_plain_stays(old: str, new: str, reason: str) -> None:
    text = LOOP.replace(old, new, 1).replace("WORDS", "1 2")
    result = migrated(text)
    assert result.migrated == 0
    assert reason in said(result)


def test_here_documents_in_a_loop_are_filled_in_as_the_shell_does_it() -> None:
    text = (
        "id: a\nplugin: local\ncommand:\n for x in 1 2\n do\n cat << EOF\n id: a-$x\n"
        " command: echo \\`date\\` \\$x \\n\n EOF\n echo\n done\n"
    )
    assert "command: echo `date` $x \\n\n" in migrated(text).text


def test_a_job_that_always_prints_the_same_units_becomes_these_units() -> None:
    text = "id: a\nplugin: local\ncommand:\n cat <<'EOF'\n id: b\n command: echo {} $x\n EOF\n"
    plan = "unit: test plan\nid: p\ninclude: a\nbootstrap_include: a\n"
    result = migrated(f"{text}\n{plan}")
    assert result.text == f"id: b\ncommand: echo {{}} $x\n\n{plan}"
    assert said(result) == (
        "bootstrap_include: 'a' is gone, its units need nothing to be run first\n"
        "include: 'a' is gone, name the units that it made"
    )


def test_jobs_without_a_local_plugin_are_left_alone() -> None:
    text = "id: a\nplugin: shell\ncommand: true\n\nunit: nonsense\nplugin: local\n"
    assert migrated(text) == Migration(text, 0, ())


def test_a_local_job_without_a_command_stays() -> None:
    assert said(migrated("id: a\nplugin: local\n")) == "local job 'a' stays: it has no command"


ARGUMENTS = st.text(alphabet="ab $i{}\\\\\\n\"'x:_-", max_size=12)
LINES = st.builds("echo {}".format, ARGUMENTS) | st.builds('echo "{}"'.format, ARGUMENTS)
BODIES = st.lists(LINES | st.builds("echo '{}'".format, ARGUMENTS) | st.just("echo"), max_size=4)
HERE = st.builds("cat <<EOF\n{}\nEOF\necho".format, ARGUMENTS)


@settings(max_examples=80, deadline=None)
@given(
    BODIES.map("\n".join) | HERE | HERE.map(lambda text: text.replace("<<EOF", "<<'EOF'")),
    st.sampled_from(["", "1 b/2", "{1..2}", "$(seq 2)"]),
)
def test_what_is_understood_is_what_the_shell_prints(body: str, words: str) -> None:
    command = f"for i in {words}; do\n{body}\necho\ndone" if words else body
    printed = understand(command)
    if isinstance(printed, (Loop, Constant)):
        told = printed.text
        if isinstance(printed, Loop):
            texts = parse_format(printed.text)
            told = "".join(texts.render({"i": word})[0] for word in printed.words)
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=20
        )
        assert (told, done.stderr) == (done.stdout, "")


PIECES = st.sampled_from(
    [
        *(
            "cat <<'EOF'",
            "cat <<EOF",
            " | run_templates -s 'a'",
            "EOF",
            "\n",
            "echo ",
            "'x'",
            '"$i"',
        ),
        *(
            "for i in 1 2; do\n",
            "done",
            "$name",
            "`",
            "\\",
            "{",
            "id: a$i",
            " ",
            "#",
            "$(",
            "|",
            "seq 2)",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20))
def test_no_command_makes_it_raise(command: str) -> None:
    printed = understand(command)
    if isinstance(printed, Unclear):
        assert 0 <= printed.start <= printed.end <= len(command)


@settings(max_examples=150, deadline=None)
@given(mutated(f"{RESOURCE}\n{LOCAL}\n{LOOP}") | TEXTS)
def test_no_text_makes_it_raise(text: str) -> None:
    result = migrated(text)
    if not result.migrated:
        assert result.text == text
