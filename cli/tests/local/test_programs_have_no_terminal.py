"""What is started stays in the session of whoever starts it, and cannot reach its terminal."""

import subprocess
import sys
from pathlib import Path

STARTING = """
import fcntl, os, pty, sys, termios
from pathlib import Path
from menshen_cli.local.tether import process_tether

os.setsid()
_, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
os.close(os.open("/dev/tty", os.O_RDWR))
typing = "import os; print(os.getsid(0), os.getpid() == os.getpgrp(), flush=True); os.open('/dev/tty', os.O_RDWR)"
with open(sys.argv[1], "wb") as log:
    started = process_tether().launch(
        [sys.executable, "-c", typing], environment=dict(os.environ), folder=Path.cwd(), log=log
    )
    print(os.getsid(0), started.wait(20))
"""


def test_a_program_shares_the_session_and_not_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-c", STARTING, str(log)], capture_output=True, text=True, check=True, timeout=60
    )

    session, status = done.stdout.split()
    first, *trouble = log.read_text().splitlines()
    assert first == f"{session} True"
    assert status == "1"
    assert trouble[-1].startswith("OSError: [Errno 6]")
