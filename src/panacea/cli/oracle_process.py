"""`python -m panacea.cli.oracle_process`: one oracle as a process, in a simulated enclave.

Here, and nowhere else, the simulated platform meets the oracle: an image for real data has neither this file nor that
package. The operator's key, which pays and registers, lies in the home; the keys of the epochs only in memory.
"""

import argparse
import asyncio
import gc
import hashlib
from pathlib import Path

from panacea.client.rpc import RPC
from panacea.client.sender import Sender
from panacea.client.view import ChainView
from panacea.crypto.keyring import Backend, Keyring
from panacea.node.genesis import Genesis
from panacea.oracle.daemon import Oracle
from panacea.oracle.intake import Intake
from panacea.oracle.keys import KeyShelf
from panacea.oracle.registration import Registrar, Terms
from panacea.oracle.release import Releaser
from panacea.primitives.coin import BASE_DENOM, Coin
from panacea.primitives.numbers import Dec
from panacea.primitives.time import SystemRandom
from panacea.simulated import Platform
from panacea.vault.serve import listen, log_to, serve, url_of

OPERATOR = "operator"
WAIT_SECONDS = 30.0


def main() -> None:
    """Register with fresh keys, then certify and release until told to stop."""
    given = _arguments()
    listener = listen(given.endpoint_port)
    log_to(given.home / f"{given.name}.log")
    view = asyncio.run(_open_view(given.node, Genesis.load(given.genesis)))
    oracle = _compose(given, view, endpoint=url_of(listener))
    gc.freeze()
    serve(oracle.app(), name=given.name, home=given.home, bound=listener)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="panacea.cli.oracle_process", description="An oracle, simulated enclave.")
    parser.add_argument("--name", default="oracle")
    parser.add_argument("--home", type=Path, required=True, help="its keyring holds the key `operator`")
    parser.add_argument("--node", required=True, help="URL of a node's RPC")
    parser.add_argument("--genesis", type=Path, required=True, help="the document whose validators are trusted")
    parser.add_argument("--platform", type=Path, required=True, help="the simulated vendor")
    parser.add_argument("--measurement", type=bytes.fromhex, required=True, help="of the enclave's code, 64 hex digits")
    parser.add_argument("--endpoint-port", type=int, default=0)
    parser.add_argument("--commission", type=Dec.parse, default=Dec.parse("0.01"))
    parser.add_argument("--bond", type=int, required=True, help="in umed")
    return parser.parse_args()


async def _open_view(url: str, genesis: Genesis) -> ChainView:
    """A view that trusts the genesis document's validators; its connections are made again where it will be used."""
    rpc = RPC(url)
    await rpc.wait_until_up(WAIT_SECONDS)
    view = await ChainView.from_genesis(rpc, genesis.chain_id, genesis.validators)
    await rpc.close()
    return view


def _compose(given: argparse.Namespace, view: ChainView, *, endpoint: str) -> Oracle:
    random, shelf = SystemRandom(), KeyShelf()
    operator = Keyring.open(Backend.TEST, given.home).get(OPERATOR)
    sender = Sender(view.rpc, operator, view.chain_id)
    machine = hashlib.sha256(operator.public_key.raw).digest()
    enclave = Platform.load(given.platform).enclave(given.measurement, platform_seed=machine)
    terms = Terms(endpoint, given.commission, Coin(BASE_DENOM, given.bond))
    address = str(sender.address)
    return Oracle(
        view=view,
        intake=Intake(address, view, shelf, random),
        registrar=Registrar(view, sender, enclave, shelf, terms, random),
        releaser=Releaser(address, view, shelf, sender),
    )


if __name__ == "__main__":
    main()
