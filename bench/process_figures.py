"""What a running `fengsui` has cost so far, and a port for it: for the scripts of this folder."""
import os
import pathlib
import re
import socket
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def metrics(port):
    """Sums of the samples by metric name, over all labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    sums = {}
    for name, value in re.findall(r"^(\w+)(?:\{[^}]*\})? (\S+)", text, re.MULTILINE):
        sums[name] = sums.get(name, 0.0) + float(value)
    return sums


def cpu_times(pid):
    """Seconds of user and of system time."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return int(fields[11]) / TICKS, int(fields[12]) / TICKS


def cpu_seconds(pid):
    return sum(cpu_times(pid))


def peak_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024


def written_bytes(pid):
    """What the process has handed to write(), wherever to."""
    for line in pathlib.Path(f"/proc/{pid}/io").read_text(encoding="utf-8").splitlines():
        if line.startswith("wchar:"):
            return int(line.split()[1])
    return 0
