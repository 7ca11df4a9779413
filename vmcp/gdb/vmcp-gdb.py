"""What gdb does not know of a System/370: read it with `gdb-multiarch -x vmcp-gdb.py`, before or behind `target remote`.

  unwinder       assembler programs call by BAL and BALR: so are callers found where gdb has no better information
  disassembler   by VMCP: SIO, TIO, ISK and others, which gdb has forgotten or takes for later ones
  vmcp COMMAND   what `monitor COMMAND` answers: vmcp console, vmcp log 10, vmcp explain, ...
"""

import re

import gdb
import gdb.disassembler
import gdb.unwinder

ADDRESS = 0xFFFFFF  # addresses have 24 bits; the byte before them holds what BAL leaves there
REACH = 4096  # bytes: no routine is taken for longer


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
    """A register holds the caller's place if the instruction before that place has called what is executed now."""

    def __init__(self):
        super().__init__("vmcp")

    def __call__(self, frame):
        try:
            return self.unwind(frame)
        except (gdb.error, ValueError):
            return None

    def unwind(self, frame):
        if not frame.architecture().name().startswith("s390"):
            return None
        pc = int(frame.read_register("pc")) & ADDRESS
        source = source_of(pc)
        if source not in (None, "vmcp asm"):
            return None  # who told of the source has told of callers, too
        registers = [self.value(frame, number) for number in range(16)]
        calls = [call for number in range(16) if (call := self.call(registers, number, pc)) is not None]
        if calls:
            routine, link = max(calls)
        elif source is None and frame.level() == 0 and registers[14] is not None:
            routine, link = pc, 14  # gdb cannot step where there is no caller at all
        else:
            return None
        return self.caller(frame, routine, link, registers)

    @staticmethod
    def caller(frame, routine, link, registers):
        address = registers[link] & ADDRESS
        info = frame.create_unwind_info(FrameId(gdb.Value(0), gdb.Value(routine)))
        for name, value in (("pswa", address | 0x80000000), ("pc", address)):
            info.add_saved_register(name, gdb.Value(value).cast(frame.read_register(name).type))
        info.add_saved_register("pswm", frame.read_register("pswm"))
        for number, value in enumerate(registers):
            if number != link and value is not None:  # what the link register held before is gone
                info.add_saved_register("r%d" % number, frame.read_register("r%d" % number))
        return info

    @staticmethod
    def value(frame, number):
        try:
            return int(frame.read_register("r%d" % number)) & 0xFFFFFFFF
        except gdb.error:
            return None

    @staticmethod
    def call(registers, link, pc):
        """Where the routine begins that was called by this register, and that `pc` lies in; and the register."""
        if registers[link] is None or registers[link] & ADDRESS < 4 or registers[link] % 2 != 0:
            return None

        def base(number):
            if number == 0:
                return 0
            if registers[number] is None:
                raise ValueError
            return registers[number]

        try:
            text = bytes(gdb.selected_inferior().read_memory((registers[link] & ADDRESS) - 4, 4))
            if text[0] in (0x45, 0x4D) and text[1] >> 4 == link:  # BAL, BAS
                target = base(text[1] & 0xF) + base(text[2] >> 4) + ((text[2] & 0xF) << 8 | text[3])
            elif text[2] in (0x05, 0x0D) and text[3] >> 4 == link and text[3] & 0xF not in (0, link):  # BALR, BASR
                target = base(text[3] & 0xF)
            else:
                return None
        except (gdb.error, ValueError):
            return None
        target &= ADDRESS
        return (target, link) if target <= pc < target + REACH else None


class Disassembler(gdb.disassembler.Disassembler):
    def __init__(self):
        super().__init__("vmcp")

    def __call__(self, info):
        if not info.architecture.name().startswith("s390"):
            return None
        answer = monitor("display i %x" % (info.address & ADDRESS))
        match = re.search(r"^[0-9A-F]{6}  ([0-9A-F]+) +(\S.*)", answer or "", re.MULTILINE)
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
