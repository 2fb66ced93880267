"""A Slurm of two nodes with two fake GPUs each, all on this machine's loopback.

Debian's programs run on files and ports of their own; nothing is written to /etc but what the
packages put there.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

PACKAGES = ("munge", "slurm-client", "slurmctld", "slurmd", "slurm-wlm-basic-plugins")
CLIENTS = ("sacct", "sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun")
NODES = ("n1", "n2")
# Any two devices: no job opens them.
GPUS = ("/dev/null", "/dev/zero")
# Seconds in which a daemon answers and a job begins, on a busy machine.
PATIENCE = 300
CONFIGURATION = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=0
MpiDefault=none
ReturnToService=1
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MinJobAge=3600
KillWait=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName=DEFAULT CPUs=8 RealMemory=256000 Gres=gpu:2
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]}
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]}
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
# Found before the system's. In the environment the configuration would be lost: jobs of Snakemake
# drop most of Slurm's variables.
CLIENT = """\
#!/bin/sh
SLURM_CONF={configuration} exec {program} "$@"
"""


def install() -> None:
    """Installs Debian's packages, where their programs are missing."""
    if all(map(shutil.which, ("munged", "slurmctld", "slurmd", *CLIENTS))):
        return
    silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for call in ("update", "install --yes --no-install-recommends " + " ".join(PACKAGES)):
        subprocess.run(["apt-get", "--quiet", *call.split()], check=True, env=silent)


@contextmanager
def running(folder: Path) -> Iterator[Slurm]:
    """A Slurm that keeps its files in ``folder``. It ends with the block, and its jobs with it."""
    slurm = Slurm(folder)
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.stop()


class Slurm:
    """The daemons, and what is asked of them.

    Attributes:
        environment: the one in which jobs are submitted.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.configuration = folder / "slurm.conf"
        self.clients = folder / "bin"
        self.environment = {**os.environ, "PATH": f"{self.clients}:{os.environ['PATH']}"}
        self.daemons = []
        self.controller = None
        self._write_files()

    def start(self) -> None:
        """Starts the daemons; returns when both nodes are idle."""
        munge = self.folder / "munge"
        files = ("socket", "key-file", "pid-file", "seed-file", "log-file")
        options = [f"--{kind}={munge}.{kind.removesuffix('-file')}" for kind in files]
        # Forced, for it is root's.
        self._start("munged", "--foreground", "--force", *options)
        wait_until(munge.with_suffix(".socket").exists)
        self.start_controller()
        for node in NODES:
            self._start("slurmd", "-D", "-f", self.configuration, "-N", node)
        wait_until(lambda: {self.state(node) for node in NODES} == {"idle"})

    def start_controller(self) -> None:
        """Starts slurmctld, which remembers jobs and nodes of an earlier one."""
        self.controller = self._start("slurmctld", "-D", "-f", self.configuration)

    def stop_controller(self) -> None:
        """Ends slurmctld; jobs go on without it."""
        self.daemons.remove(self.controller)
        _end(self.controller)

    def stop(self) -> None:
        """Ends what submits jobs, the jobs, which would outlive the daemons, and then those."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if self._is_guest(process):
                    process.kill()
        if self.controller and self.controller.poll() is not None:
            self.start_controller()
        with suppress(TimeoutError):
            wait_until(self._cancelled)
        for daemon in reversed(self.daemons):
            _end(daemon)

    def ask(self, *command: str) -> str:
        """What a client, such as squeue, prints; empty where it fails."""
        call = [self.clients / command[0], *command[1:]]
        return subprocess.run(call, capture_output=True, text=True, check=False).stdout.strip()

    def state(self, node: str) -> str:
        """The state of a node, such as idle."""
        return self.ask("sinfo", "--noheader", "--nodes", node, "--format", "%T")

    def running_job(self, comment: str) -> str:
        """The id of the running job with a comment; empty where none runs."""
        listing = self.ask("squeue", "--noheader", "--states", "running", "--format", "%A %k")
        found = dict(reversed(line.split()) for line in listing.splitlines())
        return found.get(comment, "")

    def _is_guest(self, process):
        """Tells if a process runs in the environment of this Slurm and is none of its daemons."""
        own = process.pid in [daemon.pid for daemon in self.daemons]
        return not own and process.environ().get("PATH") == self.environment["PATH"]

    def _cancelled(self):
        self.ask("scancel", "--user", "root")
        return not self.ask("squeue", "--noheader")

    def _write_files(self):
        self.clients.mkdir(parents=True)
        (self.folder / "state").mkdir()
        for node in NODES:
            (self.folder / f"spool-{node}").mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(64))
        key.chmod(0o600)
        host = socket.gethostname().split(".")[0]
        text = CONFIGURATION.format(host=host, folder=self.folder, ports=_free_ports(3))
        self.configuration.write_text(text)
        lines = [f"NodeName={node} Name=gpu File={gpu}\n" for node in NODES for gpu in GPUS]
        (self.folder / "gres.conf").write_text("".join(lines))
        for name in CLIENTS:
            path = self.clients / name
            program = shutil.which(name)
            path.write_text(CLIENT.format(configuration=self.configuration, program=program))
            path.chmod(0o755)

    def _start(self, *command):
        with (self.folder / f"{command[0]}.log").open("a") as log:
            # Ctrl-C is for pytest, which then ends them in their order.
            daemon = subprocess.Popen(
                command,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.daemons.append(daemon)
        return daemon


def wait_until(condition: Callable[[], object]) -> object:
    """What the condition gives when it is first true; raises TimeoutError if that takes long."""
    for _ in range(4 * PATIENCE):
        if found := condition():
            return found
        time.sleep(0.25)
    raise TimeoutError(f"not within {PATIENCE} seconds")


def _free_ports(number):
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _end(process):
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
