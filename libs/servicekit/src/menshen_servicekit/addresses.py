"""`host:port` texts, as settings and the address file carry them."""


def split_address(address: str) -> tuple[str, int]:
    """`127.0.0.1:0` or `[::1]:0` in its parts; ValueError otherwise."""
    host, separator, port = address.rpartition(":")
    if not separator or not host or not port.isdecimal() or int(port) > 65_535:
        raise ValueError(f"expected host:port, got {address!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def with_port(address: str, port: int) -> str:
    """The same host with the port that was chosen."""
    return f"{address.rpartition(':')[0]}:{port}"
