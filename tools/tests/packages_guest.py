#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of an installed system, for packages_test.py. Prints KTAP.

Runs as root in a test kernel whose root is that system, booted by systemd, with
the service enabled and a file boot.conf for it. Changes the system.
Arguments: patterns of the names of tests; none: all.
"""

import contextlib
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import ktap

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
PACKAGES = ["bpfsched", "bpfsched-dkms", "bpfsched-tools", "libbpfsched1",
            "libbpfsched-dev", "python3-bpfsched"]
CONFIG = "/etc/bpfsched/schedulers.d"
MODULE_FOLDER = "/lib/modules/{}/updates/dkms"
# r0 = 42; exit
RETURN_42 = "b70000002a0000009500000000000000"

# The one is in the group, the other is not
MEMBER, OTHER = "ann", "bob"

# Emulated, and beside others: what has not ended then hangs
HANG_GUARD_S = 900


def run(*command, status=0, **options):
    """Runs a command that has to end with that status; returns what it said"""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False,
                          stdin=subprocess.DEVNULL, timeout=HANG_GUARD_S,
                          **options)
    assert done.returncode == status, \
        f"{' '.join(command)}: status {done.returncode}: {done.stdout}"
    return done.stdout


def as_user(user):
    """The words before a command that make it that user's, who can do nothing
    else"""
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups",
            "--inh-caps=-all", "--reset-env"]


def release():
    return os.uname().release


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def settle():
    run("udevadm", "settle")


@contextlib.contextmanager
def configured(name, text):
    """A file for the service, which has made what it says"""
    write(f"{CONFIG}/{name}.conf", text)
    run("systemctl", "reload-or-restart", "bpfsched")
    settle()
    try:
        yield f"/dev/bpfsched/{name}"
    finally:
        os.unlink(f"{CONFIG}/{name}.conf")
        run("systemctl", "reload", "bpfsched")


@contextlib.contextmanager
def held_by(user, node):
    """A process of a user that has a node open"""
    with subprocess.Popen(as_user(user) + ["sh", "-c", 'exec 3<>"$0" && echo && cat',
                                           node],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        equal(process.stdout.readline(), "\n", "what the holder says")
        yield process
        process.stdin.close()
        equal(process.wait(), 0, "status of the holder")


#
# The module
#
def module():
    """DKMS has built it for this kernel, and it is the one that is inserted"""
    run("modprobe", "bpfsched")
    status = run("dkms", "status", "-m", "bpfsched", "-k", release())
    assert ": installed" in status, status
    path = run("modinfo", "-F", "filename", "bpfsched").strip()
    equal(os.path.dirname(path).removeprefix("/usr"),
          MODULE_FOLDER.format(release()), "folder of the module")
    equal(read("/sys/module/bpfsched/version").strip(),
          run("dpkg-query", "-W", "-f", "${Version}", "bpfsched-dkms"),
          "version of the module")


def signed():
    """With a key of the machine's own, which only root can read"""
    equal(run("modinfo", "-F", "signer", "bpfsched").strip(),
          "DKMS module signing key", "signer")
    equal(oct(os.stat("/var/lib/dkms/mok.key").st_mode & 0o777), "0o600",
          "mode of the key")


def no_autoload():
    """Nothing that a user does makes the kernel insert it"""
    equal(run("modinfo", "-F", "alias", "bpfsched"), "", "aliases")
    equal(run("modinfo", "-F", "softdep", "bpfsched"), "", "soft dependencies")


#
# The system
#
def no_failed_units():
    equal(run("systemctl", "--failed", "--plain", "--no-legend"), "",
          "units that failed")


def unit():
    """systemd has nothing to say about it, and the page that it names is there"""
    said = run("systemd-analyze", "verify", "--man=no", "bpfsched.service")
    assert "bpfsched" not in said, said
    equal(run("systemctl", "show", "-P", "Documentation",
              "bpfsched").strip('"\n'), "man:bpfsched(1)")
    assert os.path.exists("/usr/share/man/man1/bpfsched.1.gz")


def at_boot():
    """The service has made the scheduler of boot.conf"""
    equal(run("systemctl", "is-active", "bpfsched").strip(), "active")
    assert os.path.exists("/dev/bpfsched/boot")
    assert '"boot"' in run("bpfsched", "-j", "list")


def service():
    with configured("shared", read(glob.glob(
            "/usr/share/doc/bpfsched-tools/examples/shared.conf")[0])) as node:
        assert os.path.exists(node)
    assert not os.path.exists(node)
    run("systemctl", "stop", "bpfsched")
    assert not os.path.exists("/dev/bpfsched/boot")
    run("systemctl", "start", "bpfsched")
    assert os.path.exists("/dev/bpfsched/boot")


