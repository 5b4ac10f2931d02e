"""`fengsui run` as the acceptance scripts use it: its configuration, its process, and the two ways
that events come in and alerts go out (a followed file into a file queue; Kafka topics)."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time

# What a start logs: the log's tail, if there was a state, and where the source reads on.
REPLAYED = re.compile(r"state recovered .*?(\d+) frames replayed")
READING = re.compile(r"source events: reading \S+ from (?:(\d+)|the beginning)")


# Settings of the sanitizer that the binary may be built with.
SANITIZERS = {name: os.environ[name] for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")
              if name in os.environ}


class Failure(Exception):
    """What the test found wrong, in words."""


def wait_for(what, seconds, condition, pause=0.01):
    """Returns the condition's first true value."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise Failure(f"waited {seconds} s in vain for {what}")


class FileTransport:
    """A followed file in, a file queue out."""

    def __init__(self, folder):
        self.input = folder / "in.ndjson"
        self.output = folder / "alerts.ndjson"
        self.fed = 0  # bytes: the source's positions
        self.input.touch()
        self.writer = open(self.input, "ab", buffering=0)

    def source(self):
        return {"file": {"path": str(self.input), "follow": True}}

    def sink(self):
        return {"file": {"path": str(self.output)}}

    def feed(self, lines):
        text = b"".join(line + b"\n" for line in lines)
        self.writer.write(text)
        self.fed += len(text)

    def messages(self):
        """Whole lines of the queue; the last may be half written while the process lives."""
        if not self.output.exists():
            return []
        return self.output.read_bytes().split(b"\n")[:-1]

    def delivered(self):
        """Grows as messages come."""
        return self.output.stat().st_size if self.output.exists() else 0

    def close(self):
        self.writer.close()


class KafkaTransport:
    """A topic of one partition in, one out; `tool` is kafka_tool."""

    def __init__(self, folder, tool, brokers):
        self.tool = [str(tool), brokers]
        self.brokers = brokers
        self.events = f"events-{folder.name}-{time.time_ns()}"
        self.alerts = f"alerts-{folder.name}-{time.time_ns()}"
        for topic in (self.events, self.alerts):
            subprocess.run([*self.tool, "create", topic, "1"], check=True)
        self.fed = 0  # records: the source's positions
        self.feeder = subprocess.Popen([*self.tool, "feed", self.events], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)

    def source(self):
        return {"kafka": {"brokers": self.brokers, "topics": [self.events]}}

    def sink(self):
        return {"kafka": {"brokers": self.brokers, "topic": self.alerts}}

    def feed(self, lines):
        """Returns when they are in the topic."""
        self.feeder.stdin.write(b"".join(line + b"\n" for line in lines) + b"\n")
        self.feeder.stdin.flush()
        if self.feeder.stdout.readline() != b"ok\n":
            raise Failure("kafka_tool feed has ended")
        self.fed += len(lines)

    def messages(self):
        """What a reader of committed records sees; key and alert id must agree."""
        out = subprocess.run([*self.tool, "consume", self.alerts], check=True,
                             stdout=subprocess.PIPE).stdout
        messages = []
        for line in out.split(b"\n")[:-1]:
            key, message = line.split(b"\t", 1)
            if json.loads(message)["alert"] != key.decode():
                raise Failure(f"key {key!r} of the message {message!r}")
            messages.append(message)
        return messages

    def delivered(self):
        """Grows as messages come."""
        return int(subprocess.run([*self.tool, "end", self.alerts], check=True,
                                  stdout=subprocess.PIPE).stdout)

    def close(self):
        self.feeder.stdin.close()
        self.feeder.wait()


