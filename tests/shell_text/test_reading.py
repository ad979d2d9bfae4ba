from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plainbox.machine.programs import find_program
from plainbox.shell_text import ShellText, read_shell

BASH = find_program("bash")

CLEAR = [
    "",
    "true",
    "ls -l /dev/sda",
    'echo \'a b\' "c $d ${e} ${f:-g} $(h "i") $((1 + 2))" j\\ k',
    "a && b || c; d &\ne",
    "! a | b |& c",
    "if a; then b; elif c; then d; else e; fi",
    "if a\nthen\n  b # comment\nfi > out 2>&1",
    'for x in 1 $y "$z"; do a; done',
    "for x in *.txt\ndo\n a\ndone",
    "for x; do a; done",
    "while read -r x; do a; done < in",
    "until a; do b; done",
    "case $x in\n a|b) c;;\n (d) e\n ;;\n *) ;;\nesac",
    "f() { a; }\nf",
    "(a; b) && { c; d; }",
    '[[ -f $x && $y == *"z"* || ! -e a ]] && b',
    "(( x + 1 ))",
    "x=(1 2\n 3)\ny+=(4)",
    "cat <<EOF\n it's $(\nEOF\nls",
    "cat <<-'EOF' | b\n\ttext\n\tEOF",
    "diff <(a) <(b) >&2 2>/dev/null &> c",
    "a \\\n  b",
    "echo a#b # it's a comment",
    "x=`date +%s`",
    "echo $'a\\'b'",
]
UNSURE = [
    "if a; then b",
    "done",
    "a && ",
    "a ;; b",
    "for x in 1 2; echo",
    "echo $(a",
    "cat <<EOF\nno end",
    "a ( b )",
    "case x in a) b",
    "[[ a b ]]",
    "{ a",
    "; a",
    "a | | b",
    "echo ${x",
    "if ; then a; fi",
    "select x in a; do b; done",
]


@pytest.mark.parametrize("text", CLEAR)
def test_commands_as_people_write_them_are_clear(text: str) -> None:
    assert read_shell(text).clear


@pytest.mark.parametrize("text", UNSURE)
def test_what_may_be_wrong_is_left_to_a_shell(text: str) -> None:
    assert not read_shell(text).clear


@pytest.mark.parametrize(
    ("text", "start"),
    [("echo 'a", 5), ('echo "a $(b', -1), ('a "b', 2), ("a 'b' \"c\\\"", 6), ("a # 'b", -1)],
)
def test_a_quote_that_certainly_never_closes_has_a_place(text: str, start: int) -> None:
    assert read_shell(text).open_at == start


def test_words_of_bash_are_no_plain_shell() -> None:
    assert read_shell("[ -f a ] && b") == ShellText(clear=True, plain=True)
    assert not read_shell("[[ -f a ]] && b").plain


@pytest.mark.skipif(BASH is None, reason="there is no bash")
@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                "if",
                "then",
                "else",
                "fi",
                "for",
                "x",
                "in",
                "do",
                "done",
                "while",
                "case",
                "esac",
                ";;",
                ";",
                "&",
                "&&",
                "||",
                "|",
                "(",
                ")",
                "{",
                "}",
                "[[",
                "]]",
                "!",
                "'a'",
                '"b"',
                "$c",
                "${d}",
                "$(e)",
                "`f`",
                "<",
                ">",
                "<<",
                "EOF",
                "\n",
                "#",
                "\\",
                "echo",
                "1",
                "=",
                "a=(",
                "$((",
                "))",
                "*)",
                "function",
            ]
        ),
        max_size=9,
    ).map(" ".join)
)
@example("if true; then echo; fi")
def test_what_is_clear_to_us_is_clear_to_bash(text: str) -> None:
    if read_shell(text).clear:
        done = subprocess.run(
            [str(BASH), "-n"], input=text.encode(), capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b""), text


@given(st.text(alphabet="'\"`$(){}[]<>|&;#\\ \n\taE=!", max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    found = read_shell(text)
    assert not (found.clear and found.open_at >= 0)


@pytest.mark.parametrize(
    "piece", ["$(", "((", "${a", "`a", "[[ a ", "{ ", "<<a\n", "a=(", "'a'", "if "]
)
def test_long_and_deep_texts_take_no_time(piece: str) -> None:
    read_shell(piece * 20_000)
