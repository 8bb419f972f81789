"""The function library: its Lua parts joined in order, under a name that carries its version.

Function names are global to a server, so they carry the version too: two versions of this service work side by side
while one replaces the other, as long as values keep their form. A change of what a function means or takes needs a new
version; one of what it stores also needs every process of a site stopped first, which the changelog then says.
"""

import functools
from importlib.resources import files
from typing import Final

VERSION: Final = "v3"
LIBRARY: Final = f"menshen_{VERSION}"
_PARTS: Final = ("register", "claims", "values", "commit", "projection", "library")

COMMIT: Final = f"menshen_commit_{VERSION}"
EVENT: Final = f"menshen_event_{VERSION}"
READ: Final = f"menshen_read_{VERSION}"
BEGIN: Final = f"menshen_begin_{VERSION}"
READY: Final = f"menshen_ready_{VERSION}"
PUT_RECORDS: Final = f"menshen_put_records_{VERSION}"
PUT_DOCUMENT: Final = f"menshen_put_document_{VERSION}"
PUT_PLACES: Final = f"menshen_put_places_{VERSION}"
PUT_USES: Final = f"menshen_put_uses_{VERSION}"
FORGIVE: Final = f"menshen_forgive_{VERSION}"


@functools.cache
def source() -> bytes:
    """What FUNCTION LOAD takes."""
    folder = files("menshen_access.redis") / "functions"
    parts = [(folder / f"{name}.lua").read_text(encoding="utf-8") for name in _PARTS]
    return "\n".join([f"#!lua name={LIBRARY}", *parts]).encode()
