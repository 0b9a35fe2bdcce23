"""Runs ray_sweep.py on three Ray nodes of this machine, takes one of them away in the middle, and compares.

    python3 -m venv .venv-ray && .venv-ray/bin/pip install ray==2.60.0
    cargo build --release
    sudo unshare --net sh -c \
        'ip link set lo up && .venv-ray/bin/python examples/cluster/ray_local.py --binary target/release/tapeline'

The network namespace is for those who want to be sure that nothing but the loopback interface is used: Ray listens on all
interfaces there are, and takes the machine's own address for 127.0.0.1. It ends with failure unless every merged file is, byte for byte, what the same sweep writes without shards.
"""

import argparse
import filecmp
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
# A busy machine needs longer to start a node than Ray waits.
os.environ["RAY_raylet_start_wait_time_s"] = "300"

import ray

import ray_sweep

SHARDS = 8

AGENTS = ["dashboard-agent-listen", "dashboard-agent-grpc", "runtime-env-agent", "metrics-export"]


class Node:
    """A Ray node in a process group of its own."""

    def __init__(self, log, *arguments):
        program = [str(pathlib.Path(sys.executable).parent / "ray"), "start", "--block", "--num-cpus=1"]
        # By default every node of a machine wants the same ports for its agents, and dies without them.
        ports = [f"--{name}-port={free_port()}" for name in AGENTS] + ["--min-worker-port=0", "--max-worker-port=0"]
        with open(log, "w") as words:
            to = {"stdout": words, "stderr": words, "start_new_session": True}
            self.process = subprocess.Popen([*program, *ports, *arguments], **to)

    def kill(self):
        """Ends all its processes at once, as when a machine is lost."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def join(address):
    """Joins the cluster as soon as its head answers."""
    host, port = address.split(":")
    for _ in range(600):
        with socket.socket() as caller:
            if caller.connect_ex((host, int(port))) == 0:
                break
        time.sleep(0.1)
    ray.init(address=address, logging_level="ERROR", log_to_driver=False)


def wait_for_nodes(count):
    for _ in range(600):
        if sum(node["Alive"] for node in ray.nodes()) == count:
            return
        time.sleep(0.1)
    raise TimeoutError(f"the cluster never had {count} nodes")


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def whole_sweep(out):
    (folder,) = [path for path in out.iterdir() if (path / "trials.parquet").is_file()]
    return folder


def kill_when_begun(node, shards):
    """Kills a node as soon as some shard has kept a part."""
    while not any(shards.glob("*/parts/*.parquet")):
        time.sleep(0.01)
    node.kill()
    print("one node was killed", flush=True)


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(root / "target/release/tapeline"))
    parser.add_argument("--scenario", default=str(root / "examples/cluster/wide.toml"))
    args = parser.parse_args()
    binary = str(pathlib.Path(args.binary).resolve())
    scenario = str(pathlib.Path(args.scenario).resolve())

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        began = time.monotonic()
        ray_sweep.tapeline(binary, ["sweep", scenario, "--threads", "1", "--out", str(folder / "alone")])
        print(f"one process, one thread: {time.monotonic() - began:.1f} s", flush=True)

        address = f"127.0.0.1:{free_port()}"
        port = address.split(":")[1]
        head = ["--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={folder / 'ray'}"]
        nodes = [Node(folder / "head.log", *head)]
        try:
            join(address)
            for name in ["one", "other"]:
                nodes.append(Node(folder / f"{name}.log", f"--address={address}"))
                wait_for_nodes(len(nodes))
            print("3 Ray nodes", flush=True)
            shards = folder / "merged" / "shards"
            thief = threading.Thread(target=kill_when_begun, args=(nodes[1], shards), daemon=True)
            thief.start()
            began = time.monotonic()
            words, finished_on = ray_sweep.sweep(scenario, SHARDS, str(folder / "merged"), binary)
            print(f"{SHARDS} shards and the merge: {time.monotonic() - began:.1f} s", flush=True)
            thief.join()
            print(f"{len(set(finished_on.values()))} nodes finished shards", flush=True)
            ray.shutdown()
        except Exception:
            for log in sorted(folder.glob("*.log")):
                print(f"{log.name}: {log.read_text()[-2000:]}")
            raise
        finally:
            for node in reversed(nodes):
                node.kill()
        print(words, end="")

        alone, merged = whole_sweep(folder / "alone"), whole_sweep(folder / "merged")
        names = files_below(alone)
        assert files_below(merged) == names, (names, files_below(merged))
        same, different, wrong = filecmp.cmpfiles(alone, merged, names, shallow=False)
        assert (sorted(same), different, wrong) == (names, [], []), (different, wrong)
        print(f"{len(names)} files, every one the same byte for byte: {', '.join(names)}")


if __name__ == "__main__":
    main()
