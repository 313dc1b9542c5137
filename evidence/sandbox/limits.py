"""What a process may still do once it has given up its rights: compute, read its open files, answer.

Limits of resources always hold. System calls are filtered by seccomp and files by landlock where the kernel and
libseccomp have them: some containers don't, and `manage.py doctor` says so.
"""

import contextlib
import ctypes
import errno
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROCESSOR_SECONDS = 10
MEMORY = 512 * 2**20
OUTPUT = 32 * 2**20
OPEN_FILES = 64
_PARENT_DEATH_SIGNAL = 1

# Python with its packages, shared libraries, fonts and the data of text recognition; no settings, no data.
_READABLE = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/dev/null", "/dev/urandom")

# Connections, other processes, other programs, the kernel's own affairs, and every change to a file.
_REFUSED_CALLS = """
    socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg
    execve execveat fork vfork ptrace process_vm_readv process_vm_writev pidfd_open pidfd_getfd pidfd_send_signal
    kill tkill rt_sigqueueinfo rt_tgsigqueueinfo unshare setns mount umount2 move_mount open_tree fsopen pivot_root
    chroot bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register keyctl add_key
    request_key init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct
    open_by_handle_at name_to_handle_at shmget shmat shmctl msgget msgsnd semget mq_open setuid setgid setreuid
    setregid setresuid setresgid setgroups setns personality creat unlink unlinkat rename renameat renameat2 mkdir
    mkdirat rmdir link linkat symlink symlinkat mknod mknodat chmod fchmod fchmodat chown fchown fchownat lchown
    truncate setxattr lsetxattr fsetxattr removexattr utime utimes utimensat inotify_init inotify_init1 fanotify_init
    settimeofday clock_settime adjtimex clock_adjtime quotactl syslog vhangup iopl ioperm prlimit64 memfd_secret
"""
_ABSENT_CALLS = ("clone3", "openat2")
_THREAD = 0x00010000
_WRITING_MODES = (os.O_WRONLY, os.O_RDWR)


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, also when that has happened already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def restrict() -> None:
    """Give up every right that inspecting a file doesn't need; for good."""
    # Loading libseccomp opens files and starts programs, so it comes first.
    calls = _call_filter()
    _limit_files()
    limit_resources()
    if calls is not None:
        with contextlib.suppress(OSError):
            calls.load()


def limit_resources() -> None:
    """Processor time, memory, output, open files, no core dumps."""
    for kind, most in (
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))


def _limit_files() -> None:
    """Open nothing but `readable_places`, and those for reading only, where the kernel has landlock."""
    ctypes.set_errno(0)
    with contextlib.suppress(OSError, ImportError):
        import landlock

        rules = landlock.Ruleset()
        for place in readable_places():
            access = landlock.FSAccess.READ_FILE
            rules.allow(place, rules=access | landlock.FSAccess.READ_DIR if place.is_dir() else access)
        rules.apply()


def readable_places() -> Iterator[Path]:
    """The places that the process may read, as far as they exist."""
    own = Path(__file__).resolve().parents[1]
    packages = (Path(place) for place in sys.path if Path(place).name == "site-packages")
    data = (Path(value) for value in (os.environ.get("TESSDATA_PREFIX"),) if value)
    python = (Path(os.__file__).resolve().parent,)
    for place in (*map(Path, _READABLE), *python, *packages, *data, own):
        if os.path.exists(place):
            yield place


def _call_filter() -> Any:
    """A seccomp filter under which forbidden calls fail and threads still start; None without libseccomp."""
    try:
        import pyseccomp as seccomp
    except (ImportError, OSError, RuntimeError):
        return None
    rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    forbidden, absent = seccomp.ERRNO(errno.EPERM), seccomp.ERRNO(errno.ENOSYS)
    judged = [
        ("clone", seccomp.Arg(0, seccomp.MASKED_EQ, _THREAD, 0)),
        ("tgkill", seccomp.Arg(0, seccomp.NE, os.getpid())),
        *(("open", seccomp.Arg(1, seccomp.MASKED_EQ, os.O_ACCMODE, mode)) for mode in _WRITING_MODES),
        *(("openat", seccomp.Arg(2, seccomp.MASKED_EQ, os.O_ACCMODE, mode)) for mode in _WRITING_MODES),
    ]
    calls: list[tuple[Any, ...]] = [(forbidden, name) for name in _REFUSED_CALLS.split()]
    calls += [(absent, name) for name in _ABSENT_CALLS] + [(forbidden, *call) for call in judged]
    for call in calls:
        # Calls that this architecture doesn't have need no rule.
        with contextlib.suppress(OSError):
            rules.add_rule(*call)
    return rules
