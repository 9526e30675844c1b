#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of what "make install" leaves, and of the symbols of the library.

Needs no kernel. Prints KTAP.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

import ktap
import staged
from staged import run

VERSION = "LIBBPFSCHED_1.0"
MAP = os.path.join(staged.TOP, "tools/lib/libbpfsched.map")
STATIC = os.path.join(staged.LIBDIR, "libbpfsched.a")
SHARED = os.path.join(staged.LIBDIR, "libbpfsched.so")

FILES = """
bin/bpfsched
include/bpf/bpfsched_helpers.h
include/bpfsched.h
include/linux/bpfsched.h
lib/libbpfsched.a
lib/libbpfsched.so
lib/libbpfsched.so.1
lib/libbpfsched.so.1.0.0
lib/pkgconfig/libbpfsched.pc
share/bash-completion/completions/bpfsched
share/man/man1/bpfsched.1
share/zsh/site-functions/_bpfsched
"""

# The names of a function and of a constant, and the version of the library
PROGRAM = """
#include <bpfsched.h>
#include <stdio.h>

int main(void)
{
	printf("%s %s\\n", bpfs_version(),
	       bpfs_status_name(BPFSCHED_STATUS_MISSED));
	return 0;
}
"""


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


def installed_files(folder):
    return sorted(os.path.relpath(os.path.join(path, name), folder)
                  for path, _, names in os.walk(folder) for name in names)


def make(folder, target, root, **variables):
    run("make", "-s", "--no-print-directory", "-C",
        os.path.join(staged.TOP, folder), target, f"DESTDIR={root}",
        *[f"{name}={value}" for name, value in variables.items()],
        env=dict(os.environ, MAKEFLAGS=""))


def install(root, **variables):
    make("tools", "install", root, **variables)


#
# Files
#
def files():
    equal([name for name in installed_files(staged.PREFIX)
           if "/man3/" not in name and "/bpfsched/" not in name],
          FILES.split(), "what is installed")


def package():
    """All of it, in a folder where Python looks"""
    source = os.path.join(staged.TOP, "tools/python/bpfsched")
    names = sorted(name for name in os.listdir(source) if "." in name)
    found = [name for name in installed_files(staged.PREFIX)
             if "-packages/" in name and "__pycache__" not in name]
    folder = {os.path.dirname(name) for name in found}
    equal(len(folder), 1, "number of folders")
    assert re.fullmatch(r"lib/python3(\.\d+)?/(dist|site)-packages/bpfsched",
                        *folder), folder
    equal(sorted(map(os.path.basename, found)), names)


def nothing_outside_of_the_prefix():
    equal(sorted(os.listdir(staged.ROOT)), [".installed", "usr"], "root")
    equal(os.listdir(os.path.join(staged.ROOT, "usr")), ["local"], "usr")


def links():
    equal(os.readlink(SHARED), "libbpfsched.so.1")
    equal(os.readlink(SHARED + ".1"), "libbpfsched.so.1.0.0")


def other_folders():
    with tempfile.TemporaryDirectory() as root:
        install(root, prefix="/opt/b", libdir="/opt/b/lib/here")
        for name in ("libbpfsched.so", "libbpfsched.a"):
            assert os.path.exists(f"{root}/opt/b/lib/here/{name}"), name
        said = run("pkg-config", "--libs", "--cflags", "libbpfsched",
                   env=staged.environment(root, "/opt/b/lib/here"))
        said = said.replace(f"-I{root}/usr/include", "")  # of libbpf
        equal(said.split(), [f"-I{root}/opt/b/include",
                             f"-L{root}/opt/b/lib/here", "-lbpfsched"])


def uninstalled():
    """Nothing is left, whatever the folders are called"""
    for variables in {}, {"prefix": "/opt/b", "bindir": "/opt/b/here"}:
        with tempfile.TemporaryDirectory() as root:
            for folder in "tools", "tools/system":
                make(folder, "install", root, **variables)
            assert len(installed_files(root)) > 80
            for folder in "tools", "tools/system":
                make(folder, "uninstall", root, **variables)
            equal(installed_files(root), [], "what is left")


def kept():
    """What an administrator has written is not removed"""
    with tempfile.TemporaryDirectory() as root:
        make("tools/system", "install", root)
        mine = f"{root}/etc/bpfsched/schedulers.d/mine.conf"
        with open(mine, "w", encoding="utf-8") as file:
            file.write("policy=fair\n")
        make("tools/system", "uninstall", root)
        equal(installed_files(root), ["etc/bpfsched/schedulers.d/mine.conf"])


def dkms_source():
    """It has what Kbuild names, and neither tests nor tools"""
    with tempfile.TemporaryDirectory() as root:
        make(".", "install-dkms", root)
        source, = glob.glob(f"{root}/usr/src/bpfsched-*")
        files = installed_files(source)
        kbuild = read(f"{source}/Kbuild")
        for name in re.findall(r"\b((?:interp|policies|sched_core)/\w+)\.o\b",
                               kbuild):
            source_name = name.removesuffix("_unmasked")
            assert f"{source_name}.c" in files, name
        for name in files:
            assert name.split("/")[0] not in ("kunit", "tools"), name
        version = os.path.basename(source).partition("-")[2]
        equal(version, header_version(), "version of the folder")
        assert f'PACKAGE_VERSION="{version}"' in read(f"{source}/dkms.conf")


