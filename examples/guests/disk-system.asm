**********************************************************************
* DISK-SYSTEM: a small operating system that lives on a disk.
*
* It is loaded by IPL from the first track of its system disk and then
* takes commands at the console:
*
*   DIR           the names in the directory of the user's disk
*   TYPE NAME     the text of that name, line by line
*   HELP          a text from the system disk
*   STOP          the end
*
* How a user's disk is laid out: cylinder 0 track 0 has the directory,
* a record an entry: its key is the name (8 characters), its data are
* where the text begins (CC HH) and what it is about. Each text lies on
* a track of its own, a record a line. A record without data ends both;
* in the directory it has a key, as a search by key looks at it, too.
*
* Shows: channel programs for a disk. SEEK moves the arm. SEARCH is put
* to each record that comes along; as long as it does not match, the
* TRANSFER IN CHANNEL behind it goes back to it, and when it does, the
* channel skips that and comes to the read. By key a name is found in
* the directory without the CPU looking at any other (LOOKUP). A record
* is read into several places by data chaining (READENT).
*
* Watch for: as the guest of a control program none of these channel
* programs can be run as it is: addresses are not real ones, and
* cylinder 0 of a minidisk lies somewhere else. The control program
* copies and translates each (docs/virtual-io.md). The IPL is a program
* that overlays itself while it runs; it is translated as it goes.
*
* A name that is not there is a unit check: the device has met the
* index twice. What SENSE then tells is what it tells this machine, no
* matter who has used the same real disk meanwhile.
*
* Ends in a disabled wait: address 000000: after STOP; 00DEAD: a disk
* reported an error; DEADxx: unexpected interruption (see LOWCORE),
* DEAD09: console.
* Needs: console 009 with somebody (or a script) at it, the user's disk
* 191, the system disk anywhere; 8K of storage.
**********************************************************************
DISKSYS  START 0
         COPY  EQUATES
         COPY  LOWCORE
USERDISK EQU   X'191'
IPLADDR  EQU   2                   IPL leaves the device's address here
SEEK     EQU   X'07'               disk: cylinder and head
SRCHID   EQU   X'31'               disk: is this record the one? (ID)
SRCHKEY  EQU   X'29'               disk: is this record the one? (key)
TIC      EQU   X'08'               channel: go on there
READDATA EQU   X'06'               disk: the data of the record
READKD   EQU   X'0E'               disk: key and data of the record
NOTFOUND EQU   X'08'               sense byte 1: no record found
         ORG   LOWCORE+X'400'
*
BEGIN    LH    R2,IPLADDR
         STH   R2,SYSDISK
         LA    R2,GREETING
         LA    R3,L'GREETING
NEXT     BAL   R14,CONWRITE
*
* Wait for attention, then read a line.
*
LISTEN   CLI   CONATTN,X'00'
         BNE   HEARD
         MVC   IONEW(8),ATTNPSW
         LPSW  ENABLED
ATTNINT  CLC   IOOLD+2(2),CONADDR
         BNE   LISTEN
         TM    CSW+4,ATTN
         BZ    LISTEN
