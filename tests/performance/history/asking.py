"""`python -m history.asking FOLDER`: the same what-if, asked of a running suite until it is ended."""

import asyncio
import sys
from pathlib import Path

from menshen_cli.administering import identity
from menshen_cli.running import RunningSuite

from history.running import what_if


async def ask(folder: Path) -> None:
    """A line is printed for every answer."""
    async with RunningSuite(identity("", "bench"), folder) as suite:
        while True:
            await what_if(suite)
            print("answered", flush=True)


if __name__ == "__main__":
    asyncio.run(ask(Path(sys.argv[1])))
