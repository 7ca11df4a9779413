**********************************************************************
* RINGPAIR: two machines that do all their input and output by shared
* rings (docs/rings.md; RINGDRV has the driver).
*
* The asking one takes 512 bytes from its entropy device, writes them
* to its disk, reads them back and compares; it sends some of them to
* its partner, and compares what comes back. It reads a line that is
* typed and types it again. The answering one waits for a frame, keeps
* what is in it on its own disk, reads it from there and sends that.
*
* Parameter, a word at 3F0: 1 asks, 2 answers.
* Devices: 0 console, 1 entropy, 2 disk, 3 network; the asking one has
* the address 02:00:00:00:00:01, its partner ...:02.
* Ends in a disabled wait: 000000: well; 00BAD1: the disk gave other
* bytes; 00BAD2: the partner did; 00BAD3: the disk told of an error;
* 00BAD7: a device refused; DEADxx: see ECLOW.
**********************************************************************
RINGPAIR START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+EXTNEW
         DC    X'00080000',A(RINGWOKE)
         ORG   LOWCORE+PARM1
ROLE     DC    F'1'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
BASE     LA    R11,4095(,R12)
         LA    R11,1(,R11)
         USING BASE,R12,R11
         LCTL  0,0,CR0
         SLR   R5,R5          no features
         LA    R1,0
         LA    R4,CONSLIST
         BAL   R14,RINGUP
         LA    R1,1
         LA    R4,ENTLIST
         BAL   R14,RINGUP
         LA    R1,2
         LA    R4,DISKLIST
         BAL   R14,RINGUP
         LA    R1,3
         LA    R4,NETLIST
         BAL   R14,RINGUP
         LA    R3,MSGUP
         LA    R4,L'MSGUP
         BAL   R10,TYPE
         LA    R2,NETIN       a buffer for a frame
         LA    R0,0
         BAL   R14,RINGPUT
         CLI   ROLE+3,2
         BE    ANSWER
*
* The asking one.
*
         LA    R2,ENTROPY
         LA    R0,0
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         MVC   COPY(256),DATA     what the disk must give back
         MVC   COPY+256(256),DATA+256
         LA    R9,5           block
         BAL   R10,THROUGH
         CLC   COPY(256),DATA
         BNE   BADDISK
         CLC   COPY+256(256),DATA+256
         BNE   BADDISK
         LA    R3,MSGDISK
         LA    R4,L'MSGDISK
         BAL   R10,TYPE
         MVC   FRAMEOUT(14),TOBERT
         MVC   FRAMEOUT+14(64),DATA
         BAL   R10,SEND
         LA    R2,NETIN       what comes back
         BAL   R14,RINGGET
         CLC   FRAMEIN+14(64),DATA
         BNE   BADPEER
         LA    R3,MSGNET
         LA    R4,L'MSGNET
         BAL   R10,TYPE
         LA    R2,CONSIN      a line
         LA    R0,0
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         LR    R4,R1
         LA    R4,L'MSGLINE(,R4)
         LA    R3,MSGLINE
         BAL   R10,TYPE
         B     WELL
*
* The answering one.
*
ANSWER   LA    R2,NETIN
         BAL   R14,RINGGET
         MVC   DATA(64),FRAMEIN+14
         LA    R9,7
         BAL   R10,THROUGH
         MVC   FRAMEOUT(14),TOANNA
         MVC   FRAMEOUT+14(64),DATA
         BAL   R10,SEND
         LA    R3,MSGSENT
         LA    R4,L'MSGSENT
         BAL   R10,TYPE
WELL     LPSW  WELLPSW
BADDISK  LPSW  BAD1
BADPEER  LPSW  BAD2
BADSTAT  LPSW  BAD3
*
* TYPE: a text at R3, R4 bytes long.
*
TYPE     ST    R3,CONSOTAB+4
         ST    R4,CONSOTAB+8
         LA    R2,CONSOUT
         LA    R0,0
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         BR    R10
*
* SEND: the frame in FRAMEOUT.
*
SEND     LA    R2,NETOUT
         LA    R0,0
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         BR    R10
*
* THROUGH: DATA to block R9 of the disk and, cleared, back from there.
*
THROUGH  ST    R9,DHEADER+12
         MVI   DHEADER+3,1    write
         MVI   DSTATUS,X'FF'
         LA    R2,DISK
         LA    R0,0           descriptors 0, 1, 2
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         CLI   DSTATUS,0
         BNE   BADSTAT
         XC    DATA(256),DATA
         XC    DATA+256(256),DATA+256
         MVI   DHEADER+3,0    read
         MVI   DSTATUS,X'FF'
         LA    R0,3           descriptors 3, 4, 5
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         CLI   DSTATUS,0
         BNE   BADSTAT
         BR    R10
