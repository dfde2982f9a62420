"""Write the generator tables of the BBS ciphersuites: P1 and 256 generators each, both coordinates, big-endian."""

from pathlib import Path

import panacea.crypto.bbs as room
from panacea.crypto.bbs import SHA256, SHAKE256
from panacea.crypto.bbs.generators import TABLED

for suite in (SHA256, SHAKE256):
    points = (suite.generators.derive_base(), *suite.generators.derive(0, TABLED))
    path = Path(room.__path__[0]) / suite.generators.table
    path.write_bytes(b"".join(point.to_xy_bytes_be() for point in points))
    print(path.name, len(points), "points")
