"""What gdb does not know of a System/370: read it with `gdb-multiarch -x vmcp-gdb.py`, before or behind `target remote`.

  unwinder       assembler programs call by BAL and BALR with register 14: so is a caller found where gdb has no better
                 information
  disassembler   by VMCP: SIO, TIO, ISK and others, which gdb has forgotten or takes for later ones
  vmcp COMMAND   what `monitor COMMAND` answers: vmcp console, vmcp log 10, vmcp explain, ...
"""

import re

import gdb
import gdb.disassembler
import gdb.unwinder

ADDRESS = 0xFFFFFF  # addresses have 24 bits; the byte before them holds what BAL leaves there


def monitor(command):
    """The answer; None where there is no target that understands it."""
    try:
        return gdb.execute("monitor " + command, to_string=True)
    except gdb.error:
        return None


def source_of(pc):
    """Whom gdb knows the source of this place from: "vmcp asm", a compiler; None: it knows none."""
    symtab = gdb.find_pc_line(pc).symtab
    return None if symtab is None else symtab.producer or "somebody"


class FrameId:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class Unwinder(gdb.unwinder.Unwinder):
    """The caller of the innermost routine: register 14 of others is not known."""

    def __init__(self):
        super().__init__("vmcp")

    def __call__(self, frame):
        try:
            return self.unwind(frame)
        except (gdb.error, ValueError):
            return None

    def unwind(self, frame):
        if frame.level() > 0 or not frame.architecture().name().startswith("s390"):
            return None
        pc = int(frame.read_register("pc")) & ADDRESS
        source = source_of(pc)
        if source not in (None, "vmcp asm"):
            return None  # who told of the source has told of callers, too
        caller = int(frame.read_register("r14")) & ADDRESS
        routine = self.called(frame, caller, pc)
        if routine is None:
            if source is not None:
                return None  # "nobody has called" is what the ELF file says
            routine = pc
        info = frame.create_unwind_info(FrameId(gdb.Value(0), gdb.Value(routine)))
        for name in ("pswa", "pc"):
            kind = frame.read_register(name).type
            mode = 0x80000000 if name == "pswa" else 0
            info.add_saved_register(name, gdb.Value(caller | mode).cast(kind))
        for name in ("pswm", "r13", "r15"):
            info.add_saved_register(name, frame.read_register(name))
        return info

    @staticmethod
    def called(frame, caller, pc):
        """Where the routine begins, if the instruction before `caller` has called one that `pc` lies in."""
        def register(number):
            return int(frame.read_register("r%d" % number)) & 0xFFFFFFFF if number else 0

        memory = gdb.selected_inferior().read_memory
        if caller < 4:
            return None
        text = bytes(memory(caller - 4, 4))
        if text[0] in (0x45, 0x4D) and text[1] >> 4 == 14:  # BAL, BAS
            index, base = text[1] & 0xF, text[2] >> 4
            target = register(index) + register(base) + ((text[2] & 0xF) << 8 | text[3])
        elif text[2] in (0x05, 0x0D) and text[3] >> 4 == 14 and text[3] & 0xF:  # BALR, BASR
            target = register(text[3] & 0xF)
        else:
            return None
        target &= ADDRESS
        return target if target <= pc < target + 4096 else None


class Disassembler(gdb.disassembler.Disassembler):
    def __init__(self):
        super().__init__("vmcp")

    def __call__(self, info):
        if not info.architecture.name().startswith("s390"):
            return None
        answer = monitor("display i %x" % (info.address & ADDRESS))
        match = re.match(r"[0-9A-F]{6}  ([0-9A-F]+) +(\S.*)", answer or "")
        if match is None or match.group(2).startswith("DC "):
            return None
        return gdb.disassembler.DisassemblerResult(len(match.group(1)) // 2, match.group(2))


class Command(gdb.Command):
    """vmcp COMMAND: what VMCP knows and gdb does not. `vmcp help` lists the commands."""

    def __init__(self):
        super().__init__("vmcp", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        gdb.execute("monitor " + (argument or "help"))

    def complete(self, text, word):
        words = ["help", "console", "log", "explain", "where", "display", "psw", "cr", "fpr", "machines", "stop",
                 "stops", "clear", "type", "attention", "external"]
        return [one for one in words if one.startswith(word)] if text == word else []


gdb.unwinder.register_unwinder(None, Unwinder(), replace=True)
gdb.disassembler.register_disassembler(Disassembler())
Command()
