"""Completeness: every object of a record says how many members it has, so that a part cannot pass for the whole.

Hidden statements are as good as absent. Without this a seller could show a value and hide the `<` before it. With it,
an object that a query asks for is either shown whole or refused.

    "valueQuantity": {"comparator": "<", "value": …, "count.": 2}      "count." is no element name of any record

The count leaves with the object where the whole object leaves, and stays where members leave one by one.
"""

import re
from typing import Any

from panacea.credentials.refusals import ProofInvalid
from panacea.health.mapping import Subject

COUNT = "count."
_DIGITS = re.compile(r"[1-9][0-9]{0,8}")


def count_members(subject: Subject) -> Subject:
    """A subject form in which each object has its count."""
    counted: Subject = {name: count_members(value) if is_object(value) else value for name, value in subject.items()}
    return counted | {COUNT: {"@type": "xsd:integer", "@value": str(len(subject))}}


def without_counts(subject: Subject) -> Subject:
    """The subject form again. Raises ProofInvalid for a count in another spelling."""
    return {
        name: without_counts(value) if is_object(value) else value
        for name, value in subject.items()
        if name != COUNT or not _read(value)
    }


def is_counted(node: Subject) -> bool:
    """Whether an object shows its count, and as many members."""
    return COUNT in node and _read(node[COUNT]) == len(node) - 1


def is_object(value: Any) -> bool:  # Any: a value of a subject form
    """Whether a value of a subject form is an object of the record, not a text, a boolean or a typed literal."""
    return isinstance(value, dict) and "@value" not in value


def _read(value: Any) -> int:  # Any: JSON, checked here
    match value:
        case {"@type": "xsd:integer", "@value": str(digits), **others} if not others and _DIGITS.fullmatch(digits):
            return int(digits)
    raise ProofInvalid("not a count of members", found=value)
