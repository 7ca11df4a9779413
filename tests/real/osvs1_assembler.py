"""OS/VS1's assembler IFOX00, run under OS/VS1 on the simulated machine: one load of the system assembles many sources.

The system is made once from its starter tape (shared/guests/osvs1) and kept; a run writes to an overlay, so each begins
with the same pack. Sources go in as one card deck, object decks come out of the punch, and what the operator and the printer say
tells how each assembly ended."""

import pathlib
import re
import shutil
import subprocess
import tempfile

from object_deck import CARD, CODE_PAGE

SOURCES_PER_JOB = 20  # more fill the scheduler work area, and the job is cancelled
SYSTEM, LIBRARY = "system.cckd", "library.cckd"
# The listing goes nowhere, but there must be one: with NOLIST this assembler punches text for CXD.
ASSEMBLE = "DECK,NOOBJ,LIST,NOESD,NORLD,NOXREF,TERM"

FORMAT_AND_RESTORE = r"""
[[step]]
pause_s = 5
attention = true
[[step]]
wait = 'IBC105A'
cards = '{folder}/dasdi.cards'
type = 'input=2540,00c'
[[step]]
wait = 'IBC163A'
limit_s = 20000
[[step]]
pause_s = 5
ipl = '180'
[[step]]
pause_s = 5
attention = true
[[step]]
wait = 'IBC105A'
cards = '{folder}/restore.cards'
type = 'input=2540,00c'
[[step]]
wait = 'IBC163A'
limit_s = 20000
"""

LOAD = r"""
[[step]]
wait = 'IEA760A'
type = ""
[[step]]
wait = 'IEA101A'
type = "r 00,'auto=starter,page=(v=dliba1,blk=4096){queue}'"
[[step]]
wait = 'IEA135A'
type = ""
[[step]]
wait = 'IEE101A READY'
"""

COLD = (
    LOAD.replace("{queue}", ",q=(,f)")
    + r"""
[[step]]
wait = '\*00 IEF068A'
type = "r 00,'formatv'"
[[step]]
wait = '\*01 IEC107D'
type = "r 01,u"
[[step]]
wait = '\*02 IEC107D'
type = "r 02,u"
[[step]]
wait = 'IEE048I'
[[step]]
wait = 'IEF005I'
"""
)

JOBS = (
    LOAD.replace("{queue}", "")
    + r"""
[[step]]
wait = '\*00 IEC107D'
type = "r 00,u"
[[step]]
wait = 'IEE048I'
[[step]]
wait = 'IEF005I'
[[step]]
pause_s = 2
type = 'startf ,00e'
[[step]]
pause_s = 20
cards = '{deck}'
[[step]]
pause_s = 2
type = 'startf ,00c'
[[step]]
wait = 'IEF404I LASTJOB'
limit_s = 1000000
[[step]]
pause_s = 3000
type = 'd a'
[[step]]
wait = 'ACTIVE DISPLAY'
"""
)


class Missing(Exception):
    """What is needed is not here."""


class Failed(Exception):
    """The system did not do what it should; the text says where to look."""


def card(text):
    data = text.encode(CODE_PAGE, "replace")
    if len(data) > CARD:
        raise ValueError(f"no card: {text}")
    return data.ljust(CARD, b"\x40")


def source_cards(path):
    """A source file's lines as cards: tabs as vmcp asm has them, what is behind column 80 cut off. Empty lines, which vmcp
    asm passes over, become comments."""
    data = pathlib.Path(path).read_bytes()
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        lines = data.decode("latin-1").split("\n")
    cards = [card(line.rstrip("\r").expandtabs(8)[:CARD]) for line in lines]
    while cards and not cards[-1].strip(b"\x40"):
        cards.pop()
    for at, data in enumerate(cards):
        blank = not data[:72].strip(b"\x40")
        if blank and (at == 0 or cards[at - 1][71] == 0x40):  # (else it continues something)
            cards[at] = card("*")
    return cards


def job(name):
    return card(f"//{name:8} JOB 1,'VMCP',CLASS=A,MSGCLASS=A,MSGLEVEL=(1,1)")


class Assembly:
    """What IFOX00 made of one source: its deck (bytes), condition code (None: it did not end) and messages."""

    def __init__(self, deck, code, messages):
        self.deck, self.code, self.messages = deck, code, messages


