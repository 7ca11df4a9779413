**********************************************************************
* DISKWAYS: the same blocks of a disk, read in several ways, so that
* they can be compared: START I/O, DIAGNOSE X'20', a shared ring with
* one request at a time, and with four (docs/rings.md).
*
* Parameters, words:
*   3F0  way: 1 START I/O, 2 DIAGNOSE X'20', 3 ring, 4 ring, four at a
*        time
*   3F4  requests, a multiple of four (64): each is 8 blocks of 512
*        bytes, behind those before
* Ends in a disabled wait: 000000: well; 00BADn: way n has failed;
* 00BAD7: a device refused; DEADxx: see ECLOW.
* Needs: a 3370 at 191; ways 3 and 4: it as ring 0.
**********************************************************************
DISKWAYS START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+EXTNEW
         DC    X'00080000',A(RINGWOKE)
         ORG   LOWCORE+IONEW
         DC    X'00080000',A(IOWOKE)
         ORG   LOWCORE+PARM1
WAY      DC    F'1'
TIMES    DC    F'64'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         LCTL  0,0,CR0
         L     R11,TIMES      requests to come
         SLR   R10,R10        block
         CLI   WAY+3,2
         BL    BYSIO
         BE    BYDIAG
         SLR   R5,R5          rings: features
         CLI   WAY+3,3
         BE    UP
         L     R5,EVENTIDX
UP       LA    R1,0
         LA    R4,DISKLIST
         BAL   R14,RINGUP
         CLI   WAY+3,3
         BE    BYRING
         B     BYFOUR
*
* START I/O, and the interruption.
*
BYSIO    ST    R10,LOCATE+4
         LA    R1,CCWS
         ST    R1,CAW
         SIO   X'191'
         BNZ   BAD
         LPSW  IOWAIT
IOWOKE   CLI   CSW+4,CHANEND+DEVEND
         BNE   BAD
         LA    R10,8(,R10)
         BCT   R11,BYSIO
         B     WELL
*
* DIAGNOSE X'20': the machine sleeps until the disk has ended.
*
BYDIAG   ST    R10,LOCATE+4
         LA    R4,X'191'
         LA    R6,CCWS
         DIAG  R4,R6,X'20'
         BNZ   BAD
         LA    R10,8(,R10)
         BCT   R11,BYDIAG
         B     WELL
*
* A ring, one request at a time.
*
BYRING   ST    R10,HEADER0+12
         LA    R2,DISK
         LA    R0,0
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         CLI   STATUS0,0
         BNE   BAD
         LA    R10,8(,R10)
         BCT   R11,BYRING
         B     WELL
*
* Four: four entries, then the index, one doorbell; the event index
* says that only the last one is to be told.
*
BYFOUR   ST    R10,HEADER0+12
         LA    R10,8(,R10)
         ST    R10,HEADER1+12
         LA    R10,8(,R10)
         ST    R10,HEADER2+12
         LA    R10,8(,R10)
         ST    R10,HEADER3+12
         LA    R10,8(,R10)
         LH    R6,AVAIL+2     index: a multiple of four
         LR    R7,R6
         N     R7,FIFTEEN
         AR    R7,R7
         LA    R7,AVAIL+4(R7)
         MVC   0(8,R7),HEADS
         LA    R1,3(,R6)
         STH   R1,AVAIL+36    USED_EVENT: the last of them
         LA    R6,4(,R6)
         STH   R6,AVAIL+2
         SLR   R1,R1
         SLR   R3,R3
         DIAG  R1,R3,X'230'
         BNZ   BAD
         LA    R2,DISK
         LA    R9,4
TAKE     BAL   R14,RINGGET
         BCT   R9,TAKE
         CLC   STATUS0(4),=X'00000000'
         BNE   BAD
         MVC   STATUS0(4),=X'FFFFFFFF'
         S     R11,=F'4'
         BP    BYFOUR
WELL     LPSW  WELLPSW
BAD      MVC   BADPSW+7(1),WAY+3
         OI    BADPSW+7,X'D0'
         LPSW  BADPSW
*
         COPY  RINGDRV
*
CR0      DC    X'000002E0'
EVENTIDX DC    X'20000000'
FIFTEEN  DC    F'15'
HEADS    DC    H'0',H'3',H'6',H'9'
WELLPSW  DC    0D'0',X'000A0000',A(0)
BADPSW   DC    0D'0',X'000A0000',A(X'00BAD0')
IOWAIT   DC    0D'0',X'020A0000',A(0)
CCWS     DC    0D'0',X'63',AL3(EXTENT),X'4000',H'16'
         DC    X'43',AL3(LOCATE),X'4000',H'8'
         DC    X'42',AL3(DATA),X'0000',H'4096'
EXTENT   DC    X'40000000',F'0',F'0',F'743'
LOCATE   DC    X'06000008',F'0'
         LTORG
DISKLIST DC    A(DISK,0)
DISK     DC    F'0',H'0',H'16',A(TABLE,AVAIL,USED),2H'0'
HEADER0  DC    F'0',F'0',F'0',F'0'
HEADER1  DC    F'0',F'0',F'0',F'0'
HEADER2  DC    F'0',F'0',F'0',F'0'
HEADER3  DC    F'0',F'0',F'0',F'0'
STATUS0  DC    4X'FF'
AVAIL    DC    2H'0',16H'0',H'0'
         DC    0F'0'
USED     DC    2H'0',16XL8'00',H'0'
         ORG   LOWCORE+X'C00'
TABLE    DC    F'0',A(HEADER0),F'16',H'1',H'1'
         DC    F'0',A(DATA),F'4096',H'3',H'2'
         DC    F'0',A(STATUS0),F'1',H'2',H'0'
         DC    F'0',A(HEADER1),F'16',H'1',H'4'
         DC    F'0',A(DATA+4096),F'4096',H'3',H'5'
         DC    F'0',A(STATUS0+1),F'1',H'2',H'0'
         DC    F'0',A(HEADER2),F'16',H'1',H'7'
         DC    F'0',A(DATA+8192),F'4096',H'3',H'8'
         DC    F'0',A(STATUS0+2),F'1',H'2',H'0'
         DC    F'0',A(HEADER3),F'16',H'1',H'10'
         DC    F'0',A(DATA+12288),F'4096',H'3',H'11'
         DC    F'0',A(STATUS0+3),F'1',H'2',H'0'
         DC    4XL16'00'
         ORG   LOWCORE+X'1000'
DATA     DS    16384X
         END   BEGIN
