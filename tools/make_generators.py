"""Write the tables of points: P1 and 256 generators of each BBS ciphersuite, and the basis of predicates."""

from pathlib import Path

import panacea.credentials.predicates as predicates
import panacea.crypto.bbs as room
from panacea.credentials.predicates import basis
from panacea.crypto.bbs import SHA256, SHAKE256
from panacea.crypto.bbs.generators import LISTED, TABLED

for suite in (SHA256, SHAKE256):
    points = suite.generators.derive(0, LISTED)
    head, tail = (suite.generators.derive_base(), *points[:TABLED]), points[TABLED:]
    path = Path(room.__path__[0]) / suite.generators.table
    octets = [point.to_xy_bytes_be() for point in head] + [point.to_compressed_bytes() for point in tail]
    path.write_bytes(b"".join(octets))
    print(path.name, 1 + len(points), "points")

path = Path(predicates.__path__[0]) / basis.TABLE
points = tuple(basis.derive())
path.write_bytes(b"".join(point.to_xy_bytes_be() for point in points))
print(path.name, len(points), "points")
