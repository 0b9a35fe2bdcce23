"""A sweep over a Ray cluster: one task for each shard, then one that merges them.

    python examples/cluster/ray_sweep.py scenario.toml --shards 8 --out /shared/sweeps
    python examples/cluster/ray_sweep.py s3://research/jobs/wide.toml --shards 8 --out s3://research/wide

Nodes have the tapeline binary. Scenario and results lie where all of them can reach them: on a shared file system, or in an
object store, whose keys each node has in its environment. Options after `--` are handed to `tapeline sweep`.
"""

import argparse
import ctypes
import os
import signal
import subprocess
import sys

import ray


def end_with_parent():
    """Where a Ray worker is killed and its machine lives on, its command must not go on beside the next attempt."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def tapeline(binary, arguments):
    """Runs a command; what it says when it fails becomes the task's failure."""
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, preexec_fn=end_with_parent)
    if done.returncode != 0:
        raise RuntimeError(f"tapeline {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


# A task whose node is lost, or that fails, is run again elsewhere; with --resume it goes on where it stood.
@ray.remote(max_retries=3, retry_exceptions=True)
def shard(binary, scenario, number, shards, threads, out, options):
    arguments = ["sweep", scenario, "--shard", f"{number}/{shards}", "--resume"]
    tapeline(binary, [*arguments, "--threads", str(threads), "--out", out, *options])
    return number, ray.get_runtime_context().get_node_id()


@ray.remote(max_retries=3, retry_exceptions=True)
def merge(binary, shards_out, out):
    return tapeline(binary, ["sweep", "merge", shards_out, "--out", out])


def sweep(scenario, shards, out, binary="tapeline", threads=1, options=()):
    """Runs all shards and merges them. Returns the merge's words, and on which node each shard was finished."""
    shards_out = f"{out.rstrip('/')}/shards"
    task = shard.options(num_cpus=threads)
    waiting = [
        task.remote(binary, scenario, number, shards, threads, shards_out, list(options))
        for number in range(1, shards + 1)
    ]
    nodes = {}
    while waiting:
        ready, waiting = ray.wait(waiting)
        number, node = ray.get(ready[0])
        nodes[number] = node
        print(f"shard {number}/{shards} is done on node {node[:8]}", flush=True)
    return ray.get(merge.options(num_cpus=1).remote(binary, shards_out, out)), nodes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario")
    parser.add_argument("--shards", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--address", default="auto", help="of the Ray cluster")
    parser.add_argument("--binary", default="tapeline")
    parser.add_argument("--threads", type=int, default=1, help="of each task; so many CPUs it takes")
    parser.add_argument("options", nargs="*")
    args = parser.parse_args()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(address=args.address)
    words, _ = sweep(args.scenario, args.shards, args.out, args.binary, args.threads, args.options)
    print(words, end="")


if __name__ == "__main__":
    main()
