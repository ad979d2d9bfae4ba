"""Random expressions, records, and texts that look like expressions."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = ("a", "b", "c")
KEYS = ("x", "y", "z")
VALUES = ("", "1", "2", "10", "foo", "nan")

_attribute = st.builds("{}.{}".format, st.sampled_from(NAMES), st.sampled_from(KEYS))
_text = st.sampled_from(VALUES).map(repr)
_number = st.sampled_from(["0", "1", "2", "-1", "1.5", "True", "False", "None"])
_call = st.builds("{}({})".format, st.sampled_from(["int", "float", "len", "bool"]), _attribute)
_operand = st.one_of(_attribute, _attribute, _text, _text, _number, _call)
_list = st.lists(st.one_of(_text, _text, _number, _attribute), max_size=3).map(
    lambda items: "[" + ", ".join(items) + "]"
)
_tuple = st.lists(_text, max_size=3).map(lambda items: "(" + "".join(i + ", " for i in items) + ")")
_equality = st.sampled_from(["==", "==", "!=", "<", "<=", ">", ">=", "is", "is not", "in"])
_comparison = st.one_of(
    st.builds("{} {} {}".format, _operand, _equality, _operand),
    st.builds("{} == {}".format, _attribute, _attribute),
    st.builds(
        "{} {} {}".format, _operand, st.sampled_from(["in", "not in"]), st.one_of(_list, _tuple)
    ),
    st.builds("{} {} {} {} {}".format, _operand, _equality, _operand, _equality, _operand),
    _operand,
    st.just("word"),
)


def _extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or", "and\t"]), inner)
    return st.one_of(
        joined,
        joined,
        joined.map("({})".format),
        inner.map("not {}".format),
        inner.map("({})".format),
    )


expressions = st.recursive(_comparison, _extended, max_leaves=8)

_record = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
resources = st.fixed_dictionaries({name: st.lists(_record, max_size=4) for name in NAMES})

_pieces = st.sampled_from(
    [
        *"()[],.-=<>!&|'\"#;\\{}+*/:\n\t ",
        " and ",
        " or ",
        "not ",
        " in ",
        " is ",
        "a.x",
        "'1'",
        "==",
        "int(",
        "b'",
        "\\x",
        "\\N{",
        "0x",
        "1e9",
        "\u201c",
        "\u00a0",
        "'''",
    ]
)
texts = st.one_of(st.text(), st.lists(_pieces, max_size=20).map("".join))
