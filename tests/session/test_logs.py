from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.session.logs import ERRORS, OUTPUT, LogWriter, read_log, read_output

if TYPE_CHECKING:
    from pathlib import Path


def test_output_reads_back_byte_for_byte_in_order_of_arrival(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, 7)
    chunks = [(0.1, OUTPUT, b"\xff\x00one\n"), (0.2, ERRORS, b"oops"), (0.3, OUTPUT, b"two")]
    for chunk in chunks:
        log.write(*chunk)
    assert log.size == 13
    log.close()
    log.close()
    assert [tuple(chunk) for chunk in read_log(tmp_path, 7)] == chunks
    assert read_output(tmp_path, 7) == b"\xff\x00one\ntwo"


def test_a_job_that_prints_nothing_makes_no_file(tmp_path: Path) -> None:
    LogWriter(tmp_path, 1).close()
    assert list(tmp_path.iterdir()) == []
    assert list(read_log(tmp_path, 1)) == []


def test_output_is_on_disk_before_the_log_is_closed(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, 1)
    log.write(0.0, OUTPUT, b"so far")
    assert read_output(tmp_path, 1) == b"so far"
    log.close()


def test_output_without_its_index_is_not_lost(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, 1)
    log.write(0.0, ERRORS, b"first ")
    log.write(0.0, ERRORS, b"second")
    log.close()
    index = tmp_path / "1.idx"
    index.write_bytes(index.read_bytes()[:20])
    assert [(c.stream, c.content) for c in read_log(tmp_path, 1)] == [
        (ERRORS, b"first "),
        (OUTPUT, b"second"),
    ]
    index.unlink()
    assert read_output(tmp_path, 1) == b"first second"


def test_an_index_that_promises_more_than_there_is_ends_with_the_log(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, 1)
    log.write(0.0, OUTPUT, b"abc")
    log.write(0.0, OUTPUT, b"def")
    log.close()
    (tmp_path / "1.log").write_bytes(b"ab")
    assert read_output(tmp_path, 1) == b"ab"
