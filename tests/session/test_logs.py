from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from plainbox.session.logs import (
    DROPPED,
    ERRORS,
    OUTPUT,
    LogWriter,
    dropped_size,
    output_size,
    read_log,
    read_output,
)


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


def write(folder: Path, pieces: list[bytes], most: int) -> LogWriter:
    log = LogWriter(folder, 1, most)
    for piece in pieces:
        log.write(0.0, OUTPUT, piece)
    return log


def test_of_too_much_output_head_and_tail_are_kept_and_the_rest_is_counted(tmp_path: Path) -> None:
    lines = [b"%07d\n" % number for number in range(10_000)]
    log = write(tmp_path, lines, 24_000)
    log.close()
    head, gap, *tail = _runs(tmp_path)
    assert (head[0], gap[0], [stream for stream, _ in tail]) == (OUTPUT, DROPPED, [OUTPUT])
    whole = b"".join(lines)
    assert whole.startswith(head[1])
    assert whole.endswith(tail[0][1])
    dropped = len(whole) - len(head[1]) - len(tail[0][1])
    assert log.dropped == dropped == dropped_size(tmp_path, 1)
    assert b" %d bytes were printed here" % dropped in gap[1]
    assert log.size == len(whole) == output_size(tmp_path, 1)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 24_200
    assert len(head[1]) > 3900
    assert len(tail[0][1]) > 1900


def test_a_log_that_was_cut_off_by_a_crash_reads_the_same(tmp_path: Path) -> None:
    log = write(tmp_path, [b"x" * 100] * 1000, 10_000)
    before = list(read_log(tmp_path, 1))
    log.close()
    assert list(read_log(tmp_path, 1)) == before


def test_logs_of_other_attempts_are_not_parts_of_this_one(tmp_path: Path) -> None:
    write(tmp_path, [b"x" * 100] * 1000, 10_000).close()
    other = LogWriter(tmp_path, 11, 10_000)
    other.write(0.0, OUTPUT, b"other")
    other.close()
    assert read_output(tmp_path, 11) == b"other"
    assert b"other" not in read_output(tmp_path, 1)


def _runs(folder: Path) -> list[tuple[int, bytes]]:
    runs: list[tuple[int, bytes]] = []
    for chunk in read_log(folder, 1):
        if runs and runs[-1][0] == chunk.stream:
            runs[-1] = (chunk.stream, runs[-1][1] + chunk.content)
        else:
            runs.append((chunk.stream, chunk.content))
    return runs


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=40), st.integers(0, 4000))
def test_nothing_changes_below_the_cap_and_no_byte_is_invented_above_it(
    pieces: list[bytes], most: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = write(folder, pieces, most)
        log.close()
        whole = b"".join(pieces)
        kept = [content for stream, content in _runs(folder) if stream != DROPPED]
        assert sum(map(len, kept)) + log.dropped == len(whole) == log.size
        if sum(len(piece) + 16 for piece in pieces) <= most:
            assert kept == ([whole] if whole else [])
        if kept:
            assert whole.startswith(kept[0])
            assert whole.endswith(kept[-1])
