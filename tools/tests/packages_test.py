#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the Debian packages, as a user has them: installed by apt into a fresh
system, with a module by DKMS, booted by systemd in a test kernel.

Needs root, and what "tools/vm/setup packages" installs. Takes half an hour. What
commands said is kept in build/test-logs/packages. Prints KTAP.
Arguments: patterns of the names of tests; none: all.
"""

import fnmatch
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import ktap
import packages_guest
from ktap import equal
from packages_guest import CONFIG, MEMBER, OTHER, PACKAGES, read, write

TESTS = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(TESTS, "../.."))
VM = os.path.join(TOP, "tools/vm")
LOGS = os.path.join(TOP, "build/test-logs/packages")
CACHE = os.environ.get("BPFSCHED_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
    "bpfsched")

# What a system consists of before anything of ours is installed. The last ones
# are what the tests of debian/tests depend on: a guest has no network.
SYSTEM = sorted(["linux-headers-amd64", "linux-image-amd64", "openssl",
                 "systemd-sysv", "udev",
                 "autopkgtest", "clang", "gcc", "libbpf-dev", "libc6-dev",
                 "pkgconf"])
# What our packages depend on, and a further kernel: apt has the files
FETCHED = ["dkms", "libjansson4", "linux-headers-rt-amd64",
           "linux-image-rt-amd64"]
# The same for building them
FOR_BUILDING = ["build-essential", "debhelper", "dh-dkms", "dh-python",
                "libelf-dev", "libjansson-dev", "lintian", "zlib1g-dev"]

# A version that came before this one
OLDER = "0.1.9"

# Seconds from boot to power-off, of a guest that may share its processors
TIME_LIMIT_S = 3600


def log_to(name):
    os.makedirs(LOGS, exist_ok=True)
    return os.path.join(LOGS, f"{name}.log")


def run(name, *command, statuses=(0,), **options):
    """Runs a command; keeps what it says in a log, and returns that

    statuses: one of these has to be its exit status; None: any
    """
    path = log_to(name)
    with open(path, "a", encoding="utf-8") as log:
        start = log.tell()
        print("$", *command, file=log, flush=True)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log,
                              stderr=subprocess.STDOUT, check=False, **options)
    with open(path, encoding="utf-8", errors="replace") as log:
        log.seek(start)
        log.readline()
        said = log.read()
    assert statuses is None or done.returncode in statuses, \
        f"{' '.join(command)}: status {done.returncode}, see {path}: " \
        f"{said[-3000:]}"
    return said


def once(function):
    """A step that several tests rely on: it is made once, and where it failed, it
    fails in each of them"""
    results = {}

    def step(*arguments):
        if arguments not in results:
            try:
                results[arguments] = function(*arguments), None
            except Exception as error:  # pylint: disable=broad-except
                results[arguments] = None, error
        value, error = results[arguments]
        if error:
            raise error.with_traceback(None)
        return value
    return step


@once
def work():
    """A folder for all of it, on the file system of the cache: a copy is cheap"""
    os.makedirs(CACHE, exist_ok=True)
    return tempfile.mkdtemp(prefix="packages-test.", dir=CACHE)


def clean_up():
    for folder in glob.glob(f"{work()}/*"):
        # what a command mounted was in a namespace of its own, and is gone
        assert not os.path.ismount(f"{folder}/proc"), folder
    shutil.rmtree(work())


#
# Building
#
def version():
    return re.match(r"bpfsched \((.*)\)", read(f"{TOP}/debian/changelog"))[1]


def copy_source(folder):
    """The checkout, without what was built there"""
    subprocess.run([f"{TOP}/tools/copy-source", folder], check=True)


def substitute(path, old, new):
    text = read(path)
    assert old in text, f"{path} has no {old}"
    write(path, text.replace(old, new))


@once
def source_of(wanted):
    """The source, made to be of that version"""
    folder = f"{work()}/source-{wanted}"
    copy_source(folder)
    if wanted != version():
        for name in ("debian/changelog", "sched_core/main.c",
                     "tools/lib/bpfsched.h"):
            substitute(f"{folder}/{name}", version(), wanted)
        # symbols have been there since then
        substitute(f"{folder}/debian/rules", version(), wanted)
    return folder


def packages_in(folder):
    paths = [path for path in glob.glob(f"{folder}/*.deb")
             if "-dbgsym_" not in path]
    equal(sorted(os.path.basename(path).split("_")[0] for path in paths),
          sorted(PACKAGES), "packages")
    return sorted(paths)


@once
def built(wanted):
    """Builds the packages of a version; returns the files, and what was said"""
    said = run(f"build-{wanted}", "nice", f"{source_of(wanted)}/tools/deb",
               env=dict(os.environ, MAKEFLAGS=""))
    return packages_in(f"{source_of(wanted)}/build/deb"), said


def build():
    """The packages, and lintian has nothing to say about them"""
    _, said = built(version())
    for line in said.splitlines():
        assert re.fullmatch(r"build/deb/[\w.+-]+\.deb", line), line


def numbers():
    """All parts know the version of the package"""
    for wanted in version(), OLDER:
        for path in built(wanted)[0]:
            equal(run("build", "dpkg-deb", "-f", path, "Version").strip(),
                  wanted, path)


#
# Systems
#
class System:
    """The root of a release of the distribution

    tags: names of kernels: {"amd64": release, ...}
    """

    def __init__(self, release):
        self.release = release
        self.root = f"{work()}/{release}"
        fetched = FETCHED + (FOR_BUILDING if release == "trixie" else [])
        run(release, f"{VM}/system-root", release, self.root, *SYSTEM, "--",
            *fetched)
        equal(self.files(), [], "files before")
        for user in MEMBER, OTHER:
            self.run("useradd", "--create-home", user)

    def run(self, *command, **options):
        """Runs a command in the root, on this machine's kernel"""
        return run(self.release, f"{VM}/in-root", self.root, "--", *command,
                   **options)

    def apt(self, *arguments):
        return self.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y",
                        "-q", "--no-install-recommends", *arguments)

    def install(self, paths):
        """Installs packages by their files, with apt"""
        folder = f"{self.root}/var/tmp/packages"
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        for path in paths:
            shutil.copy(path, folder)
        said = self.apt("install", *[f"/var/tmp/packages/{name}"
                                     for name in sorted(os.listdir(folder))])
        shutil.rmtree(folder)
        return said

    def kernels(self):
        return sorted(os.path.basename(path).removeprefix("vmlinuz-")
                      for path in glob.glob(f"{self.root}/boot/vmlinuz-*"))

    def kernel(self, flavour):
        found = [name for name in self.kernels()
                 if re.search(rf"\d-{flavour}$", name)]
        equal(len(found), 1, f"kernels {flavour} of {self.kernels()}")
        return found[0]

    def dkms(self):
        """What DKMS has: {(version of the module, kernel): status}"""
        lines = self.run("dkms", "status").splitlines()
        return {tuple(re.match(r"bpfsched/([^,]+), ([^,]+),",
                               line).groups()): line.rpartition(": ")[2]
                for line in lines}

    def modules(self):
        """The kernels that have a module"""
        return sorted(path.split("/")[-4] for path in
                      glob.glob(f"{self.root}/lib/modules/*/updates/dkms/"
                                "bpfsched.ko*"))

    def version_of_command(self):
        return re.match(r"bpfsched +([\d.]+)",
                        self.run("bpfsched", "version"))[1]

    def group(self):
        """The line of our group"""
        return re.findall(r"^bpfsched:.*$", read(f"{self.root}/etc/group"),
                          re.M)

    def files(self):
        """All names in the root that have ours, but for logs, and what apt and
        dpkg know of every package that there ever was"""
        known = re.compile(r"/(proc|sys|dev)/|/var/(cache|log|tmp)/"
                           r"|/var/lib/(dpkg|apt)/")
        names = [f"{path}/{name}"[len(self.root):]
                 for path, folders, files in os.walk(self.root)
                 for name in folders + files if "bpfsched" in name]
        return sorted(name for name in names if not known.match(name))

    def users(self):
        """One of them is in the group; a scheduler is made at boot"""
        self.run("usermod", "--append", "--groups", "bpfsched", MEMBER)
        write(f"{self.root}{CONFIG}/boot.conf", "policy=fair\n")
        self.run("systemctl", "enable", "bpfsched")