HEARD    MVI   CONATTN,X'00'
         MVI   COMMAND,C' '
         MVC   COMMAND+1(L'COMMAND-1),COMMAND
         LA    R1,READLINE
         BAL   R14,CONIO
         TM    CSW+4,UNITEXC       the operator pressed cancel
         BO    LISTEN
         TR    COMMAND,UPCASE
         CLC   COMMAND(4),=C'DIR '
         BE    DIR
         CLC   COMMAND(5),=C'TYPE '
         BE    TYPE
         CLC   COMMAND(5),=C'HELP '
         BE    HELP
         CLC   COMMAND(5),=C'STOP '
         BE    STOP
         LA    R2,WHATLINE
         LA    R3,L'WHATLINE
         B     NEXT
*
STOP     LA    R2,STOPLINE
         LA    R3,L'STOPLINE
         BAL   R14,CONWRITE
         LPSW  WELL
*
* ----- DIR: every entry of the directory ----------------------------
*
DIR      MVC   ID,DIRPLACE
         MVC   DISK,=AL2(USERDISK)
DIRNEXT  BAL   R13,STEPID
         MVI   ENTABOUT,C' '
         MVC   ENTABOUT+1(L'ENTABOUT-1),ENTABOUT
         LA    R1,READENT
         BAL   R14,DISKIO
         TM    STATUS,UNITEXC      a record without data: the end
         BO    READY
         TM    STATUS,UNITCHK
         BO    FAILED
         MVC   LINE,ENTNAME
         MVC   LINE+L'ENTNAME(2),=C'  '
         MVC   LINE+L'ENTNAME+2(L'ENTABOUT),ENTABOUT
         LA    R3,L'ENTNAME+2+L'ENTABOUT
         BAL   R13,TYPELINE
         B     DIRNEXT
*
* ----- TYPE: find the entry by its key ------------------------------
*
TYPE     MVC   NAME,COMMAND+5
         MVC   ID,DIRPLACE
         MVC   DISK,=AL2(USERDISK)
         LA    R1,LOOKUP
         BAL   R14,DISKIO
         TM    STATUS,UNITCHK
         BO    WHYNOT
         MVC   ID(4),ENTPLACE
         MVI   ID+4,0
         B     LINENEXT
*
* Unit check: ask why.
*
WHYNOT   LA    R1,ASKWHY
         BAL   R14,DISKIO
         TM    STATUS,UNITCHK
         BO    FAILED
         TM    SENSED+1,NOTFOUND
         BZ    FAILED
         MVC   NONE(L'NAME),NAME
         LA    R2,NONELINE
         LA    R3,L'NONELINE+L'NONE
         B     NEXT
*
* ----- HELP: a text at a known place of the system disk -------------
*
HELP     MVC   ID,HELPAT
         MVC   DISK,SYSDISK
*
* Types the lines of a text.
*
LINENEXT BAL   R13,STEPID
         LA    R1,READREC
         BAL   R14,DISKIO
         TM    STATUS,UNITEXC
         BO    READY
         TM    STATUS,UNITCHK
         BO    FAILED
         LA    R3,L'LINE
         BAL   R13,TYPELINE
         B     LINENEXT
READY    LA    R2,READYTXT
         LA    R3,L'READYTXT
         B     NEXT
*
* ----- STEPID: the next record --------------------------------------
*
STEPID   SR    R0,R0
         IC    R0,ID+4
         AH    R0,=H'1'
         STC   R0,ID+4
         BR    R13
*
* ----- TYPELINE: LINE without its last blanks; R3: its length -------
*
TYPELINE LA    R2,LINE-1(R3)       its last character
         CLI   0(R2),C' '
         BNE   TYPEIT
         BCT   R3,TYPELINE
         LA    R3,1                nothing: one blank
TYPEIT   LA    R2,LINE
         BAL   R14,CONWRITE
         BR    R13
*
* ----- DISKIO: the channel program at R1 on DISK --------------------
*
* Comes back when the device has ended, with what it had to say in
* STATUS. What the console says meanwhile is noted.
*
DISKIO   ST    R1,PROGRAM
         MVI   STATUS,X'00'
         MVC   IONEW(8),DISKPSW
         MVC   SEEKTO+2(4),ID      the arm goes where the record is
DISKGO   MVC   CAW(4),PROGRAM
         LH    R1,DISK
         SIO   0(R1)
         BC    1,FAILED            3: there is no such device
         BC    2,DISKGO            2: the channel is busy: try again
         BC    8,DISKWAIT          0: started
         TM    CSW+4,BUSY          1: the status was stored
         BO    DISKGO
         B     DISKSTAT
DISKWAIT LPSW  ENABLED
DISKINT  CLC   IOOLD+2(2),DISK
         BE    DISKSTAT
         CLC   IOOLD+2(2),CONADDR
         BNE   DISKWAIT
         TM    CSW+4,ATTN
         BZ    DISKWAIT
         MVI   CONATTN,X'01'
         B     DISKWAIT
DISKSTAT TM    CSW+5,CHANERR
         BNZ   FAILED
         OC    STATUS,CSW+4
         TM    STATUS,UNITCHK
         BCR   1,R14
         TM    STATUS,DEVEND       channel end comes first, or at the
         BZ    DISKWAIT            same time
         BR    R14
FAILED   LPSW  BAD
*
* PSWs.
*
ENABLED  DC    0D'0',X'FE020000',A(0)         wait; all channels
ATTNPSW  DC    0D'0',X'00000000',A(ATTNINT)
DISKPSW  DC    0D'0',X'00000000',A(DISKINT)
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
*
* Channel programs. A CCW that goes on behind data chaining has the
* command of the one before; its own is not looked at.
*
READLINE CCW   READINQ,COMMAND,SLI,L'COMMAND
LOOKUP   CCW   SEEK,SEEKTO,CC,L'SEEKTO
         CCW   SRCHKEY,NAME,CC,L'NAME
         CCW   TIC,*-8,0,1
         CCW   READDATA,ENTPLACE,SLI,L'ENTPLACE
READENT  CCW   SEEK,SEEKTO,CC,L'SEEKTO
         CCW   SRCHID,ID,CC,L'ID
         CCW   TIC,*-8,0,1
         CCW   READKD,ENTNAME,CD,L'ENTNAME
         CCW   READKD,ENTPLACE,CD,L'ENTPLACE
         CCW   READKD,ENTABOUT,SLI,L'ENTABOUT
READREC  CCW   SEEK,SEEKTO,CC,L'SEEKTO
         CCW   SRCHID,ID,CC,L'ID
         CCW   TIC,*-8,0,1
         CCW   READDATA,LINE,SLI,L'LINE
ASKWHY   CCW   SENSE,SENSED,SLI,L'SENSED
*
DIRPLACE DC    X'0000000000'       CC HH R of the directory's record 0
HELPAT   DC    X'0000000100'       and of the text for HELP
SEEKTO   DC    X'000000000000'     0 0 CC HH
ID       DC    X'0000000000'       CC HH R: which record
DISK     DC    H'0'                the disk that is read
SYSDISK  DC    H'0'
PROGRAM  DC    A(0)
STATUS   DC    X'00'
SENSED   DC    XL24'00'
NAME     DC    CL8' '
ENTNAME  DC    CL8' '              an entry of the directory
ENTPLACE DC    XL4'00'
ENTABOUT DC    CL40' '
COMMAND  DC    CL72' '
LINE     DC    CL80' '
GREETING DC    C'DISK SYSTEM: DIR, TYPE NAME, HELP, STOP'
READYTXT DC    C'READY'
WHATLINE DC    C'WHAT? TRY HELP'
STOPLINE DC    C'DISK SYSTEM ENDS'
NONELINE DC    C'THERE IS NO '
NONE     DC    CL8' '
         COPY  UPCASE
         COPY  CONSOLE
         LTORG
         END
