         COPY  MESSAGES
**********************************************************************
* CONSLOAD: the console load of `vmcp ladder io` (docs/io-ladder.md).
* It types lines of 60 characters, each with its number; the sum is
* that of what it has given away to be typed.
*
* Parameters: see IOLOAD. Ways:
*   1 START I/O      2 DIAGNOSE X'20'      3 ring, one at a time
*   4 ring, four at a time: one doorbell, one interruption
*   5 ring, four at a time, a doorbell and an interruption for each
*   6 IUCV: the machine SERVICE types them
*   9 is SERVICE: for whoever connects, by START I/O
*
* Ends in a disabled wait: 000000: well; 00DEAD: something was refused;
* 00BAD7: a ring was; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, 16K of storage; ways 3 to 5: a console as ring 0;
* way 6: SERVICE, which lets it connect.
**********************************************************************
CONSLOAD START 0
         COPY  EQUATES
         COPY  IOLOAD
BEGIN    BALR  R12,0
BASE     LA    R13,4095(,R12)
         LA    R13,1(,R13)
         USING BASE,R12,R13
         LCTL  0,0,CR0LOAD
         CLI   WAY+3,9
         BE    SERVE
         MVC   EXTNEW(8),RINGPSW
         CLI   WAY+3,6
         BE    CONNECT
         CLI   WAY+3,3
         BL    READY
         SLR   R5,R5          rings: features
         CLI   WAY+3,4
         BNE   UP
         L     R5,EVENTIDX
UP       LA    R1,0
         LA    R4,CONSLIST
         BAL   R14,RINGUP
         CLI   WAY+3,3
         BE    READY
         MVI   BATCH+3,4
         B     READY
CONNECT  BAL   R9,PATHUP
READY    STCK  TFIRST
*
* R10 number of the line, R11 those to come.
*
         SLR   R10,R10
         L     R11,TIMES
ROUND    SLR   R4,R4          make the lines ready
PREPARE  LA    R10,1(,R10)
         CVD   R10,PACKED
         LR    R3,R4
         SLL   R3,6
         LA    R3,LINES(R3)
         UNPK  5(5,R3),PACKED+5(3)
         OI    9(R3),X'F0'
         LA    R2,15
         L     R15,SUM
ADD      MH    R15,H31
         AL    R15,0(,R3)
         LA    R3,4(,R3)
         BCT   R2,ADD
         ST    R15,SUM
         LA    R4,1(,R4)
         C     R4,BATCH
         BL    PREPARE
         STCK  TBEGIN
         SLR   R1,R1
         IC    R1,WAY+3
         SLL   R1,2
         L     R1,GO-4(R1)
         BR    R1             comes back to OVER
GO       DC    A(BYSIO,BYDIAG,BYRING,BYFOUR,BYEACH,BYPATH)
OVER     S     R11,BATCH
         BP    ROUND
         CLI   WAY+3,6
         BNE   LASTLY
         STCK  TEND
         L     R1,TEND+3
         SL    R1,TFIRST+3
         ST    R1,INALL
         IUCV  SEVER,PATHLIST
         IUCV  RTRVBFR
         LPSW  WELLPSW        the line is typed by SERVICE
*
BYSIO    LA    R1,TYPECCW
         LA    R2,CONSOLE
         BAL   R9,IOSTART
         BAL   R9,TOCK
         B     OVER
BYDIAG   LA    R4,CONSOLE
         LA    R6,TYPECCW
         DIAG  R4,R6,X'20'
         BNZ   WRONG
         BAL   R9,TOCK
         B     OVER
*
* Rings: a descriptor a line, which has its end behind it.
*
BYRING   LA    R2,CONSOUT
         LA    R0,0
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         BAL   R9,TOCK
         B     OVER
BYFOUR   BAL   R14,ENTER4
         LA    R1,3(,R6)
         STH   R1,OUTAVAIL+4+32    USED_EVENT: the last of them
         LA    R6,4(,R6)
         STH   R6,OUTAVAIL+2
         SLR   R1,R1
         LA    R3,1
         DIAG  R1,R3,X'230'
         BNZ   WRONG
         B     TAKE4
BYEACH   BAL   R14,ENTER4
         LA    R4,4
EACH     LA    R6,1(,R6)
         STH   R6,OUTAVAIL+2
         SLR   R1,R1
         LA    R3,1
         DIAG  R1,R3,X'230'   whether the device wants that or not
         BNZ   WRONG
         BCT   R4,EACH
TAKE4    LA    R2,CONSOUT
         LA    R4,4
TAKE     BAL   R14,RINGGET
         BAL   R9,TOCK
         BCT   R4,TAKE
         B     OVER
ENTER4   LH    R6,OUTAVAIL+2  index: a multiple of four
         LR    R7,R6
         N     R7,=F'15'
         AR    R7,R7
         LA    R7,OUTAVAIL+4(R7)
         MVC   0(8,R7),HEADS
         BR    R14