@once
def system(release):
    return System(release)


@once
def installed(release):
    """Packages of the older version on the one, of this version on the other"""
    here = system(release)
    here.install(built(OLDER if release == "bookworm" else version())[0])
    return here


@once
def used(release):
    here = installed(release)
    here.users()
    return here


@once
def upgraded():
    here = used("bookworm")
    here.before_upgrade = here.group()
    here.install(built(version())[0])
    return here


@once
def current(release):
    """With the packages of this version, in use"""
    return upgraded() if release == "bookworm" else used(release)


@once
def updated(release):
    """With a further kernel, which apt has installed after ours"""
    here = current(release)
    here.apt("install", "linux-image-rt-amd64", "linux-headers-rt-amd64")
    return here


@once
def booted(release, flavour):
    """{test: Result} of packages_guest.py, run there"""
    here = updated(release)
    patterns = [] if flavour == "amd64" else packages_guest.SHORT
    out = f"{LOGS}/{release}-{flavour}"
    done = subprocess.run(
        [f"{VM}/run", "--kernel", "installed", "--root", here.root, "--release",
         here.kernel(flavour), "--boot", "--timeout", str(TIME_LIMIT_S), "--out",
         out, "--", f"{TESTS}/packages_guest.py", *patterns],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        errors="replace")
    write(f"{out}/guest.ktap", done.stdout)
    reader = ktap.read(done.stdout.splitlines())
    failed = any(result.status == ktap.FAILED for result in reader.results)
    assert not reader.problems and done.returncode == failed, \
        f"status {done.returncode}: {reader.problems} {done.stderr[-3000:]}"
    return {result.name: result for result in reader.results}


