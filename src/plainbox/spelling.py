"""Did you mean …? The word of a list that a misspelt one most likely stands for.

The distance between two words is the number of letters to insert, drop, change or swap with
their neighbour. One mistake in three letters is forgiven, never more than four, in a long id
never more than three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_MISTAKES: Final = 4
_SMALLEST: Final = 2
_LONG: Final = 20


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to a word, the first of equally near ones; none where all are far."""
    wanted = word.casefold()
    letters = set(wanted)
    limit = min(MOST_MISTAKES - (len(wanted) >= _LONG), (len(wanted) + 1) // 3)
    pieces = _pieces(wanted, 2 * limit + 1)
    best = None
    for candidate in candidates:
        if candidate == word or abs(len(candidate) - len(word)) > limit:
            continue
        folded = candidate.casefold()
        if len(letters ^ set(folded)) > 2 * limit:
            continue  # one mistake changes two letters at most
        if not any(piece in folded for piece in pieces):
            continue  # so each of them left one piece as it was
        distance = _distance(wanted, folded, limit)
        if distance <= limit:
            best, limit = candidate, distance - 1
    return best


def _pieces(word: str, number: int) -> list[str]:
    """A word cut into so many pieces; the empty piece where it is too short for that."""
    size = len(word) // number
    if size < _SMALLEST:
        return [""]
    return [word[place * size : (place + 1) * size] for place in range(number)]


def is_slip(word: str, meant: str) -> bool:
    """Whether a word differs from another by a slip of the finger, so that it can be nothing else.

    That is one mistake, no digit involved, or only hyphens, underscores and upper case.
    """
    one, other = _plain(word), _plain(meant)
    if one == other:
        return True
    if any(letter.isdigit() for letter in set(one) ^ set(other)) or len(one) <= MOST_MISTAKES:
        return False
    digits = [[letter for letter in text if letter.isdigit()] for text in (one, other)]
    return digits[0] == digits[1] and _distance(one, other, 1) <= 1


def _plain(word: str) -> str:
    return word.casefold().replace("_", "-")


def _distance(one: str, other: str, limit: int) -> int:
    """How far two words are from each other; any number above the limit where it is more."""
    one, other = _without_common_ends(one, other)
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    far = limit + 1
    before: list[int] = []
    row: list[int] = [*range(min(len(other), limit) + 1), *[far] * (len(other) - limit)]
    for number, letter in enumerate(one, 1):
        first, last = max(1, number - limit), min(len(other), number + limit)
        older, before, row = before, row, [far] * (len(other) + 1)
        row[0] = number
        nearest = number
        for column in range(first, last + 1):  # all others are too far from each other
            other_letter = other[column - 1]
            changed = before[column - 1] + (letter != other_letter)
            cost = min(changed, before[column] + 1, row[column - 1] + 1)
            swapped = number > 1 and column > 1 and letter == other[column - 2]
            if swapped and one[number - 2] == other_letter:
                cost = min(cost, older[column - 2] + 1)
            row[column] = cost
            nearest = min(nearest, cost)
        if nearest > limit:
            return far
    return row[-1]


def _without_common_ends(one: str, other: str) -> tuple[str, str]:
    shortest = min(len(one), len(other))
    start = 0
    while start < shortest and one[start] == other[start]:
        start += 1
    end = 0
    while end < shortest - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]
