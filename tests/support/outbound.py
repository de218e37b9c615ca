"""What a process asks of the network, noted by the interpreter itself as it happens."""

from pathlib import Path

_HOOK = """
import os, sys

def note(event, arguments, sink=os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"):
        os.write(sink, f"{{event}} {{arguments!r}}\\n".encode())
    elif event == "socket.connect":
        os.write(sink, f"{{event}} {{arguments[1]!r}}\\n".encode())

sys.addaudithook(note)
"""
_LOCAL = ("'127.0.0.1'", "'localhost'", "'::1'", "b'127.0.0.1'")


def watched(folder: Path) -> dict[str, str]:
    """The environment that makes a Python process note every connection below `folder`."""
    folder.mkdir()
    hook = _HOOK.format(log=str(folder / "connections"))
    (folder / "sitecustomize.py").write_text(hook)
    return {"PYTHONPATH": str(folder)}


def outbound(folder: Path) -> list[str]:
    """What was noted since, this machine itself and its sockets in files left out."""
    lines = (folder / "connections").read_text().splitlines()
    return [line for line in lines if "(" in line and not any(one in line for one in _LOCAL)]