def autopkgtest():
    """The tests of the source package, by the program that Debian runs them
    with. The guest is a machine of its own, which the null runner cannot know"""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(f"{TOP}/debian", f"{folder}/source/debian")
        said = run("autopkgtest", "--no-built-binaries",
                   "--ignore-restrictions=isolation-machine", "--summary-file",
                   f"{folder}/summary", f"{folder}/source", "--", "null")
        lines = read(f"{folder}/summary").splitlines()
        equal([line.split() for line in lines],
              [["job", "PASS"], ["develop", "PASS"]], f"summary ({said})")


#
# Users
#
def member_runs():
    """A member of the group needs no capability"""
    said = run(*as_user(MEMBER), "sh", "-c", "grep CapEff /proc/self/status && "
               f"bpfsched -j -s boot run --hex {RETURN_42}")
    assert "CapEff:\t0000000000000000" in said, said
    assert '"r0":"0x2a"' in said, said


def member_by_python():
    said = run(*as_user(MEMBER), "python3", "-c", "import bpfsched\n"
               "print(bpfsched.Scheduler('boot').fileno() > 2)")
    equal(said, "True\n")


def expect_no_access(user, node):
    for flags in "O_RDONLY", "O_WRONLY", "O_RDWR":
        said = run(*as_user(user), "python3", "-c",
                   f"import os; os.open('{node}', os.{flags})", status=1)
        assert "PermissionError" in said, said


def other_is_kept_out():
    for node in glob.glob("/dev/bpfsched/*"):
        expect_no_access(OTHER, node)
    said = run(*as_user(OTHER), "bpfsched", "-s", "boot", "run", "--hex",
               RETURN_42, status=2)
    assert "/dev/bpfsched/boot" in said and "group 'bpfsched'" in said, said


def nobody_creates():
    """Neither by the command nor by the node"""
    for user in MEMBER, OTHER:
        for words in ["create", "mine"], ["destroy", "--force", "boot"]:
            said = run(*as_user(user), "bpfsched", *words, status=2)
            assert "Permission denied" in said, said
        expect_no_access(user, "/dev/bpfsched/control")
    assert not os.path.exists("/dev/bpfsched/mine")
    assert os.path.exists("/dev/bpfsched/boot")


def nodes():
    """What udev makes of them, of those that are made later too"""
    run("bpfsched", "create", "later")
    try:
        settle()
        said = run("sh", "-c", "stat -c '%n %A %U %G' /dev/bpfsched/*")
        for line in said.splitlines():
            name = os.path.basename(line.split()[0])
            equal(line.split()[1:],
                  ["crw-------", "root", "root"] if name == "control" else
                  ["crw-rw----", "root", "bpfsched"], name)
        assert "/later " in said and "/control " in said, said
        equal(run("stat", "-c", "%A %U %G", "/dev/bpfsched"),
              "drwxr-xr-x root root\n")
    finally:
        run("bpfsched", "destroy", "later")


def name_of_control():
    """No scheduler can get between the rule and that node"""
    for name in "control", "../control", "x/control", "control\n":
        run("bpfsched", "create", "--", name, status=2)
    equal(run("stat", "-c", "%A", "/dev/bpfsched/control"), "crw-------\n")


#
# What a hostile user could do with the parts
#
def installed_files():
    """All that the packages consist of"""
    return sorted(set(run("dpkg", "-L", *PACKAGES).split("\n")) - {"", "/."})


def owners():
    """All files are root's, and only root can write to them; none gives rights"""
    paths = installed_files()
    assert len(paths) > 200, paths
    for folder in ("/var/lib/dkms", "/run/bpfsched-schedulers"):
        paths += run("find", folder, "!", "-type", "l").splitlines()
    for path in paths:
        about = os.lstat(path)
        if os.path.islink(path):
            continue
        equal((about.st_uid, about.st_gid), (0, 0), f"owner of {path}")
        # of others: folders that Debian itself gives to a group are not meant
        equal(about.st_mode & 0o6022, 0, f"mode of {path}")


def nothing_writable():
    """Asked as the user, by the kernel: files and what stands for the module"""
    folders = [CONFIG, "/etc/bpfsched", "/usr/lib/bpfsched", "/var/lib/dkms",
               "/run/bpfsched-schedulers", "/sys/module/bpfsched",
               MODULE_FOLDER.format(release())]
    folders += glob.glob("/usr/src/bpfsched-*")
    folders += [os.path.realpath(path)
                for path in glob.glob("/sys/class/bpfsched/*")]
    assert len(folders) >= 10, folders
    for user in MEMBER, OTHER:
        said = run(*as_user(user), "sh", "-c",
                   'find "$@" -writable ! -type l 2>/dev/null; true', "sh",
                   *folders)
        equal(said, "", f"what {user} can write to")
    # that this finds what there is
    equal(run(*as_user(MEMBER), "find", "/tmp", "-maxdepth", "0", "-writable"),
          "/tmp\n")


