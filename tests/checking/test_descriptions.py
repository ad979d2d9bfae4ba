from __future__ import annotations

import pytest
from tests.checking.checked import check

JOB = "id: j\nplugin: user-interact-verify\ncommand: true\ndescription:\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            [
                " PURPOSE:",
                "  P",
                " STEPS:",
                "  1. A",
                "  2. B",
                " INFO:",
                "  I",
                " VERIFICATION:",
                "  V?",
            ],
            [],
        ),
        ([" Just some text: with a colon"], []),
        (
            [" STEPS:", "  1. A", " PURPOSE:", "  P", " VERIFICATION:", "  V?"],
            ["warning @PURPOSE: description: PURPOSE comes before STEPS"],
        ),
        (
            [" PURPOSE:", "  P", " PURPOSE:", "  P", " VERIFICATION:", "  V?"],
            ["warning @PURPOSE: description: a second section PURPOSE"],
        ),
        (
            [" PURPOSE:", "  P", " VERIFCATION:", "  V?"],
            [
                "warning @PURPOSE: description: no VERIFICATION says what has to be seen for a yes",
                "warning @VERIFCATION: description: unknown section 'VERIFCATION'",
            ],
        ),
        (
            [" PURPOSE:", " STEPS:", "  1. A", " VERIFICATION:", "  V?"],
            ["warning @PURPOSE: description: the section PURPOSE is empty"],
        ),
        (
            [" STEPS:", "  Do it", " VERIFICATION:", "  V?"],
            ["advice @STEPS: description: expected a numbered list of steps"],
        ),
        (
            [" STEPS:", "  1. A", "  3. B", " VERIFICATION:", "  V?"],
            ["advice @3: description: expected step 2, found 3"],
        ),
    ],
)
def test_the_sections_of_a_description_come_in_order_once_and_with_content(
    lines: list[str], expected: list[str]
) -> None:
    found = check(JOB + "\n".join(lines) + "\n")
    assert [line.replace("[description-sections]", "") for line in found] == expected
