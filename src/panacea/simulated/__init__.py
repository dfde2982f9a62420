"""The simulated platform: evidence without the hardware, for networks that say so in their genesis.

An oracle image for real data does not contain this package.
"""

from panacea.simulated.platform import Platform, SimulatedEnclave

__all__ = ["Platform", "SimulatedEnclave"]
