"""C12: migrating from a local job to a template, in six steps, by `plainbox migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

UNITS = """\
id: device
plugin: resource
command: devices

id: test-storage
plugin: local
command:
    cat <<'EOF' | run_templates -s 'devices | filter_templates -w "physical=yes"'
    id: test-storage-$path
    plugin: shell
    requires: device.has_media == 'yes'
    command: perform-testing-on --device $path
    EOF

id: test-stats
plugin: local
command:
    cat <<'EOF' | run_templates -s 'devices'
    id: test-stats-`basename $path`
    plugin: shell
    command: true
    EOF
"""


def test_c12_a_local_job_becomes_a_template_where_it_can_be_proved(
    tmp_path: Path, program: Program
) -> None:
    provider = Bench(tmp_path, {"units/all.pxu": UNITS}).provider
    path = provider / "units" / "all.pxu"
    answer = program("migrate", "--write", provider)
    assert answer.code == 1
    assert "local job 'test-stats' stays: this is computed by the shell" in answer.err
    assert "1 local job migrated; 1 finding" in answer.err
    assert (
        "unit: template\n"
        "template-id: test-storage\n"
        "template-resource: device\n"
        "template-filter:\n"
        "    device.physical == 'yes'\n"
        "id: test-storage-{path}\n"
        "plugin: shell\n"
        "command: perform-testing-on --device {path}\n"
        "requires: device.has_media == 'yes'\n"
    ) in path.read_text()
