"""Claims path pointers of OpenID4VP 1.0 §7: names, indexes, and null for every item of an array.

The same path is read in DCQL and in the claims descriptions of OpenID4VCI. Text and number are never mixed up: "0" is
a member of an object, 0 an item of an array, and a path that meets a node of the other kind selects nothing at all.
"""

from typing import Final

from panacea.credentials.requests.json_path import Found
from panacea.credentials.requests.types import Refusal
from panacea.credentials.requests.work import Budget
from panacea.health.types import JSON

ClaimsPath = tuple[str | int | None, ...]

MAX_STEPS: Final = 32
MAX_NAME: Final = 256
MAX_INDEX: Final = 2**31


def read_claims_path(value: JSON, at: str, refusal: Refusal) -> ClaimsPath:
    """A path of 1 to 32 steps. Raises `refusal` for a step of another kind: true is no index, 1.0 neither."""
    if not isinstance(value, list) or not 0 < len(value) <= MAX_STEPS:
        raise refusal(f"a claims path has 1 to {MAX_STEPS} steps", at=at)
    for step in value:
        if step is None or (type(step) is int and 0 <= step < MAX_INDEX):
            continue
        if not isinstance(step, str) or len(step) > MAX_NAME:
            raise refusal("a step is a name, an index or null", at=at)
    return tuple(value)


def select_claims(document: JSON, path: ClaimsPath, budget: Budget) -> list[Found]:
    """What a path selects, none where §7.1.1 ends in an error. Raises TooMuchWork."""
    selected = [Found((), document)]
    for step in path:
        following: list[Found] = []
        for found in selected:
            node = found.value
            budget.spend()
            if isinstance(step, str):
                if not isinstance(node, dict):
                    return []
                if step in node:
                    following.append(Found((*found.place, step), node[step], (), found.present))
                continue
            if not isinstance(node, list):
                return []
            if step is None:
                budget.spend(len(node))
                following += [Found((*found.place, at), one, (), found.present) for at, one in enumerate(node)]
            elif step < len(node):
                budget.spend(step)
                before = tuple((*found.place, at) for at in range(step))
                following.append(Found((*found.place, step), node[step], (), (*found.present, *before)))
        selected = following
    return selected


def written(path: ClaimsPath) -> str:
    """A path for people: `degrees[].type`."""
    text = "".join("[]" if step is None else f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
