import pickle

import pytest

from panacea.crypto.secret import SecretBytes


def test_no_text_form_shows_the_bytes() -> None:
    secret = SecretBytes(b"correct horse")
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", f"{[secret]}"):
        assert "horse" not in shown
        assert "13 bytes" in shown
    assert secret.reveal() == b"correct horse"


def test_equality_is_by_value() -> None:
    assert SecretBytes(b"a") == SecretBytes(b"a")
    assert SecretBytes(b"a") != SecretBytes(b"b")
    assert SecretBytes(b"a") != b"a"


def test_it_is_neither_hashed_nor_pickled() -> None:
    with pytest.raises(TypeError):
        hash(SecretBytes(b"a"))
    with pytest.raises(TypeError):
        pickle.dumps(SecretBytes(b"a"))
