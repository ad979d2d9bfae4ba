"""The closed list of diagnostic codes.

Each code has a page in `pages/<name>.md` that says what it finds, why it matters, and shows a
bad and a good example; `plainbox explain CODE` prints it, and the examples run as tests.
"""

from __future__ import annotations

from enum import Enum, IntEnum


class Severity(IntEnum):
    """How bad a finding is: errors keep something from working as written.

    A hint is a matter of taste: it is shown only to those who ask for it.
    """

    HINT = 0
    ADVICE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """The word that is shown."""
        return self.name.lower()


_E, _W, _A = Severity.ERROR, Severity.WARNING, Severity.ADVICE


class Code(Enum):
    """A kind of mistake: its name and how bad it is, unless a finding says otherwise."""

    SYNTAX = ("syntax", _E)
    DUPLICATE_FIELD = ("duplicate-field", _E)
    UNREADABLE_FILE = ("unreadable-file", _E)
    UNKNOWN_UNIT_TYPE = ("unknown-unit-type", _E)
    MISSING_FIELD = ("missing-field", _E)
    BAD_VALUE = ("bad-value", _E)
    BAD_EXPRESSION = ("bad-expression", _E)
    BAD_IMPORT = ("bad-import", _E)
    BAD_PATTERN = ("bad-pattern", _E)
    BAD_TEMPLATE = ("bad-template", _E)
    BAD_PROVIDER = ("bad-provider", _E)
    BAD_CONFIG = ("bad-config", _E)
    UNKNOWN_KEY = ("unknown-key", _W)
    BAD_EXTENSION = ("bad-extension", _W)
    PROVIDER_SOURCE = ("provider-source", _W)
    DUPLICATE_ID = ("duplicate-id", _E)
    REPEATED_UNIT = ("repeated-unit", _W)
    DEAD_LINE = ("dead-line", _W)
    INCLUDE_OVERLAP = ("include-overlap", _A)
    REPEATED_ITEM = ("repeated-item", _A)
    UNKNOWN_JOB = ("unknown-job", _E)
    UNKNOWN_PLAN = ("unknown-plan", _W)
    UNKNOWN_CATEGORY = ("unknown-category", _W)
    UNKNOWN_MANIFEST = ("unknown-manifest", _W)
    NOT_LOADED = ("not-loaded", _A)
    WRONG_KIND = ("wrong-kind", _E)
    UNKNOWN_FIELD = ("unknown-field", _W)
    INDENTED_FIELD = ("indented-field", _W)
    UNKNOWN_FLAG = ("unknown-flag", _W)
    USELESS_FIELD = ("useless-field", _W)
    NO_DESCRIPTION = ("no-description", _W)
    DESCRIPTION_SECTIONS = ("description-sections", _W)
    NEVER_TRUE = ("never-true", _W)
    AMBIGUOUS_AND = ("ambiguous-and", _W)
    SHELL_SYNTAX = ("shell-syntax", _E)
    SHELLCHECK = ("shellcheck", _W)
    PORTABILITY = ("portability", _W)
    LONG_TITLE = ("long-title", _W)
    ID_CHARACTERS = ("id-characters", _W)
    DEPRECATED = ("deprecated", _A)
    DEPENDENCY_CYCLE = ("dependency-cycle", _E)
    PLAN_CYCLE = ("plan-cycle", _W)
    DUPLICATE_INSTANCE = ("duplicate-instance", _W)
    UNFORMATTED = ("unformatted", _A)
    NOT_CARRIED = ("not-carried", _W)
    NOT_MIGRATED = ("not-migrated", _W)
    UNUSED_IGNORE = ("unused-ignore", _A)

    def __init__(self, title: str, severity: Severity) -> None:
        self.title = title
        self.severity = severity

    def __str__(self) -> str:
        return self.title
