from sample_transactions import ALICE, ALICE_KEY, BOB, send

from panacea.primitives.coin import Coin, Coins
from panacea.wire.build import AMINO_JSON, SignedBy, build_auth_info, build_body, build_tx, secp256k1_key
from panacea.wire.tx import decode_tx


def test_what_is_built_is_what_is_decoded() -> None:
    fee = Coins([Coin("umed", 3), Coin("uatom", 1)])
    signers = [SignedBy(secp256k1_key(ALICE_KEY), 12), SignedBy(None, 0, AMINO_JSON)]
    auth_info = build_auth_info(signers, fee=fee, gas_limit=9, payer=ALICE, granter=BOB)
    tx = decode_tx(build_tx(build_body([send()], memo="m", timeout_height=4), auth_info, [b"a", b""]))
    assert tx.messages == (send(),)
    assert (tx.body.memo, tx.body.timeout_height, tx.signatures) == ("m", 4, (b"a", b""))
    paid = tx.auth_info.fee
    assert [(coin.denom, coin.amount) for coin in paid.amount] == [("uatom", "1"), ("umed", "3")]
    assert (paid.gas_limit, paid.payer, paid.granter) == (9, ALICE, BOB)
    modes = [(info.sequence, info.mode_info.single.mode) for info in tx.auth_info.signer_infos]
    assert modes == [(12, 1), (0, 127)]
    assert tx.public_keys == (secp256k1_key(ALICE_KEY), None)