def verified_state(fengsui, directory, backup=None):
    """What `state verify` says of a state that no process has open, or of a backup of it."""
    words = ["verify", directory] if backup is None else ["backup", directory, backup]
    done = subprocess.run([str(fengsui), "state", *map(str, words)], capture_output=True,
                          check=False, env={"PATH": "/usr/bin:/bin"} | SANITIZERS)
    if done.returncode != 0:
        raise Failure(f"state {words[0]} of {directory} says: {done.stderr.decode()}")
    return json.loads(done.stdout)


class Service:
    """One installation: a folder with configuration, state and queues, started again and again."""

    def __init__(self, folder, transport, pack, settings, port=0, checkpoint_interval="2s",
                 route=None):
        self.folder = folder
        self.transport = transport
        self.log = folder / "log.txt"
        self.process = None
        self.log_start = 0
        # JSON is YAML.
        (folder / "dispatch.yaml").write_text(json.dumps({
            "route": {"queue": "duty"} | (route or {}),
            "queues": [{"name": "duty", "sinks": [transport.sink()]}],
        }))
        (folder / "fengsui.yaml").write_text(json.dumps({
            "pack": str(pack),
            "state": {"dir": str(folder / "state"), "checkpoint_interval": checkpoint_interval},
            "server": {"address": "127.0.0.1", "port": port},
            "dispatch": str(folder / "dispatch.yaml"),
            "time": settings | {"idle_after": "1h"},
            "sources": [{"name": "events"} | transport.source()],
            "log": {"format": "json", "level": "info"},
        }))

    def start(self, binary, environment):
        self.log_start = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(binary), "run", "-c", str(self.folder / "fengsui.yaml")], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": "/usr/bin:/bin"} | SANITIZERS | environment)

    def lines(self):
        """What this run has logged so far."""
        with open(self.log, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace").splitlines()

    def await_recovery(self, may_die=False):
        """Waits until the source reads; returns (frames replayed, position read from). With
        `may_die`, a process that has killed itself before that gives a position of None."""

        def reading():
            ended = self.process.poll() is not None
            found = READING.search("\n".join(self.lines()))
            if not ended or found:
                return found
            if may_die and self.process.returncode == -signal.SIGKILL:
                return self.process
            raise Failure(f"the process ended with {self.process.returncode} at its start:\n" +
                          "\n".join(self.lines()[-20:]))

        found = wait_for("the source to be read", 60, reading)
        position = None if found is self.process else int(found[1] or 0)
        replayed = REPLAYED.search("\n".join(self.lines()))
        return int(replayed[1]) if replayed else 0, position

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        """Leaves nothing running."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.transport.close()

    def stop(self):
        """Orderly; returns the summary, the last line."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        if status != 0:
            raise Failure(f"an orderly end gave exit status {status}:\n" +
                          "\n".join(self.lines()[-20:]))
        return json.loads(self.lines()[-1])

    def run_to_end(self, binary, environment, lines, expected):
        """Runs until all `lines` are read and delivered, or no more comes; returns the summary."""
        for _ in range(20):
            self.start(binary, environment)
            self.await_recovery()
            before, since = -1, time.monotonic()
            while time.monotonic() - since < 3:
                count = len(self.transport.messages())
                if count >= expected:
                    break
                if count != before:
                    before, since = count, time.monotonic()
                time.sleep(0.1)
            summary = self.stop()
            if summary["read"] >= lines:
                return summary
        raise Failure(f"{summary['read']} of {lines} records read, and it goes no further")


def reference(binary, pack, settings, path):
    """What `fengsui replay` says of the same events: its records and its summary."""
    command = [str(binary), "replay", "--pack", str(pack), "--no-progress",
               "--out-of-orderness", settings["out_of_orderness"],
               "--allowed-lateness", settings["allowed_lateness"], str(path)]
    done = subprocess.run(command, check=True, capture_output=True)
    summary = json.loads(done.stderr.decode().splitlines()[-1])
    return [json.loads(line) for line in done.stdout.splitlines()], summary


def folder_of(base, name):
    folder = pathlib.Path(base) / name
    folder.mkdir(parents=True)
    return folder
