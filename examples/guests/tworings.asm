         COPY  MESSAGES
         COPY  BUS
**********************************************************************
* TWORINGS: one guest, two back ends. Its disk is a shared ring, whose
* other side is the control program (RINGDRV), or, through a shim, a
* service machine (RINGBUS): the rings and all requests are the same.
* It writes 4096s with patterns, reads them back, and compares.
*
* Parameters, words:
*   3F0  back end: 1 the control program, 2 a service machine
*   3F4  4096s (16)
*   3F8, 3FC  name of the service machine (SERVICE)
* Ends in a disabled wait: 000000: well; 00DEAD: what was read is not
* what was written, or the disk failed; 00BAD7: refused; DEADxx: see
* ECLOW.
* Needs: 16K of storage; 1: a block device as ring 0; 2: grants, and a
* service machine that has it in its table.
**********************************************************************
TWORINGS START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+EXTNEW
         DC    X'00080000',A(RINGWOKE)
         ORG   LOWCORE+PARM1
BACKEND  DC    F'1'
TIMES    DC    F'16'
BUSNAME  DC    CL8'SERVICE'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         LCTL  0,0,CR0
         CLI   BACKEND+3,2
         BE    BYBUS
         SLR   R1,R1
         SLR   R5,R5
         LA    R4,DISKLIST
         BAL   R14,RINGUP
         B     UP
BYBUS    MVC   OPS(8),BUSOPS
         LA    R2,DISK
         BAL   R14,BUSUP
UP       LA    R2,DISK
         MVI   HEADER+3,1          write
         MVI   DATADESC+13,1
         BAL   R13,ALL
         MVI   HEADER+3,0          read
         MVI   DATADESC+13,3
         BAL   R13,ALL
         LPSW  WELL
*
* All of them, once. R11: which.
*
ALL      SLR   R11,R11
EACH     LR    R1,R11
         SLL   R1,3
         ST    R1,HEADER+12
         MVI   STATUS,X'FF'
         L     R3,DATAAT
         LA    R4,1024
         LR    R5,R11
FILL     AL    R5,STEP
         CLI   HEADER+3,1
         BE    *+6
         SLR   R5,R5               nothing that was there before
         ST    R5,0(,R3)
         LA    R3,4(,R3)
         BCT   R4,FILL
         SLR   R0,R0
         L     R15,OPS
         BALR  R14,R15
         L     R15,OPS+4
         BALR  R14,R15
         CLI   STATUS,0
         BNE   WRONG
         L     R3,DATAAT
         LA    R4,1024
         LR    R5,R11
LOOK     AL    R5,STEP
         C     R5,0(,R3)
         BNE   WRONG
         LA    R3,4(,R3)
         BCT   R4,LOOK
         LA    R11,1(,R11)
         C     R11,TIMES
         BL    EACH
         BR    R13
WRONG    LPSW  ILL
*
         COPY  RINGDRV
         COPY  RINGBUS
*
WELL     DC    0D'0',X'000A0000',A(0)
ILL      DC    0D'0',X'000A0000',A(X'DEAD')
OPS      DC    A(RINGPUT,RINGGET)
BUSOPS   DC    A(BUSPUT,BUSGET)
CR0      DC    X'00000282'                 ring, IUCV, interval timer
STEP     DC    X'9E3779B9'
DATAAT   DC    A(X'2000')
DISKLIST DC    A(DISK,0)
DISK     DC    F'0',H'0',H'4',A(TABLE,AVAIL,USED),2H'0'
HEADER   DC    F'0',F'0',F'0',F'0'
STATUS   DC    X'FF'
AVAIL    DC    0F'0',2H'0',4H'0',H'0'
USED     DC    0F'0',2H'0',4XL8'00',H'0'
         LTORG
         ORG   LOWCORE+X'1000'
TABLE    DC    F'0',A(HEADER),F'16',H'1',H'1'
DATADESC DC    F'0',A(X'2000'),F'4096',H'3',H'2'
         DC    F'0',A(STATUS),F'1',H'2',H'0'
         DC    XL16'00'
         END   BEGIN
