"""`panacea`, for people: each command is named here and imported when it is called."""

import sys

import click

from panacea.cli.command import Group, Lazy
from panacea.cli.failure import tell_failure

COMMANDS = {
    "demo": Lazy("panacea.cli.demo", "sell one record a patient, end to end, on this machine"),
    "net": Lazy("panacea.cli.net", "a local network: up, down, status"),
    "wallet": Lazy("panacea.cli.wallet", "keys and balances: new, show"),
    "did": Lazy("panacea.cli.did", "decentralised identifiers: create, show, update, deactivate"),
    "issue": Lazy("panacea.cli.issue", "sign a patient's FHIR records as credentials"),
    "present": Lazy("panacea.cli.present", "what would leave, field by field, if a record were sold"),
    "lint": Lazy("panacea.cli.lint", "what in a credential or record links its showings, and the coarser form"),
    "verify": Lazy("panacea.cli.verify", "is a credential or presentation true, and what was checked"),
    "vc-api": Lazy("panacea.cli.vc_api", "the W3C VC API: issue, derive, verify, prove, status"),
    "deal": Lazy("panacea.cli.deal", "deals: create, list, show, close"),
    "offer": Lazy("panacea.cli.offer", "offer the records of a vault to a deal"),
    "data": Lazy("panacea.cli.pull", "what was bought: pull"),
    "withdraw": Lazy("panacea.cli.withdraw", "take a consent back"),
}


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"panacea {version('panacea-chain')}")
        context.exit()


ROOT = Group(
    "panacea",
    COMMANDS,
    "Own a health record, sell a verified and minimal view of it, be paid in the same step.",
    params=[
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="show the version"
        )
    ],
)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code: 0 ok, 1 refused, 2 usage, 3 not reachable, 4 not authorised."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = ROOT.main(given, prog_name="panacea", standalone_mode=False)
    except BaseException as failure:  # noqa: BLE001  every end of the program is told in one style
        code = tell_failure(failure, given)
    sys.exit(code if isinstance(code, int) else 0)
