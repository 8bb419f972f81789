"""A process that behaves as the suite expects of a service: migrates, writes its address file, ends on SIGTERM."""

import json
import os
import signal
import sys
from pathlib import Path


def main() -> None:
    if sys.argv[1:] == ["migrate"]:
        Path("migrated").touch()
        return
    if not Path("migrated").exists():
        sys.exit("started before its schema was migrated")
    address_file = Path(os.environ["MENSHEN_ADDRESS_FILE"])
    partial = address_file.with_suffix(".partial")
    listen = os.environ["MENSHEN_LISTEN"]
    partial.write_text(json.dumps({"grpc": listen, "health": listen, "metrics": listen}))
    Path(f"settings-{address_file.stem}.json").write_text(json.dumps(dict(os.environ)))
    partial.rename(address_file)
    signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    main()