#
# Tests on this machine's kernel
#
def expect_dkms(here, module_version):
    """It has built the module of that version, for each kernel"""
    equal(here.dkms(), {(module_version, kernel): "installed"
                        for kernel in here.kernels()}, "what DKMS has")
    equal(here.modules(), here.kernels(), "kernels with a module")
    equal([os.path.basename(path) for path in
           glob.glob(f"{here.root}/usr/src/bpfsched-*")],
          [f"bpfsched-{module_version}"], "sources")


def install(release):
    here = system(release)
    equal(here.group(), [], "group before")
    installed(release)
    equal(len(here.group()), 1, "groups")
    if release != "bookworm":
        expect_dkms(here, version())
        return
    expect_dkms(here, OLDER)
    equal(here.version_of_command(), OLDER)


def upgrade():
    """All is of this version; what the administrator did is as it was"""
    here = upgraded()
    expect_dkms(here, version())
    equal(here.group(), here.before_upgrade, "group")
    assert here.group()[0].endswith(f":{MEMBER}"), here.group()
    equal(read(f"{here.root}{CONFIG}/boot.conf"), "policy=fair\n")
    equal(here.run("systemctl", "is-enabled", "bpfsched"), "enabled\n")
    equal(here.version_of_command(), version())


def kernel_update(release):
    """The hooks of the kernel's packages build the module for it"""
    here = updated(release)
    equal(len(here.kernels()), 2, "kernels")
    expect_dkms(here, version())


def in_the_guest(release, flavour, name):
    result = booted(release, flavour)[name]
    assert result.status == ktap.PASSED, "\n".join(result.details)


