#!/usr/bin/env python3
"""The HTTP API against the description that it serves, from outside: Schemathesis makes requests
that fit /v1/openapi.json, and ones that do not, and holds every answer against it.

  check_api.py FENGSUI SOURCE_ROOT SCHEMATHESIS [--max-examples 30] [--seed 7]

Before that the service gets events, so that there are alerts to show and to act on. That an event
which fits the description is accepted is not asked: whether it is depends on the pack.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request


def start(fengsui, root, folder):
    """The process and its address."""
    (folder / "fengsui.yaml").write_text(json.dumps({
        "pack": str(root / "rules"), "state": {"dir": str(folder / "state")},
        "server": {"port": 0}}))
    process = subprocess.Popen([fengsui, "run", "-c", folder / "fengsui.yaml"],
                               stderr=subprocess.PIPE)
    for line in process.stderr:
        found = re.search(rb"serving (http://\S+?)/ ", line)
        if found:
            return process, found.group(1).decode()
    raise SystemExit("the service does not start")


def ask(url, body=None, kind="application/json"):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": kind} if body else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return json.loads(answer.read())


def make_alerts(fengsui, url):
    events = subprocess.run([fengsui, "generate", "--events", "3000"], check=True,
                            capture_output=True).stdout
    ask(url + "/v1/events", events, "application/x-ndjson")
    alerts = ask(url + "/v1/alerts")["alerts"]
    if len(alerts) < 3:
        raise SystemExit(f"only {len(alerts)} alerts: this would show little")
    return alerts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fengsui")
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("schemathesis", type=lambda path: str(pathlib.Path(path).absolute()))
    parser.add_argument("--max-examples", default="30")
    parser.add_argument("--seed", default="7")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        process, url = start(arguments.fengsui, arguments.root, folder)
        try:
            make_alerts(arguments.fengsui, url)
            done = subprocess.run(
                [arguments.schemathesis, "run", url + "/v1/openapi.json", "--checks", "all",
                 "--exclude-checks", "positive_data_acceptance", "--seed", arguments.seed,
                 "--max-examples", arguments.max_examples, "--workers", "2",
                 "--phases", "examples,coverage,fuzzing,stateful", "--suppress-health-check", "all",
                 "--warnings", "off", "--continue-on-failure"],
                cwd=folder, check=False,
                env={name: value for name, value in os.environ.items()
                     if not name.lower().endswith("_proxy")} | {"NO_COLOR": "1"})
            alive = process.poll() is None
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
            status = process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()
    if not alive or status != 0:
        print(f"FAILED: the service has not survived this (exit status {status})")
    sys.exit(1 if done.returncode != 0 or not alive or status != 0 else 0)


if __name__ == "__main__":
    main()