def hostile_config():
    """The service runs as root: a file of it that somebody else may write makes
    schedulers, and no other command"""
    proof = "/run/bpfsched-was-fooled"
    lines = [f"policy=fair; touch {proof}", f"policy=$(touch {proof})",
             f"policy=`touch {proof}`", f"policy=fair\\\ntouch {proof}",
             f"capacity=1 & touch {proof} &", "help", "*", "~", "'\"",
             f"policy=fair\0touch {proof}", "x" * 300_000]
    names = [f"hostile{number}" for number in range(len(lines))]
    names[1:1] = ["-x", "a b", f"`touch {proof.replace('/', chr(92))}`",
                  "--force"]
    lines[1:1] = ["policy=fair"] * 4
    try:
        for name, line in zip(names, lines):
            write(f"{CONFIG}/{name}.conf", line)
        run("systemctl", "reload", "bpfsched", status=1)
        assert os.path.exists("/dev/bpfsched/boot")
        assert not os.path.exists(proof), "a command was run"
        for name in names[5:]:
            assert not os.path.exists(f"/dev/bpfsched/{name}"), name
    finally:
        for name in names:
            os.unlink(f"{CONFIG}/{name}.conf")
        run("systemctl", "reload", "bpfsched")
    equal(sorted(os.listdir(CONFIG)), ["boot.conf"], "what is left")


def held_open():
    """Who holds a scheduler keeps it from being ended, but not the service from
    ending the others, nor from starting again"""
    write(f"{CONFIG}/second.conf", "policy=fair\n")
    run("systemctl", "reload", "bpfsched")
    settle()
    with held_by(MEMBER, "/dev/bpfsched/boot"):
        run("systemctl", "stop", "bpfsched")
        assert os.path.exists("/dev/bpfsched/boot")
        assert not os.path.exists("/dev/bpfsched/second")
        os.unlink(f"{CONFIG}/second.conf")
        run("systemctl", "start", "bpfsched")
    equal(run("systemctl", "is-active", "bpfsched").strip(), "active")
    run("systemctl", "restart", "bpfsched")
    assert os.path.exists("/dev/bpfsched/boot")


def purged_while_held():
    """Who holds a scheduler does not keep the packages from being removed; the
    service ends the others, and the module stays until the next boot"""
    write(f"{CONFIG}/second.conf", "policy=fair\n")
    run("systemctl", "reload", "bpfsched")
    settle()
    with held_by(MEMBER, "/dev/bpfsched/boot"):
        run("apt-get", "-y", "purge", *PACKAGES,
            env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"))
        assert not os.path.exists("/dev/bpfsched/second")
        assert os.path.exists("/dev/bpfsched/boot")
    equal(run("dkms", "status"), "", "what DKMS has")
    equal(glob.glob(f"/lib/modules/{release()}/**/bpfsched*", recursive=True),
          [], "modules left")
    equal(sorted(os.listdir(CONFIG)), ["boot.conf", "second.conf"],
          "files of the administrator")
    equal(run("systemctl", "show", "-P", "LoadState", "bpfsched"),
          "not-found\n", "state of the unit")
    # the node was closed; the module can go as usual
    run("rmmod", "bpfsched")


TESTS = [
    ("system.no_failed_units", no_failed_units),
    ("system.at_boot", at_boot),
    ("system.unit", unit),
    ("module.installed", module),
    ("module.signed", signed),
    ("module.no_autoload", no_autoload),
    ("user.member_runs", member_runs),
    ("user.member_by_python", member_by_python),
    ("user.other_is_kept_out", other_is_kept_out),
    ("user.nobody_creates", nobody_creates),
    ("user.nodes", nodes),
    ("user.name_of_control", name_of_control),
    ("hostile.owners", owners),
    ("hostile.nothing_writable", nothing_writable),
    ("hostile.config", hostile_config),
    ("hostile.held_open", held_open),
    ("system.service", service),
    ("system.autopkgtest", autopkgtest),
    # the last one, for nothing is left then
    ("hostile.purged_while_held", purged_while_held),
]

# What is run with a further kernel
SHORT = ["system.no_failed_units", "system.at_boot", "module.installed",
         "user.member_runs"]

if __name__ == "__main__":
    sys.exit(ktap.main(ktap.select(TESTS, sys.argv[1:])))