@once
def kernel_removed(release):
    here = updated(release)
    gone = here.kernel("rt-amd64")
    here.apt("purge", f"linux-image-{gone}", f"linux-headers-{gone}",
             "linux-image-rt-amd64", "linux-headers-rt-amd64")
    return gone


def kernel_removal(release):
    """The module goes with its kernel, and with that one only"""
    here = updated(release)
    gone = kernel_removed(release)
    equal(len(here.kernels()), 1, "kernels")
    expect_dkms(here, version())
    left = [path for path in
            glob.glob(f"{here.root}/lib/modules/{gone}/**", recursive=True)
            if not os.path.isdir(path)]
    equal(left, [], "left of the other kernel's")


@once
def purged(release):
    here = updated(release)
    kernel_removed(release)
    # as Documentation/install.rst has it
    here.apt("purge", "bpfsched*", "libbpfsched*", "python3-bpfsched")
    return here


def purge(release):
    """Nothing of ours is left but what the administrator wrote and the group,
    which Debian's packages leave: files may belong to it"""
    here = purged(release)
    equal(here.dkms(), {}, "what DKMS has")
    equal(here.modules(), [], "modules")
    equal(here.files(), ["/etc/bpfsched"], "what is left")
    equal(os.listdir(here.root + CONFIG), ["boot.conf"], "what is left there")
    equal(len(here.group()), 1, "groups")
    equal(here.run("dpkg-query", "-W", "-f", "${Package} ${Status}\\n",
                   "*bpfsched*", statuses=None).count("installed"),
          0, "packages")


def built_there():
    """The packages can be built on the newer release too, and lintian there has
    nothing to say; their commands run"""
    here = purged("trixie")
    here.apt("install", *FOR_BUILDING)
    folder = "/var/tmp/source"
    copy_source(f"{here.root}{folder}")
    said = here.run(f"{folder}/tools/deb")
    for line in said.splitlines():
        assert re.fullmatch(r"build/deb/[\w.+-]+\.deb", line), said
    paths = packages_in(f"{here.root}{folder}/build/deb")
    here.install([path for path in paths
                  if "/bpfsched_" not in path and "-dkms_" not in path])
    equal(here.version_of_command(), version())


#
# DKMS by itself
#
@once
def source_for_dkms():
    """As "make install-dkms" puts it, on the system from which the packages were
    purged"""
    here = purged("bookworm")
    here.apt("install", "dkms")
    run("bookworm", "make", "-C", source_of(version()), "-s", "install-dkms",
        f"DESTDIR={here.root}", env=dict(os.environ, MAKEFLAGS=""))
    here.run("dkms", "add", f"bpfsched/{version()}")
    return here


def dkms_by_hand():
    """Each step, in its order"""
    here = source_for_dkms()
    kernel = here.kernel("amd64")
    name = f"bpfsched/{version()}"
    assert f"{name}: added" in here.run("dkms", "status")
    here.run("dkms", "build", name, "-k", kernel)
    equal(here.dkms(), {(version(), kernel): "built"})
    equal(here.modules(), [])
    here.run("dkms", "install", name, "-k", kernel)
    equal(here.dkms(), {(version(), kernel): "installed"})
    equal(here.modules(), [kernel])
    path = here.run("modinfo", "-k", kernel, "-F", "filename", "bpfsched")
    assert "/updates/dkms/bpfsched.ko" in path, path
    here.run("dkms", "remove", name, "--all")
    equal(here.dkms(), {})
    equal(here.modules(), [])
    here.run("dkms", "add", name)


