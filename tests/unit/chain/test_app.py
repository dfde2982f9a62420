from chain_driver import Driver

from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coins
from panacea.primitives.coin import Coins


def send(chain: Driver, sender: str, recipient: str, amount: int) -> MsgSend:
    return MsgSend(from_address=chain[sender], to_address=chain[recipient], amount=write_coins(Coins.of(amount)))


def test_a_coin_moves() -> None:
    chain = Driver({"alice": 1000, "bob": 0})
    result = chain.ok("alice", send(chain, "alice", "bob", 5), fee=10)
    assert (chain.balance("alice"), chain.balance("bob")) == (985, 5)
    print(result)
    chain.check_invariants()
