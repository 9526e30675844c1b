# SPDX-License-Identifier: GPL-2.0
"""Makes objects for BPF, of as many sections, symbols, types as a test wants"""

import struct

SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOBITS, SHT_REL = 1, 2, 3, 8, 9
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR = 1, 2, 4
STT_OBJECT, STT_FUNC = 1, 2
STB_LOCAL, STB_GLOBAL = 0, 1
R_BPF_64_64 = 1
CODE = SHF_ALLOC | SHF_EXECINSTR

KIND_INT, KIND_PTR, KIND_ARRAY, KIND_STRUCT, KIND_ENUM = 1, 2, 3, 4, 6
KIND_VAR, KIND_DATASEC = 14, 15

# Members of a structure, variables of a list
VLEN_MAX = 0xffff

MOV_0 = bytes.fromhex("b700000000000000")
EXIT = bytes.fromhex("9500000000000000")
LDDW = bytes.fromhex("1801000000000000" + 16 * "0")


class Strings:
    """Strings with a NUL behind each; the first one is empty"""

    def __init__(self):
        self.bytes = bytearray(b"\0")
        self.known = {"": 0}

    def add(self, text):
        if text not in self.known:
            self.known[text] = len(self.bytes)
            self.bytes += text.encode() + b"\0"
        return self.known[text]


class Elf:
    """An object"""

    def __init__(self):
        self.sections = [("", 0, 0, b"", 0, 0, 0)]
        self.symbols = [(0, 0, 0, 0, 0)]
        self.names = Strings()

    def section(self, name, flags, data, kind=SHT_PROGBITS, link=0, info=0,
                entsize=0):
        """Returns the number of the section"""
        self.sections.append((name, kind, flags, data, link, info, entsize))
        return len(self.sections) - 1

    def symbol(self, name, section, value=0, size=0, kind=STT_OBJECT,
               bind=STB_GLOBAL):
        """Returns the number of the symbol"""
        self.symbols.append((self.names.add(name), bind << 4 | kind, section,
                             value, size))
        return len(self.symbols) - 1

    def relocs(self, section, places):
        """Relocations of a section: (offset, symbol) each"""
        data = b"".join(struct.pack("<2Q", offset, symbol << 32 | R_BPF_64_64)
                        for offset, symbol in places)
        return self.section(".rel" + self.sections[section][0], 0, data,
                            SHT_REL, 0, section, 16)

    def program(self, insns, name="bpfsched"):
        """A section with a program; returns its number"""
        number = self.section(name, CODE, insns)
        self.symbol("program", number, 0, len(insns), STT_FUNC)
        return number

    def bytes(self):
        names = Strings()
        strings = self.section(".strtab", 0, bytes(self.names.bytes),
                               SHT_STRTAB)
        self.section(".symtab", 0, b"".join(
            struct.pack("<IBBHQQ", name, info, 0, section, value, size)
            for name, info, section, value, size in self.symbols),
                     SHT_SYMTAB, strings, 0, 24)
        offsets = [names.add(section[0]) for section in self.sections]
        offsets.append(names.add(".shstrtab"))
        self.section(".shstrtab", 0, bytes(names.bytes), SHT_STRTAB)
        body, headers, at = [], [], 64
        for offset, (_, kind, flags, data, link, info,
                     entsize) in zip(offsets, self.sections):
            length = data if kind == SHT_NOBITS else len(data)
            headers.append(struct.pack("<IIQQQQIIQQ", offset, kind, flags, 0,
                                       at, length, link, info, 8, entsize))
            if kind != SHT_NOBITS:
                body.append(data + bytes(-len(data) % 8))
                at += len(body[-1])
        header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
            "<HHIQQQIHHHHHH", 1, 247, 1, 0, 0, at, 0, 64, 0, 0, 64,
            len(self.sections), len(self.sections) - 1)
        return header + b"".join(body) + b"".join(headers)


class Btf:
    """Types"""

    def __init__(self):
        self.types = bytearray()
        self.count = 0
        self.strings = Strings()

    def add(self, kind, size, name="", more=b"", vlen=0, flag=0):
        """Returns the number of the type"""
        self.types += struct.pack("<3I", self.strings.add(name),
                                  flag << 31 | kind << 24 | vlen, size) + more
        self.count += 1
        return self.count

    def integer(self, size=4, name="int"):
        return self.add(KIND_INT, size, name, struct.pack("<I", size * 8))

    def structure(self, size, members, name="", flag=0):
        """Members: (name, type, offset in bits)"""
        return self.add(KIND_STRUCT, size, name, b"".join(
            struct.pack("<3I", self.strings.add(word), kind, bits)
            for word, kind, bits in members), len(members), flag)

    def enumeration(self, values, name="e"):
        return self.add(KIND_ENUM, 4, name, b"".join(
            struct.pack("<Ii", self.strings.add(word), value)
            for word, value in values), len(values))

    def array(self, kind, index, count):
        return self.add(KIND_ARRAY, 0, "", struct.pack("<3I", kind, index,
                                                       count))

    def variables(self, section, variables):
        """Variables of a section: (name, type, offset, size)

        In several lists if one cannot have so many.
        """
        listed = [struct.pack("<3I", self.add(
            KIND_VAR, kind, name, struct.pack("<I", 1)), offset, size)
                  for name, kind, offset, size in variables]
        for i in range(0, len(listed), VLEN_MAX):
            part = listed[i:i + VLEN_MAX]
            self.add(KIND_DATASEC, 0, section, b"".join(part), len(part))

    def bytes(self):
        strings = bytes(self.strings.bytes)
        return struct.pack("<HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(self.types),
                           len(self.types), len(strings)
                           ) + bytes(self.types) + strings


def extension(lines=(), core=()):
    """.BTF.ext; both: (string of a section, (record, ...)), of 16 bytes"""
    def records(groups):
        return struct.pack("<I", 16) + b"".join(
            struct.pack("<2I", name, len(group)) + b"".join(
                struct.pack("<4I", *record) for record in group)
            for name, group in groups)

    first, second = records(lines), records(core)
    return struct.pack("<HBBIIIIIII", 0xeb9f, 1, 0, 32, 0, 0, 0, len(first),
                       len(first), len(second)) + first + second