*
* IUCV: a line; the reply is 4 bytes, when it has been typed.
*
BYPATH   XC    MSGLIST,MSGLIST
         MVC   MSGLIST(2),PATHLIST
         LA    R4,LINES
         ST    R4,MSGLIST+IPBFADR1
         LA    R4,60
         ST    R4,MSGLIST+IPBFLN1F
         LA    R6,REPLIED
         ST    R6,MSGLIST+IPBFADR2
         LA    R5,4
         ST    R5,MSGLIST+IPBFLN2F
         IUCV  SEND,MSGLIST
         BNZ   WRONG
         BAL   R14,AWAIT
         CLI   IUCVBUF+IPTYPE,IPCOMPN
         BNE   WRONG
         NC    IUCVBUF+IPAUDIT(3),IUCVBUF+IPAUDIT
         BNZ   WRONG
         BAL   R9,TOCK
         B     OVER
*
* The machine whose console it is.
*
SERVE    IUCV  DCLBFR,DECLARE
         BNZ   WRONG
SERVNEXT BAL   R14,AWAIT
         MVC   MSGLIST,IUCVBUF
         CLI   IUCVBUF+IPTYPE,IPCONPEN
         BE    SERVCONN
         CLI   IUCVBUF+IPTYPE,IPSEVERD
         BE    SERVEND
         CLI   IUCVBUF+IPTYPE,IPMSGP
         BL    SERVNEXT
         LA    R4,LINES
         ST    R4,MSGLIST+IPBFADR1
         LA    R4,60
         ST    R4,MSGLIST+IPBFLN1F
         IUCV  RECEIVE,MSGLIST
         BNZ   WRONG
         LA    R1,TYPECCW
         LA    R2,CONSOLE
         BAL   R9,IOSTART
         L     R1,REQUESTS
         LA    R1,1(,R1)
         ST    R1,REQUESTS
         LA    R3,LINES
         LA    R2,15
         L     R15,SUM
SERVADD  MH    R15,H31
         AL    R15,0(,R3)
         LA    R3,4(,R3)
         BCT   R2,SERVADD
         ST    R15,SUM
         MVI   MSGLIST+IPFLAGS1,0
         LA    R4,REPLIED
         ST    R4,MSGLIST+IPBFADR2
         LA    R5,4
         ST    R5,MSGLIST+IPBFLN2F
         IUCV  REPLY,MSGLIST
         BNZ   WRONG
         B     SERVNEXT
SERVCONN IUCV  ACCEPT,MSGLIST
         BNZ   WRONG
         B     SERVNEXT
SERVEND  MVI   MSGLIST+IPFLAGS1,0
         IUCV  SEVER,MSGLIST
         BNZ   WRONG
         B     LASTLINE
*
         COPY  IOEND
*
RINGPSW  DC    0D'0',X'00080000',A(RINGWOKE)
EVENTIDX DC    X'20000000'
BATCH    DC    F'1'
REPLIED  DC    F'0'
HEADS    DC    H'0',H'1',H'2',H'3'
TYPECCW  DC    0D'0',AL1(WRITEACR),AL3(LINES),X'0000',H'60'
         LTORG
CONSLIST DC    A(CONSIN,CONSOUT,0)
CONSIN   DC    F'0',H'0',H'16',A(INTABLE,INAVAIL,INUSED),2H'0'
CONSOUT  DC    F'0',H'1',H'16',A(OUTTABLE,OUTAVAIL,OUTUSED),2H'0'
LINES    DC    CL60'LINE 00000 OF A LOAD OF LINES, ALL OF ONE LENGTH'
         DC    X'15000000'
         DC    CL60'LINE 00000 OF A LOAD OF LINES, ALL OF ONE LENGTH'
         DC    X'15000000'
         DC    CL60'LINE 00000 OF A LOAD OF LINES, ALL OF ONE LENGTH'
         DC    X'15000000'
         DC    CL60'LINE 00000 OF A LOAD OF LINES, ALL OF ONE LENGTH'
         DC    X'15000000'
         DC    0H'0'
INAVAIL  DC    2H'0',16H'0',H'0'
OUTAVAIL DC    2H'0',16H'0',H'0'
         DC    0F'0'
INUSED   DC    2H'0',16XL8'00',2H'0'
OUTUSED  DC    2H'0',16XL8'00',2H'0'
         ORG   LOWCORE+X'1800'
OUTTABLE DC    F'0',A(LINES),F'61',H'0',H'0'
         DC    F'0',A(LINES+64),F'61',H'0',H'0'
         DC    F'0',A(LINES+128),F'61',H'0',H'0'
         DC    F'0',A(LINES+192),F'61',H'0',H'0'
         DC    12XL16'00'
INTABLE  DC    16XL16'00'
         END   BEGIN