def versions():
    """One number for all"""
    for path, pattern in (
            ("sched_core/main.c", r'MODULE_VERSION\("(.*)"\)'),
            ("tools/python/pyproject.toml", r'^version = "(.*)"'),
            ("debian/changelog", r"^bpfsched \((.*)\)")):
        found = re.search(pattern, read(os.path.join(staged.TOP, path)), re.M)
        equal(found[1], header_version(), f"version in {path}")


def make_module(source, target, **variables):
    """With the sources of a test kernel's module, which is built for that"""
    subprocess.run(["make", "-s", "--no-print-directory", "-C", source, "-f",
        os.path.join(staged.TOP, "Makefile"), target,
        *[f"{name}={value}" for name, value in variables.items()]],
        env=dict(os.environ, MAKEFLAGS=""), check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def module_of_another_kernel():
    """It is staged for the kernel of KDIR, and nothing else is touched"""
    subprocess.run([os.path.join(staged.TOP, "tools/vm/setup"), "debian"],
                   env=dict(os.environ, VM_QUIET="1"), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    source = run(os.path.join(staged.TOP, "tools/vm/build-module"), "debian",
                 env=dict(os.environ, VM_QUIET="1")).strip()
    kernel = read(f"{source}/.kernel").strip()
    release = kernel.split("/")[3]
    before = os.stat(f"/lib/modules/{release}/modules.dep").st_mtime_ns
    for variable in "DESTDIR", "INSTALL_MOD_PATH":
        with tempfile.TemporaryDirectory() as root:
            make_module(source, "install-module", KDIR=kernel,
                        **{variable: root})
            equal([name for name in installed_files(root)
                   if not os.path.basename(name).startswith("modules.")],
                  [f"lib/modules/{release}/updates/bpfsched.ko"])
            make_module(source, "uninstall-module", KDIR=kernel,
                        **{variable: root})
            assert "bpfsched" not in str(installed_files(root))
    assert not os.path.exists(f"/lib/modules/{release}/updates/bpfsched.ko")
    equal(os.stat(f"/lib/modules/{release}/modules.dep").st_mtime_ns, before)


#
# The parts of a system
#
class System:
    """Its files, installed below a folder"""

    def __enter__(self):
        # pylint: disable=consider-using-with
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        make("tools/system", "install", self.root, prefix="/usr")
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


def unit():
    with System() as system:
        path = f"{system.root}/usr/lib/systemd/system/bpfsched.service"
        text = read(path)
        program, = set(re.findall(r"^Exec\w+=(\S+/schedulers) ", text, re.M))
        assert os.access(system.root + program, os.X_OK), program
        # that looks for the programs in the running system
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(program, system.root + program))
        run("systemd-analyze", "verify", "--man=no", path)


def group():
    with System() as system:
        subprocess.run(["systemd-sysusers", f"--root={system.root}",
                        f"{system.root}/usr/lib/sysusers.d/bpfsched.conf"],
                       check=True, stderr=subprocess.DEVNULL)
        assert re.search(r"^bpfsched:", read(f"{system.root}/etc/group"), re.M)


#
# Symbols
#
def exported(path):
    """{name: version} of the functions and data that a shared library has"""
    symbols = {}
    for line in run("nm", "-D", "--defined-only", path).splitlines():
        _, kind, name = line.split()
        if kind != "A":
            name, _, version = name.partition("@@")
            symbols[name] = version
    return symbols


def global_in(path):
    """The global symbols that a static library defines"""
    return sorted(line.split()[2] for line in
                  run("nm", "-g", "--defined-only", path).splitlines()
                  if len(line.split()) == 3)


def in_map():
    """{version: [name]} of the version script"""
    text = staged.without_comments(MAP)
    return {version: sorted(re.findall(r"\b(bpfs_\w+);", names)) for
            version, names in re.findall(r"^(\S+) {(.*?)^}", text,
                                         re.DOTALL | re.MULTILINE)}


def symbols_of_the_header():
    assert len(staged.declared()) > 50, staged.declared()
    for name in staged.declared():
        assert name.startswith("bpfs_"), name


def symbols_of_the_shared_library():
    equal(sorted(exported(SHARED)), staged.declared(), "what it exports")
    equal(set(exported(SHARED).values()), {VERSION}, "versions")


def symbols_of_the_map():
    equal(in_map(), {VERSION: staged.declared()}, "version script")


def symbols_of_the_static_library():
    equal(global_in(STATIC), staged.declared(), "its global symbols")


def macros_of_the_header():
    """All that the header declares has the prefix, too"""
    text = staged.without_comments(staged.HEADER)
    for name in re.findall(r"^#define (\w+)", text, re.MULTILINE):
        assert name.startswith("BPFS_") or name == "BPFSCHED_H", name
    for name in re.findall(r"^(?:struct|enum) (\w+) {", text, re.MULTILINE):
        assert name.startswith("bpfs_"), name


def name_of_the_shared_library():
    said = run("readelf", "-d", SHARED)
    equal(re.findall(r"soname: \[(.*)\]", said), ["libbpfsched.so.1"])
    assert "TEXTREL" not in said, said


#
# The manual
#
MAN3 = os.path.join(staged.PREFIX, "share/man/man3")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def pages_of_functions():
    """Each has a page, with all that a caller has to know"""
    names = [name[:-2] for name in os.listdir(MAN3) if name.endswith(".3")]
    equal(sorted(names), sorted(staged.declared() +
                                ["bpfs_job_init", "libbpfsched"]))
    for name in staged.declared():
        page = read(f"{MAN3}/{name}.3")
        assert ".B #include <bpfsched.h>" in page, name
        assert ".SH CONTEXT" in page, f"{name} says nothing of threads"
        assert f"{name}(" in page, name
        assert ".SH RETURN VALUE" in page or ".B void " in page, \
            f"{name} does not say what it returns"


def pages_of_types():
    names = [name[:-6] for name in os.listdir(MAN3) if name.endswith(".3type")]
    text = staged.without_comments(staged.HEADER)
    equal(sorted(names), sorted(
        re.findall(r"^(?:struct|enum) (\w+) {", text, re.MULTILINE) +
        ["bpfs_event_fn"]))


def parameters_in_the_manual():
    """Each has its line, in the order of the declaration"""
    for name in staged.declared():
        page = read(f"{MAN3}/{name}.3")
        listed = re.findall(r'^\.IP "(\w+)"', page, re.MULTILINE)
        declared = re.search(rf"\b{name}\(([^)]*)\);", page)[1]
        declared = re.findall(r"(\w+)(?:,|$)", declared)
        equal([] if declared == ["void"] else declared, listed, name)


def pages_as_roff():
    for name in sorted(os.listdir(MAN3)):
        run("man", "--warnings", "-l", os.path.join(MAN3, name),
            env=dict(os.environ, MANWIDTH="80", MANPAGER="cat", LC_ALL="C"))


#
# pkg-config, and programs that it is used for
#
def header_version():
    return re.search(r'BPFS_VERSION "(.*)"', read(staged.HEADER))[1]


def pkg_config_version():
    equal(staged.pkg_config("--modversion"), [header_version()])


def pkg_config_private():
    equal(staged.pkg_config("--print-requires"), [])
    equal(staged.pkg_config("--print-requires-private"), ["libbpf"])
    equal(staged.pkg_config("--libs"), [f"-L{staged.LIBDIR}", "-lbpfsched"])
    assert "-lbpf" in staged.pkg_config("--static", "--libs")


def build(folder, *flags):
    """Builds PROGRAM; returns its path"""
    source, program = f"{folder}/program.c", f"{folder}/program"
    with open(source, "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    run("cc", "-Wall", "-Werror", "-o", program, source, *flags)
    return program


def shared_program():
    with tempfile.TemporaryDirectory() as folder:
        program = build(folder, *staged.pkg_config("--cflags", "--libs"))
        equal(run(program, env={"LD_LIBRARY_PATH": staged.LIBDIR}),
              f"{header_version()} missed\n")
        needed = run("readelf", "-d", program)
        assert "[libbpfsched.so.1]" in needed, needed
        assert "libbpf." not in needed, needed


def static_program():
    with tempfile.TemporaryDirectory() as folder:
        program = build(folder, *staged.pkg_config("--cflags"), STATIC,
                        *[flag for flag in
                          staged.pkg_config("--static", "--libs")
                          if flag != "-lbpfsched"])
        equal(run(program), f"{header_version()} missed\n")
        assert "libbpfsched" not in run("readelf", "-d", program)


TESTS = [
    ("files.all", files),
    ("files.package", package),
    ("files.root", nothing_outside_of_the_prefix),
    ("files.links", links),
    ("files.other_folders", other_folders),
    ("files.uninstalled", uninstalled),
    ("files.kept", kept),
    ("files.dkms_source", dkms_source),
    ("files.versions", versions),
    ("files.module_of_another_kernel", module_of_another_kernel),
    ("system.unit", unit),
    ("system.group", group),
    ("symbols.header", symbols_of_the_header),
    ("symbols.shared", symbols_of_the_shared_library),
    ("symbols.map", symbols_of_the_map),
    ("symbols.static", symbols_of_the_static_library),
    ("symbols.macros", macros_of_the_header),
    ("symbols.soname", name_of_the_shared_library),
    ("manual.functions", pages_of_functions),
    ("manual.types", pages_of_types),
    ("manual.parameters", parameters_in_the_manual),
    ("manual.roff", pages_as_roff),
    ("pkg_config.version", pkg_config_version),
    ("pkg_config.private", pkg_config_private),
    ("program.shared", shared_program),
    ("program.static", static_program),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
