"""Cut into DER: add an element inside any other, with all lengths set right again."""

NULL = bytes.fromhex("0500")


def grow(der: bytes, *path: int) -> bytes:
    """`der` with a NULL behind the last element of the container that these child numbers lead to."""
    tag, content, rest = split(der)
    assert not rest
    if not path:
        return join(tag, content + NULL)
    children = list(each(content))
    children[path[0]] = grow(children[path[0]], *path[1:])
    return join(tag, b"".join(children))


def paths(der: bytes, *before: int) -> list[tuple[int, ...]]:
    """The paths of all containers in `der`, itself included."""
    tag, content, _ = split(der)
    if not tag & 0x20:
        return []
    found = [before]
    for place, child in enumerate(each(content)):
        found += paths(child, *before, place)
    return found


def each(content: bytes) -> list[bytes]:
    """The elements of a container."""
    found = []
    while content:
        _, _, rest = split(content)
        found.append(content[: len(content) - len(rest)])
        content = rest
    return found


def split(der: bytes) -> tuple[int, bytes, bytes]:
    """Tag, content, and what follows."""
    size, at = der[1], 2
    if size >= 0x80:
        at = 2 + (size & 0x7F)
        size = int.from_bytes(der[2:at], "big")
    return der[0], der[at : at + size], der[at + size :]


def join(tag: int, content: bytes) -> bytes:
    """An element."""
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (length if size < 0x80 else bytes([0x80 | len(length)]) + length) + content