*
         COPY  RINGDRV
*
CR0      DC    X'000002E0'    and what devices with rings tell by
WELLPSW  DC    0D'0',X'000A0000',A(0)
BAD1     DC    0D'0',X'000A0000',A(X'00BAD1')
BAD2     DC    0D'0',X'000A0000',A(X'00BAD2')
BAD3     DC    0D'0',X'000A0000',A(X'00BAD3')
MSGUP    DC    X'D9C9D5C7E240C1D9C540E4D715'       RINGS ARE UP
MSGDISK  DC    X'C4C9E2D240E6C5D3D315'             DISK WELL
MSGNET   DC    X'D5C5E3E6D6D9D240E6C5D3D315'       NETWORK WELL
MSGSENT  DC    X'C1D5E2E6C5D9C5C415'               ANSWERED
TOBERT   DC    X'020000000002020000000001',X'88B5'
TOANNA   DC    X'020000000001020000000002',X'88B5'
*
* Queues: numbers, places; behind them the tables and rings.
*
CONSLIST DC    A(CONSIN,CONSOUT,0)
ENTLIST  DC    A(ENTROPY,0)
DISKLIST DC    A(DISK,0)
NETLIST  DC    A(NETIN,NETOUT,0)
CONSIN   DC    F'0',H'0',H'8',A(CONSITAB,CONSIAVL,CONSIUSD),2H'0'
CONSOUT  DC    F'0',H'1',H'8',A(CONSOTAB,CONSOAVL,CONSOUSD),2H'0'
ENTROPY  DC    F'0',H'0',H'8',A(ENTTAB,ENTAVL,ENTUSD),2H'0'
DISK     DC    F'0',H'0',H'8',A(DISKTAB,DISKAVL,DISKUSD),2H'0'
NETIN    DC    F'0',H'0',H'8',A(NETITAB,NETIAVL,NETIUSD),2H'0'
NETOUT   DC    F'0',H'1',H'8',A(NETOTAB,NETOAVL,NETOUSD),2H'0'
*
* Descriptors: address, length, flags (1: another behind it, 2: the
* device writes), the next one.
*
         ORG   LOWCORE+X'1000'
CONSITAB DC    F'0',A(LINE),F'80',H'2',H'0',7XL16'00'
CONSOTAB DC    F'0',A(0),F'0',H'0',H'0',7XL16'00'
ENTTAB   DC    F'0',A(DATA),F'512',H'2',H'0',7XL16'00'
DISKTAB  DC    F'0',A(DHEADER),F'16',H'1',H'1'    write: 0, 1, 2
         DC    F'0',A(DATA),F'512',H'1',H'2'
         DC    F'0',A(DSTATUS),F'1',H'2',H'0'
         DC    F'0',A(DHEADER),F'16',H'1',H'4'    read: 3, 4, 5
         DC    F'0',A(DATA),F'512',H'3',H'5'
         DC    F'0',A(DSTATUS),F'1',H'2',H'0'
         DC    2XL16'00'
NETITAB  DC    F'0',A(FRAMEIN),F'1514',H'2',H'0',7XL16'00'
NETOTAB  DC    F'0',A(FRAMEOUT),F'78',H'0',H'0',7XL16'00'
*
* Rings: flags, index, entries, event index.
*
CONSIAVL DC    11H'0',H'0'
CONSIUSD DC    2H'0',8XL8'00',2H'0'
CONSOAVL DC    11H'0',H'0'
CONSOUSD DC    2H'0',8XL8'00',2H'0'
ENTAVL   DC    11H'0',H'0'
ENTUSD   DC    2H'0',8XL8'00',2H'0'
DISKAVL  DC    11H'0',H'0'
DISKUSD  DC    2H'0',8XL8'00',2H'0'
NETIAVL  DC    11H'0',H'0'
NETIUSD  DC    2H'0',8XL8'00',2H'0'
NETOAVL  DC    11H'0',H'0'
NETOUSD  DC    2H'0',8XL8'00',2H'0'
         DC    0D'0'
DHEADER  DC    F'0',F'0',F'0',F'0'   type, unused, number of the block
DSTATUS  DC    X'FF'
MSGLINE  DC    X'E8D6E440E2C1C9C440'              YOU SAID
LINE     DC    80X'00'        with its end, X'15'
DATA     DC    512X'00'
COPY     DC    512X'00'
FRAMEOUT DC    78X'00'        to, from, type, 64 bytes
FRAMEIN  DC    1514X'00'
         END   BEGIN
