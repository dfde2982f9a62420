"""What all fuzzers share: running a target under atheris, its bounds, and inputs that look like the real thing.

A target takes any bytes and returns, or raises a Rejected; anything else is a finding, and so is taking too long. It is
run in two ways: coverage-guided and for as long as one likes, by `python -m fuzz.fuzz_…`, and for a moment with every
test run, over its seeds and seeded mutations of them (`test_targets.py`).
"""

import contextlib
import importlib
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from panacea.primitives.rejected import Rejected

Target = Callable[[bytes], object]

SECONDS: Final = 0.5
"""Processor time that one input may take."""

INSTRUMENTED_SECONDS: Final = 10.0
"""The same under atheris, which slows Python down a great deal."""

INSTRUMENTED: Final = ["panacea", "fuzz", "predicate_town"]

RAW: Final = 64
"""First bytes below this: what follows is the input itself; others: an edit of a seed."""

ROOT: Final = Path(__file__).resolve().parent.parent.parent


class TooSlow(AssertionError):
    """An input took more processor time than any may."""


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """TooSlow when the block takes more processor time than that."""
    started = time.process_time()
    yield
    if (taken := time.process_time() - started) > seconds:
        raise TooSlow(f"{taken:.2f} s, {seconds} s at most")


def attempt(target: Target, data: bytes, seconds: float = SECONDS) -> bool:
    """Whether the target takes an input; False where it is Rejected, and an error for anything else."""
    with bounded(seconds):
        try:
            target(data)
        except Rejected as no:
            str(no)
            return False
        return True


def every(*reads: Callable[[], object]) -> None:
    """Try all readers of one input; each may refuse it by itself."""
    for read in reads:
        try:
            read()
        except Rejected:
            continue


def fuzz(name: str) -> None:
    """Run the target of a module under libFuzzer until it finds something or its flags end it (`sys.argv` has them).

    All of Panacea is imported once more while atheris instruments it: that guides the search.
    """
    atheris: Any = importlib.import_module("atheris")  # Any: an optional tool, which has no types
    for known in list(sys.modules):
        if known.partition(".")[0] in INSTRUMENTED:
            del sys.modules[known]
    with atheris.instrument_imports(include=INSTRUMENTED):
        module = importlib.import_module(f"fuzz.{name}")
        importlib.import_module("fuzz.harness").search(atheris, module)


def search(atheris: Any, module: Any) -> None:  # Any: a tool without types, and a module with a target and seeds
    """The rest of `fuzz`, where everything is instrumented."""
    folder = ROOT / "build" / "fuzz" / module.__name__.removeprefix("fuzz.")
    corpus, findings = folder / "corpus", folder / "findings"
    for place in (corpus, findings):
        place.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(module.SEEDS):
        (corpus / f"seed-{number}").write_bytes(seed)
    flags = [f"-artifact_prefix={findings}/", "-timeout=30", "-rss_limit_mb=2048", "-max_len=8192"]

    def once(data: bytes) -> None:
        attempt(module.target, data, INSTRUMENTED_SECONDS)

    atheris.Setup([sys.argv[0], *flags, *sys.argv[1:], str(corpus)], once)
    atheris.Fuzz()


# Inputs


def mutations(seeds: Sequence[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """Seeds, damaged here and there, and edit scripts: always the same."""
    chance = random.Random(seed)
    for number in range(count):
        if number % 3 == 0:
            yield bytes([chance.randrange(RAW, 256)]) + chance.randbytes(chance.randrange(1, 24))
            continue
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(4):
                case 0:
                    data[at:at] = chance.randbytes(chance.randrange(1, 5))
                case 1:
                    del data[at : at + chance.randrange(1, 9)]
                case 2 if data:
                    data[at % len(data)] ^= 1 << chance.randrange(8)
                case _:
                    other = chance.choice(seeds)
                    start = chance.randrange(len(other) + 1)
                    data[at:at] = other[start : start + 40]
        yield bytes(data)


STRANGE: Final[tuple[Any, ...]] = (  # Any: JSON
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**70), 10**400, Decimal("0.1"), Decimal("-1E-7"), Decimal("1E+400"),
    "", "x", "0", "é", "\0", "x" * 3000, "_:b0", "urn:x:1", "did:example:a", "did:key:z6Mk", "https://a.example/#b",
    "@id", "@type", "@value", "@list", "@set", "@graph", "@context", "@json", "@none", "@vocab", "@reverse",
    "@included", "@index", "@nest", "~1", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "u", "uAAAA", "z1", "AAAA",
    "$.vc", "$..*", "$[?(@.a)]", "^(a+)+$",
    [], {}, [[]], [None], [{}], {"": ""}, {"@id": "_:a"}, {"@value": 1}, {"id": None}, {"a": {"a": {"a": []}}},
)  # fmt: skip
"""Values that readers stumble over."""


class Script:
    """Bytes read as decisions; when they are used up, the rest decide for zero."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def pick(self, count: int) -> int:
        """A number below `count`."""
        value = self.data[self.at] if self.at < len(self.data) else 0
        self.at += 1
        return value % count if count else 0

    @property
    def over(self) -> bool:
        """Whether nothing is left to decide by."""
        return self.at >= len(self.data)


def edited(data: bytes, seeds: Sequence[bytes]) -> bytes:
    """JSON text: the bytes themselves, or an edit of a seed that they describe."""
    if not data or data[0] < RAW:
        return data[1:]
    script = Script(data[1:])
    value = json.loads(seeds[script.pick(len(seeds))], parse_float=Decimal)
    for _ in range(12):
        if script.over:
            break
        value = _edit(value, script)
    return json.dumps(value, default=_number).encode()


def _number(value: object) -> object:
    """A decimal as JSON knows it, roughly: exact texts are tried as raw bytes."""
    found = float(str(value))
    return found if found not in {float("inf"), float("-inf")} else 10**400


def _edit(value: Any, script: Script) -> Any:  # Any: JSON
    """One edit somewhere within a JSON value."""
    if isinstance(value, dict) and value and script.pick(8):
        name = list(value)[script.pick(len(value))]
        match script.pick(9):
            case 0:
                return {key: inner for key, inner in value.items() if key != name}
            case 1:
                return {**value, name: STRANGE[script.pick(len(STRANGE))]}
            case 2:
                return {**value, str(STRANGE[script.pick(len(STRANGE))])[:200]: value[name]}
            case 3:
                other = list(value)[script.pick(len(value))]
                return {**value, name: value[other], other: value[name]}
            case 4:
                return {**value, name: [value[name]]}
            case _:
                return {**value, name: _edit(value[name], script)}
    if isinstance(value, list) and value and script.pick(8):
        at = script.pick(len(value))
        match script.pick(6):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return [*value, value[at]]
            case 2:
                return [*value, STRANGE[script.pick(len(STRANGE))]]
            case _:
                return [*value[:at], _edit(value[at], script), *value[at + 1 :]]
    if isinstance(value, str) and script.pick(3):
        at = script.pick(len(value) + 1)
        return value[:at] + chr(script.pick(128)) + value[at + script.pick(3) :]
    return STRANGE[script.pick(len(STRANGE))]


def as_raw(*seeds: bytes) -> list[bytes]:
    """Seeds for a target that reads `edited` input: each as it is, and some first edits."""
    return [b"\0" + seed for seed in seeds] + [bytes([RAW, number]) for number in range(len(seeds))]
