#!/usr/bin/env python3
"""Builds the control program in C with its guests: a core image that starts with the restart PSW at location 0.

    examples/control-program/build.py -o cp.core
    examples/control-program/build.py -o cp.core HELLO=examples/guests/hello.asm:4K PRIVOP=examples/guests/privop.asm:16K:3F4=00000005
    build/release/vmcp native --core cp.core --model s370-158-gcc

A guest is NAME=FILE:STORAGE[:ADDRESS=BYTES]...: a source, which vmcp assembles, or a core image; hexadecimal bytes are put over
it. Without any it takes four of examples/guests. Beside the core image it leaves OUT.core.elf, for s390x-linux-gnu-objdump -d and vmcp native --functions. Needs
Debian's gcc-s390x-linux-gnu.
"""
import argparse
import functools
import os
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.join(HERE, "..", "c", "lib")
PREFIX = os.environ.get("CROSS_COMPILE", "s390x-linux-gnu-")
DIRECTORY, FIRST_GUEST = 0x20000, 0x21000
MOST_GUESTS, MOST_STORAGE = 8, 2 << 20
DEFAULT = [f"{name}={HERE}/../guests/{file}.asm:{size}" for name, file, size in (
    ("HELLO", "hello", "4K"), ("TASKS", "tasks", "64K"), ("PRIVOP", "privop", "16K"), ("PAGING", "paging-os", "192K"))]
# As of the other guests in C (examples/c/build.sh), but for characters: those of the console. And each function stays one, so
# that a report by function shows it, unless it is declared inline.
FLAGS = ("-m31 -mesa -march=z900 -msoft-float -std=gnu11 -O2 -ffreestanding -fno-pic -fno-asynchronous-unwind-tables "
         "-fno-stack-protector -fno-inline-small-functions -fno-inline-functions-called-once -fno-ipa-cp -fno-ipa-sra "
         "-fno-partial-inlining -fno-tree-loop-distribute-patterns -fno-builtin -fexec-charset=IBM-1047 "
         "--param=min-pagesize=0 -Wall -Wextra").split()


def fail(text):
    sys.exit(f"build.py: {text}")


def compile_all(folder, elf, flags):
    sources = sorted((n for n in os.listdir(folder) if n.endswith((".S", ".c"))), key=lambda n: (n != "entry.S", n))
    paths = [os.path.join(folder, name) for name in sources] + [os.path.join(LIBRARY, "integer.c")]
    with tempfile.TemporaryDirectory() as work:
        objects = []
        for path in paths:
            objects.append(os.path.join(work, f"{len(objects)}.o"))
            subprocess.run([PREFIX + "gcc", *FLAGS, "-I" + HERE, *flags, "-c", path, "-o", objects[-1]], check=True)
        subprocess.run([PREFIX + "ld", "-m", "elf_s390", "--no-warn-rwx-segments", "-T", os.path.join(HERE, "cp.ld"), *objects,
                        "-o", elf], check=True)
        core = os.path.join(work, "core")
        subprocess.run([PREFIX + "objcopy", "-O", "binary", elf, core], check=True)
        with open(core, "rb") as file:
            return file.read()


def storage_size(text):
    match = re.fullmatch(r"([0-9]+)([KM])", text)
    size = int(match[1]) << (10 if match[2] == "K" else 20) if match else 0
    if size == 0 or size % 4096 or size > MOST_STORAGE:
        fail(f"'{text}': expected a multiple of 4K, at most 2M, such as 64K")
    return size


@functools.cache
def image_of(path, vmcp):
    if not path.endswith(".asm"):
        with open(path, "rb") as file:
            return file.read()
    with tempfile.TemporaryDirectory() as work:
        core = os.path.join(work, "core")
        subprocess.run([vmcp, "asm", path, "-o", core], check=True)
        with open(core, "rb") as file:
            return file.read()


def guest_of(argument, vmcp):
    match = re.fullmatch(r"([A-Z0-9]{1,8})=([^:]+):([^:]+)((?::[0-9A-F]+=[0-9A-F]+)*)", argument)
    if not match:
        fail(f"'{argument}': expected NAME=FILE:STORAGE[:ADDRESS=BYTES]..., such as HELLO=hello.asm:64K")
    name, path, size = match[1], match[2], storage_size(match[3])
    image = bytearray(image_of(path, vmcp))
    for patch in match[4].split(":")[1:]:
        address, data = patch.split("=")
        image[int(address, 16):int(address, 16) + len(data) // 2] = bytes.fromhex(data)
    if len(image) > size:
        fail(f"'{argument}': {len(image)} bytes do not fit into {match[3]}")
    return name, size, image


def with_guests(program, arguments, vmcp):
    """The core image of the program with these guests behind it."""
    core = bytearray(program)
    directory, origin = struct.pack(">I", len(arguments)), FIRST_GUEST
    for argument in arguments:
        name, size, image = guest_of(argument, vmcp)
        core.extend(bytes(origin - len(core)))
        core += image
        directory += name.ljust(8).encode("cp037") + struct.pack(">II", origin, size)
        origin += size
    core[DIRECTORY:DIRECTORY + len(directory)] = directory
    if origin > 16 << 20:
        fail("the guests' storage does not fit into 16M")
    return core


def main():
    parser = argparse.ArgumentParser(description="Builds the control program in C with its guests.")
    parser.add_argument("-o", dest="out", required=True, metavar="OUT.core")
    parser.add_argument("--vmcp", default=os.path.join(HERE, "../../build/release/vmcp"), help="to assemble guests")
    parser.add_argument("--program", default=HERE, metavar="FOLDER", help="another control program: its sources")
    parser.add_argument("--flag", action="append", default=[], help="for the compiler, such as --flag=-O0")
    parser.add_argument("guests", nargs="*", metavar="NAME=FILE:STORAGE[:ADDRESS=BYTES]...")
    options = parser.parse_args()
    guests = options.guests or DEFAULT
    if len(guests) > MOST_GUESTS:
        fail("expected at most eight guests")
    core = with_guests(compile_all(options.program, options.out + ".elf", options.flag), guests, options.vmcp)
    with open(options.out, "wb") as file:
        file.write(core)


if __name__ == "__main__":
    main()