class Headers:
    """What DKMS sees of a kernel that is not there: a name, and options"""

    def __init__(self, here, name, without=""):
        self.here, self.name = here, name
        self.folder = f"{here.root}/lib/modules/{name}"
        real = f"/lib/modules/{here.kernel('amd64')}/build"
        config = here.run("cat", f"{real}/.config")
        os.makedirs(f"{self.folder}/build/include")
        write(f"{self.folder}/build/.config",
              "".join(line + "\n" for line in config.splitlines()
                      if not without or not line.startswith(f"{without}=")))
        # that it was begun is seen here
        write(f"{self.folder}/build/Makefile", "all modules clean:\n"
              "\t@echo begun; exit 1\n%:\n\t@echo begun; exit 1\n")

    def build(self, *options):
        """Returns whether DKMS begins to build it"""
        name = f"bpfsched/{version()}"
        log = f"{self.here.root}/var/lib/dkms/{name}/build/make.log"
        if os.path.exists(log):
            os.unlink(log)
        said = self.here.run("sh", "-c", 'dkms build "$@"; echo status $?', "sh",
                             name, "-k", self.name, *options)
        shutil.rmtree(self.folder)
        status = int(said.split()[-1])
        if status == 77:
            assert "BUILD_EXCLUSIVE" in said, said
            return False
        equal((status, "begun" in read(log)), (10, True), said)
        return True


def excluded_names():
    """By the kernel's version alone"""
    here = source_for_dkms()
    names = {"4.19.0-27-amd64": False, "5.10.0-99-amd64": False,
             "5.19.0-1-amd64": False, "6.0.0-6-amd64": False,
             "6.1.0-99-amd64": True, "6.9.1": True, "6.12.117+deb13-amd64": True,
             "6.18.44-custom": True, "7.0.0-1-amd64": True, "10.2.0": True}
    equal({name: Headers(here, name).build() for name in names}, names,
          "whether it is built")


def excluded_options():
    here = source_for_dkms()
    name = "6.1.0-99-amd64"
    assert Headers(here, name).build()
    for option in "CONFIG_HIGH_RES_TIMERS", "CONFIG_64BIT":
        assert not Headers(here, name, option).build(), option


def excluded_processors():
    here = source_for_dkms()
    name = "6.1.0-99-amd64"
    for machine, is_built in (("i686", False), ("armv7l", False),
                              ("s390x", False), ("ppc64le", False),
                              ("aarch64", True), ("riscv64", True),
                              ("loongarch64", True)):
        equal(Headers(here, name).build("-a", machine), is_built, machine)


def with_arguments(function, *arguments):
    return lambda: function(*arguments)


def tests_of(release, label):
    tests = [(f"{label}.install", install)]
    if release == "bookworm":
        tests += [(f"{label}.upgrade", lambda _: upgrade())]
    tests += [(f"{label}.kernel_update", kernel_update)]
    tests = [(name, with_arguments(function, release))
             for name, function in tests]
    for flavour, names in (
            ("amd64", [name for name, _ in packages_guest.TESTS]),
            ("rt-amd64", packages_guest.SHORT)):
        tests += [(f"{label}.{flavour}.{name}",
                   with_arguments(in_the_guest, release, flavour, name))
                  for name in names]
    tests += [(f"{label}.{name}", with_arguments(function, release))
              for name, function in (
                  ("kernel_removal", kernel_removal), ("purge", purge))]
    return tests


ALL_TESTS = [
    ("build.packages", build),
    ("build.numbers", numbers),
    *tests_of("bookworm", "debian12"),
    ("dkms.by_hand", dkms_by_hand),
    ("dkms.excluded_names", excluded_names),
    ("dkms.excluded_options", excluded_options),
    ("dkms.excluded_processors", excluded_processors),
    *tests_of("trixie", "debian13"),
    ("debian13.build", built_there),
]


def main(patterns):
    unknown = [pattern for pattern in patterns if not
               fnmatch.filter([name for name, _ in ALL_TESTS], pattern)]
    if unknown:
        sys.exit(f"packages_test: no test is called {', '.join(unknown)}")
    if os.geteuid():
        sys.exit("packages_test: roots of systems are made by root only")
    subprocess.run([f"{VM}/setup", "tools", "packages"], check=True)
    shutil.rmtree(LOGS, ignore_errors=True)
    try:
        return ktap.main(ktap.select(ALL_TESTS, patterns))
    finally:
        clean_up()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
