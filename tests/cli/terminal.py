"""A terminal for tests: tmux, with what is on its screen as text."""

import os
import re
import subprocess
import time
import uuid


class NotShown(Exception):
    """Something does not come."""


class Terminal:
    def __init__(self, command, columns=80, lines=24, folder=None, path=""):
        self.tmux = ["tmux", "-L", f"vmcp-{uuid.uuid4().hex[:12]}", "-f", "/dev/null", "-u"]
        environment = {"LC_ALL": "C.UTF-8", "PATH": f"{path}:{os.environ['PATH']}", "TERM": "xterm", "HOME": os.environ.get("HOME", "/")}
        subprocess.run([*self.tmux, "new-session", "-d", "-s", "s", "-x", str(columns), "-y", str(lines), command],
                       check=True, env=environment, cwd=folder)

    def screen(self):
        return subprocess.run([*self.tmux, "capture-pane", "-p", "-t", "s"], capture_output=True, text=True).stdout

    def keys(self, *keys):
        subprocess.run([*self.tmux, "send-keys", "-t", "s", *keys], check=True)

    def expect(self, pattern, seconds=60):
        """Waits until the screen shows it; the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = self.screen()
            if re.search(pattern, text, re.MULTILINE):
                return text
            time.sleep(0.05)
        raise NotShown(f"/{pattern}/ does not come\n{self.screen()}")

    def type(self, line, pattern, seconds=60):
        """Types a line on a screen that is empty again; what must come then."""
        self.keys("clear", "Enter")
        self.expect(r"\A\$ *$")
        self.keys(line, "Enter")
        return self.expect(pattern, seconds)

    def close(self):
        subprocess.run([*self.tmux, "kill-server"], capture_output=True)
