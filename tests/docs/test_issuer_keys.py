"""The signing process of `docs/guides/issuer-keys.md` signs, as the guide has it."""

import re
import threading
import time
from pathlib import Path
from typing import Any

from shared_files import ROOT

from panacea.crypto.bbs import SHA256
from panacea.crypto.bbs.keys import BBSKey, BBSSigner
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.identity.multikey import decode_multikey, encode_multikey

GUIDE = (ROOT / "docs" / "guides" / "issuer-keys.md").read_text()


def test_a_key_signs_from_another_process(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"__name__": "guide"}  # Any: what the guide defines
    for block in blocks:
        exec(block, names)
    key, address = BBSKey.of(SHA256.key_gen(bytes(range(32)))), str(tmp_path / "s")
    threading.Thread(target=names["serve"], args=(address, key), daemon=True).start()
    until = time.monotonic() + 10
    while not Path(address).exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    remote = names["RemoteBBS"](address, key.public)
    assert isinstance(remote, BBSSigner)
    messages = [b"one", b"two"]
    began = time.monotonic()
    SHA256.verify(remote.public, remote.sign(b"header", messages), b"header", messages)
    assert time.monotonic() - began >= 0.01
    assert decode_multikey(encode_multikey(PublicKey(KeyKind.BLS12381G2, key.public))).raw == remote.public