class System:
    def __init__(self, vmcp, shared, folder):
        self.vmcp = str(pathlib.Path(vmcp).resolve())
        self.starter = pathlib.Path(shared).resolve() / "guests/osvs1"
        self.folder = pathlib.Path(folder).resolve()
        tape = self.starter / "vs1r60_starter_3330.aws"
        if not tape.exists():
            raise Missing(f"{tape} is not here")

    def _vmcp(self, *arguments):
        command = [self.vmcp, *map(str, arguments)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        except OSError as error:
            raise Failed(f"{self.vmcp}: {error.strerror}; build it, or name another with --vmcp") from error
        if done.returncode != 0:
            raise Failed(f"vmcp {arguments[0]}: " + (done.stderr.strip() or done.stdout.strip()[-2000:]))
        return done.stdout

    def _native(self, folder, script, ipl, *arguments):
        (folder / "script.toml").write_text(script, encoding="ascii")
        return self._vmcp(
            "native", "--ipl", ipl, "--storage", "4M", "--console", "01F", "--operator", folder / "script.toml", *arguments
        )

    def prepare(self):
        """Makes the system's pack and an empty one for work, unless they are there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        library = self.folder / LIBRARY
        if not library.exists():
            self._vmcp("image", "create", library, "3330", "--volume", "WORK01", "--format", "zlib")
        system = self.folder / SYSTEM
        if system.exists():
            return
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            folder = pathlib.Path(name)
            pack = folder / "pack"
            self._vmcp("image", "create", pack, "3330", "--alternates", "--format", "zlib")
            tape = f"180:3420:{self.starter}/vs1r60_starter_3330.aws,ro"
            script = FORMAT_AND_RESTORE.format(folder=self.starter)
            self._native(folder, script, "180", "--device", tape, "--device", f"150:3330:{pack}")
            self._native(folder, COLD, "150", "--device", "180:3420", "--device", f"150:3330:{pack}")
            pack.rename(system)

    def run(self, cards, keep=None):
        """Does the jobs of a deck; returns what was printed (text) and punched (bytes)."""
        self.prepare()
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            folder = pathlib.Path(name)
            last = [job("LASTJOB"), card("//X        EXEC PGM=IEFBR14"), card("//")]
            (folder / "jobs.cards").write_bytes(b"".join(cards + last))
            console = self._native(
                folder,
                JOBS.format(deck=folder / "jobs.cards"),
                "150",
                *("--device", "180:3420"),
                *("--device", f"150:3330:{self.folder / SYSTEM},overlay={folder / 'system.overlay'}"),
                *("--device", f"151:3330:{self.folder / LIBRARY},overlay={folder / 'library.overlay'}"),
                *("--printer", folder / "printer.txt", "--punch", folder / "punch.cards"),
            )
            (folder / "console.txt").write_text(console, encoding="utf-8")
            if keep is not None:
                for name in ("console.txt", "printer.txt", "punch.cards", "jobs.cards"):
                    if (folder / name).exists():
                        shutil.copy(folder / name, keep)
            printer = (folder / "printer.txt").read_text(encoding="utf-8", errors="replace")
            punch = folder / "punch.cards"
            return printer, punch.read_bytes() if punch.exists() else b""

    def assemble(self, sources, members=(), parameters="", keep=None):
        """IFOX00's Assembly of each source file; members are {name: file} of a macro library before SYS1.MACLIB.
        parameters are what PARM takes besides, such as SYSPARM(7510)."""
        cards = library_job(members) if members else []
        for number, source in enumerate(sources):
            if number % SOURCES_PER_JOB == 0:
                cards += ([card("//")] if number else []) + [job(f"ASM{number:04d}")]
            cards += assembly_steps(number, source, bool(members), parameters)
        printer, punch = self.run(cards + [card("//")], keep)
        decks = split_punch(punch)
        ends = endings(printer)
        return [Assembly(decks.get(n, b""), *ends.get(n, (None, ""))) for n in range(len(sources))]

    def macro_library(self):
        """A folder with the members of SYS1.MACLIB, a file each."""
        folder = self.folder / "maclib"
        if folder.exists():
            return folder
        lines = (
            "//P        EXEC PGM=IEBPTPCH",
            "//SYSPRINT DD  DUMMY",
            "//SYSUT1   DD  DSN=SYS1.MACLIB,DISP=SHR",
            "//SYSUT2   DD  UNIT=00D,DCB=(RECFM=FA,LRECL=81,BLKSIZE=81)",
            "//SYSIN    DD  *",
            " PUNCH TYPORG=PO",
            "/*",
            "//",
        )
        _, punch = self.run([job("MACLIB")] + [card(line) for line in lines])
        members, lines = {}, []
        for at in range(0, len(punch), CARD):
            text = punch[at : at + CARD].decode(CODE_PAGE).rstrip()
            title = re.fullmatch(r"MEMBER NAME +(\S+)", text)
            if title:
                lines = members.setdefault(title[1], [])
            else:
                lines.append(text)
        if not members:
            raise Failed("IEBPTPCH punched no member of SYS1.MACLIB")
        made = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        for name, text in members.items():
            (made / name).write_text("\n".join(text) + "\n", encoding="utf-8")
        made.rename(folder)
        return folder


def library_job(members):
    """Loads a temporary library ASM.MACLIB on the work pack."""
    lines = [job("LOADLIB")]
    for line in (
        "//U        EXEC PGM=IEBUPDTE,PARM=NEW",
        "//SYSPRINT DD  DUMMY",
        "//SYSUT2   DD  DSN=ASM.MACLIB,UNIT=3330,VOL=SER=WORK01,DISP=(NEW,KEEP),",
        "//             SPACE=(CYL,(200,10,500)),",
        "//             DCB=(RECFM=FB,LRECL=80,BLKSIZE=12960)",
        "//SYSIN    DD  DATA,DLM='@#'",
    ):
        lines.append(card(line))
    for name, path in sorted(members.items()):
        lines.append(card(f"./ ADD NAME={name},LEVEL=00,SOURCE=0,LIST=ALL"))
        for data in source_cards(path):
            # A card that would look like a control statement of IEBUPDTE is a comment anyway.
            lines.append(card("* ") if data.startswith(b"\x4b\x61") else data)
    return lines + [card("./ ENDUP"), card("@#"), card("//")]


def assembly_steps(number, source, library, parameters):
    """A card of its own into the punch, by which its output is split, and the assembly."""
    volume = "WORK01" if library else "DLIBA1"
    lines = [
        f"//S{number:04d}   EXEC PGM=IEBGENER",
        "//SYSPRINT DD  DUMMY",
        "//SYSIN    DD  DUMMY",
        "//SYSUT2   DD  UNIT=00D,DCB=(RECFM=F,LRECL=80,BLKSIZE=80)",
        "//SYSUT1   DD  *",
        f"=====S{number:04d}",
        "/*",
        f"//A{number:04d}   EXEC PGM=IFOX00,REGION=1024K,",
        f"//             PARM=('{ASSEMBLE}'{',' if parameters else ')'}",
    ]
    lines += [f"//             '{parameters}')"] if parameters else []
    if library:
        lines += ["//SYSLIB   DD  DSN=ASM.MACLIB,UNIT=3330,VOL=SER=WORK01,DISP=SHR", "//         DD  DSN=SYS1.MACLIB,DISP=SHR"]
    else:
        lines += ["//SYSLIB   DD  DSN=SYS1.MACLIB,DISP=SHR"]
    lines += [f"//SYSUT{n}   DD  UNIT=3330,SPACE=(1700,(1500,300)),VOL=SER={volume}" for n in (1, 2, 3)]
    lines += ["//SYSPRINT DD  DUMMY", "//SYSTERM  DD  SYSOUT=A", "//SYSPUNCH DD  UNIT=00D", "//SYSIN    DD  DATA,DLM='@#'"]
    return [card(line) for line in lines] + source_cards(source) + [card("@#")]


def endings(printer):
    """{number of the source: (condition code, messages)} of the assemblies that ended."""
    found = {}
    # (Where a page ends the printer's lines run together.)
    for job_output in re.split(r"//ASM\d{4} +JOB 1,", printer)[1:]:
        codes = []
        for step in re.split(r"ALLOC\. FOR \S+ +", job_output)[1:]:
            code = re.search(r"STEP WAS EXECUTED - COND CODE (\d{4})", step)
            if step[0] == "A" and code:
                codes.append((int(step[1:5]), int(code[1])))
        # What each says begins so, and ends with its options; the order is that of the steps.
        said = [part.split("OPTIONS FOR THIS")[0].strip() for part in job_output.split("ASSEMBLER (XF) DONE")[1:]]
        if len(said) != len(codes):
            said = [""] * len(codes)
        found.update({number: (code, text) for (number, code), text in zip(codes, said)})
    return found


def split_punch(punch):
    decks, current = {}, None
    for at in range(0, len(punch), CARD):
        data = punch[at : at + CARD]
        title = re.match(r"=====S(\d{4})", data[:10].decode(CODE_PAGE))
        if title:
            current = int(title[1])
            decks[current] = b""
        elif current is not None:
            decks[current] += data
    return decks
