"""One Apache Kafka broker on this machine: `make kafka` runs it, the tests import it.

Maven brings the jars once; afterwards a start needs only Java. Imports nothing but the standard library, so that it
runs before anything is installed.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
LIBS = Path(__file__).resolve().parents[2] / ".kinamik" / "kafka" / "libs"
HOST = "127.0.0.1"
CLUSTER_ID = "a2luYW1pay1vbmUtbm9kZQ"  # any 16 bytes in base64url
MINIMUM_JAVA = 17
JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms64m", "-Xmx384m", "-Dlog4j2.level=WARN")

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=CLIENT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=CLIENT://{host}:{port}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
log.dirs={log_dir}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.retention.hours=24
log.roll.hours=1
log.segment.bytes=67108864
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
background.threads=2
"""


class KafkaUnavailable(Exception):
    """The broker cannot run here; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Node:
    """Where one broker keeps its data and listens. `data_dir` also holds its configuration and its own log."""

    data_dir: Path
    port: int
    controller_port: int

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def log_dir(self) -> Path:
        """The topics' data, as the broker writes it to disk."""
        return self.data_dir / "topics"

    @property
    def properties(self) -> Path:
        return self.data_dir / "server.properties"

    @property
    def own_log(self) -> Path:
        return self.data_dir / "broker.log"


def missing_tool(libs: Path = LIBS) -> str | None:
    """What has to be installed before a broker can start, or None."""
    if (major := _java_version()) is None:
        return f"Java {MINIMUM_JAVA} or later is missing (Debian: apt-get install openjdk-17-jre-headless)"
    if major < MINIMUM_JAVA:
        return f"Java {major} is too old, Kafka needs {MINIMUM_JAVA} or later"
    if not _fetched(libs) and not shutil.which("mvn"):
        return "Maven is missing, it fetches Kafka's jars once (Debian: apt-get install maven)"
    return None


def ensure_libs(libs: Path = LIBS) -> Path:
    """The directory with the broker's jars; the first call fetches them. Raises KafkaUnavailable."""
    if missing := missing_tool(libs):
        raise KafkaUnavailable(missing)
    libs.parent.mkdir(parents=True, exist_ok=True)
    with libs.with_name("libs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _fetched(libs):
            _fetch(libs)
    return libs


def prepare(node: Node, libs: Path) -> None:
    """Writes the configuration, and formats the storage of a node that is new. Raises KafkaUnavailable."""
    node.data_dir.mkdir(parents=True, exist_ok=True)
    ports = {"port": node.port, "controller_port": node.controller_port}
    node.properties.write_text(PROPERTIES.format(host=HOST, log_dir=node.log_dir, **ports))
    if (node.log_dir / "meta.properties").exists():
        return
    tool = [*_java(libs), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(node.properties)]
    with node.own_log.open("ab") as log:
        done = subprocess.run(tool, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=60, check=False)
    if done.returncode:
        raise KafkaUnavailable(f"formatting the storage failed, see {node.own_log}")


def launch(node: Node, libs: Path) -> subprocess.Popen[bytes]:
    """Starts the broker in a process group of its own, so that Ctrl-C reaches it only through us."""
    for port, setting in ((node.port, "KINAMIK_KAFKA_PORT"), (node.controller_port, "KINAMIK_KAFKA_CONTROLLER_PORT")):
        _refuse_used(port, setting)
    with node.own_log.open("ab") as log:
        kafka = [*_java(libs), "kafka.Kafka", str(node.properties)]
        return subprocess.Popen(kafka, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0)


def wait_ready(node: Node, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Returns once the broker answers requests. Raises KafkaUnavailable when it ends, or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise KafkaUnavailable(f"the broker ended while starting, see {node.own_log}")
        if _answers(node.port):
            return
        time.sleep(0.05)
    raise KafkaUnavailable(f"the broker was not ready after {seconds:.0f} s, see {node.own_log}")


def stop(process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Ends the broker in order; kills it when that takes too long."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()


def _java(libs: Path) -> list[str]:
    return [*JAVA, "-cp", f"{libs}/*"]


def _java_version() -> int | None:
    if not shutil.which("java"):
        return None
    answer = subprocess.run(["java", "-version"], capture_output=True, text=True, timeout=20, check=False)
    quoted = answer.stderr.partition('"')[2].partition('"')[0]
    major = quoted.partition(".")[0].partition("-")[0]
    return int(major or 0)


def _fetched(libs: Path) -> bool:
    """Whether the jars are there, and are those that the pom.xml names now."""
    stamp = libs / "pom.sha256"
    return stamp.exists() and stamp.read_text() == _pom_digest()


def _pom_digest() -> str:
    return hashlib.sha256(POM.read_bytes()).hexdigest()


def _fetch(libs: Path) -> None:
    _say("Fetching Apache Kafka through Maven, once (43 MB) ...")
    fresh = libs.with_name("libs.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
    mvn = ["mvn", "--quiet", "--batch-mode", "--file", str(POM), *goal]
    done = subprocess.run(mvn, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise KafkaUnavailable(f"Maven could not fetch Kafka:\n{done.stdout[-2000:]}")
    (fresh / "pom.sha256").write_text(_pom_digest())
    shutil.rmtree(libs, ignore_errors=True)
    fresh.rename(libs)


def _refuse_used(port: int, setting: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise KafkaUnavailable(f"port {port} is in use, {setting} sets another") from None


def _answers(port: int) -> bool:
    """Asks for the API versions (Kafka protocol, key 18): a broker answers it only once it serves clients."""
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(8)) == 8
    except OSError:
        return False


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _terminated(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Runs a broker in the foreground until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, _terminated)
    port = int(os.environ.get("KINAMIK_KAFKA_PORT", "9092"))
    controller = int(os.environ.get("KINAMIK_KAFKA_CONTROLLER_PORT", str(port + 1)))
    node = Node(LIBS.parent / "data", port, controller)
    started = time.monotonic()
    process: subprocess.Popen[bytes] | None = None
    try:
        libs = ensure_libs()
        prepare(node, libs)
        process = launch(node, libs)
        wait_ready(node, process)
        _say(f"Kafka is ready on {node.bootstrap} after {time.monotonic() - started:.1f} s. Ctrl-C ends it.")
        return process.wait()
    except KafkaUnavailable as error:
        _say(f"Kafka cannot start: {error}")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        if process and process.poll() is None:
            stop(process)


if __name__ == "__main__":
    sys.exit(main())
