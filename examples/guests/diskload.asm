         COPY  MESSAGES
         COPY  BUS
**********************************************************************
* DISKLOAD: the disk load of `vmcp ladder io` (docs/io-ladder.md). It
* writes blocks of 4096 bytes, each with its own contents, and reads
* them back in the same order; the sum of what it has read is the same
* in every way.
*
* Parameters: see IOLOAD. Ways:
*   1 START I/O      2 DIAGNOSE X'20'      3 ring, one at a time
*   4 ring, four at a time: one doorbell, one interruption
*   5 ring, four at a time, a doorbell and an interruption for each
*   6 IUCV: the machine SERVICE does it, data are in the messages
*   7 the same, data in pages that are granted to it: it copies them
*   8 the same: it maps them, the channel itself stores there
*   9 is SERVICE: for who connects, by START I/O; a message's class
*     says in which way
* Ways 7 and 8 grant a page for each request, and take it back. Byte
* 3F2: X'01' four requests at a time; X'02' pages are granted once;
* X'04' they stay mapped, too.
* 3F4 and 3F8: at most 1024 requests are different blocks.
*
* Ends in a disabled wait: 000000: well; 00DEAD: something was refused;
* 00BAD7: a ring was; DEADxx: see ECLOW.
* Needs: console 009, 32K of storage, a 3370 of 8192 blocks at 191;
* ways 3 to 5: it as ring 0; ways 6 to 8: no disk, but SERVICE, which
* lets it connect; 7, 8: grants, four, in both.
**********************************************************************
DISKLOAD START 0
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
         BNL   CONNECT
         CLI   WAY+3,3
         BL    READY
         SLR   R5,R5          rings: features
         CLI   WAY+3,4
         BNE   UP
         L     R5,EVENTIDX
UP       LA    R1,0
         LA    R4,DISKLIST
         BAL   R14,RINGUP
         CLI   WAY+3,3
         BE    READY
         MVI   BATCH+3,4
         B     READY
CONNECT  MVI   PATHLIST+IPFLAGS1,IPRMDATA
         BAL   R9,PATHUP
         MVI   PATHLIST+IPFLAGS1,0
         TM    WAY+2,FOUR
         BZ    READY
         MVI   BATCH+3,4
READY    STCK  TFIRST
*
* Two passes: writing, reading. R10 number of the request, R11 those to
* come.
*
PASS     SLR   R10,R10
         L     R11,TIMES
ROUND    SLR   R4,R4          make the requests ready
PREPARE  LR    R1,R10
         MH    R1,STRIDE+2
         N     R1,=F'1023'
         SLL   R1,3
         LR    R3,R4
         SLL   R3,4
         LA    R3,HEADERS(R3)
         ST    R1,12(,R3)
         MVC   0(4,R3),OPERATN
         LR    R2,R4
         SLL   R2,12
         AL    R2,=A(DATA)
         LA    R3,8
FILL     SLR   R15,R15        what will be read is zeros before
         CLI   OPERATN+3,0
         BE    FILLED
         LR    R15,R1
         MH    R15,=H'1237'
         ALR   R15,R3
FILLED   ST    R15,0(,R2)
         ST    R15,508(,R2)
         LA    R2,512(,R2)
         BCT   R3,FILL
         LA    R10,1(,R10)
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
         DC    A(BYGRANT,BYGRANT)
OVER     CLI   OPERATN+3,0
         BNE   CHECKED
         L     R3,BATCH       add up what was read
         SLL   R3,3
         L     R2,=A(DATA)
         L     R15,SUM
ADD      MH    R15,H31
         AL    R15,0(,R2)
         AL    R15,508(,R2)
         LA    R2,512(,R2)
         BCT   R3,ADD
         ST    R15,SUM
CHECKED  S     R11,BATCH
         BP    ROUND
         CLI   OPERATN+3,0
         BE    DONE
         MVI   OPERATN+3,0
         B     PASS
DONE     CLI   WAY+3,6
         BL    LASTLY
         STCK  TEND
         L     R1,TEND+3
         SL    R1,TFIRST+3
         ST    R1,INALL
         IUCV  SEVER,PATHLIST
         IUCV  RTRVBFR
         B     LASTLINE
*
* The channel program for the request in HEADERS.
*
CHANNEL  MVC   LOCATE+4(4),HEADERS+12
         MVI   LOCATE,X'01'   write
         MVI   TRANSFER,X'41'
         CLI   HEADERS+3,0
         BNER  R9
         MVI   LOCATE,X'06'   read
         MVI   TRANSFER,X'42'
         BR    R9
BYSIO    BAL   R9,CHANNEL
         LA    R1,CCWS
         LA    R2,X'191'
         BAL   R9,IOSTART
         BAL   R9,TOCK
         B     OVER
BYDIAG   BAL   R9,CHANNEL
         LA    R4,X'191'
         LA    R6,CCWS
         DIAG  R4,R6,X'20'
         BNZ   WRONG
         BAL   R9,TOCK
         B     OVER
*
* Rings. Descriptors of a write are 0 to 11, of a read 12 to 23.
*
BYRING   MVI   STATUS,X'FF'
         LA    R2,DISK
         LA    R0,0
         CLI   OPERATN+3,0
         BNE   *+8
         LA    R0,12
         BAL   R14,RINGPUT
         BAL   R14,RINGGET
         BAL   R9,TOCK
         CLI   STATUS,0
         BNE   WRONG
         B     OVER
BYFOUR   BAL   R14,ENTER4
         LA    R1,3(,R6)
         STH   R1,AVAIL+4+64  USED_EVENT: the last of them
         LA    R6,4(,R6)
         STH   R6,AVAIL+2
         SLR   R1,R1
         SLR   R3,R3
         DIAG  R1,R3,X'230'
         BNZ   WRONG
         B     TAKE4
BYEACH   BAL   R14,ENTER4
         LA    R4,4
EACH     LA    R6,1(,R6)
         STH   R6,AVAIL+2
         SLR   R1,R1
         SLR   R3,R3
         DIAG  R1,R3,X'230'   whether the device wants that or not
         BNZ   WRONG
         BCT   R4,EACH
TAKE4    LA    R2,DISK
         LA    R4,4
TAKE     BAL   R14,RINGGET
         BAL   R9,TOCK
         BCT   R4,TAKE
         CLC   STATUS(4),=X'00000000'
         BNE   WRONG
         B     OVER
ENTER4   MVC   STATUS(4),=X'FFFFFFFF'
         LH    R6,AVAIL+2     index: a multiple of four
         LR    R7,R6
         N     R7,=F'31'
         AR    R7,R7
         LA    R7,AVAIL+4(R7)
         MVC   0(8,R7),HEADSW
         CLI   OPERATN+3,0
         BNER  R14
         MVC   0(8,R7),HEADSR
         BR    R14
*
* IUCV: 16 bytes say what; a write has its 4096 bytes behind them. The
* reply is 4096 bytes, or 4.
*
BYPATH   L     R4,=A(MSGHEAD)
         MVC   0(16,R4),HEADERS
         XC    MSGLIST,MSGLIST
         MVC   MSGLIST(2),PATHLIST
         ST    R4,MSGLIST+IPBFADR1
         LA    R4,16
         LA    R5,4
         LA    R6,REPLIED
         CLI   OPERATN+3,0
         BE    ASKREAD
         AH    R4,=H'4096'
         B     ASK
ASKREAD  LH    R5,=H'4096'
         L     R6,=A(DATA)
ASK      ST    R4,MSGLIST+IPBFLN1F
         ST    R6,MSGLIST+IPBFADR2
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
* Pages granted: a request is the 8 bytes of a message's list, as BUS
* has it, and so is the answer.
*
BYGRANT  SLR   R4,R4          which of the requests
OFFER    LR    R5,R4
         SLL   R5,2
         LA    R5,REFS(R5)
         TM    WAY+2,ONCE
         BZ    OFFERS
         OC    0(4,R5),0(R5)
         BNZ   OFFERED        granted already
OFFERS   LR    R1,R4
         SLL   R1,12
         AL    R1,=A(DATA)
         ST    R1,GLIST+GRPAGE
         LA    R1,GLIST
         DIAG  R1,R3,GRANT
         BNZ   WRONG
         ST    R3,0(,R5)
OFFERED  XC    MSGLIST,MSGLIST
         MVC   MSGLIST(2),PATHLIST
         MVI   MSGLIST+IPFLAGS1,IPRMDATA
         MVC   MSGLIST+IPTRGCLS(4),WAY
         LR    R1,R4
         SLL   R1,4
         L     R1,HEADERS+12(R1)
         SRL   R1,3           4096s, not 512s
         ST    R1,MSGLIST+IPRMMSG
         MVI   MSGLIST+IPRMMSG+BUSFUNC,BUSWRITE
         CLI   OPERATN+3,0
         BNE   *+8
         MVI   MSGLIST+IPRMMSG+BUSFUNC,BUSREAD
         MVC   MSGLIST+IPRMMSG+BUSREF(4),0(R5)
         ST    R5,MSGLIST+IPMSGTAG
         IUCV  SEND,MSGLIST
         BNZ   WRONG
         LA    R4,1(,R4)
         C     R4,BATCH
         BL    OFFER
ANSWER   BAL   R14,AWAIT
         CLI   IUCVBUF+IPTYPE,IPCOMPN
         BNE   WRONG
         NC    IUCVBUF+IPAUDIT(3),IUCVBUF+IPAUDIT
         BNZ   WRONG
         CLC   IUCVBUF+IPRMMSG(4),=A(BUSDONE)
         BNE   WRONG
         TM    WAY+2,ONCE
         BO    ANSWERED
         L     R5,IUCVBUF+IPMSGTAG
         L     R1,0(,R5)
         SLR   R3,R3          not by force: it is mapped no more
         DIAG  R1,R3,REVOKE
         BNZ   WRONG
ANSWERED BAL   R9,TOCK
         BCT   R4,ANSWER
         B     OVER
*
* The machine that has the disk.
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
         TM    MSGLIST+IPFLAGS1,IPRMDATA
         BO    GRANTED
         L     R4,=A(MSGHEAD)
         ST    R4,MSGLIST+IPBFADR1
         LH    R4,=H'4112'
         ST    R4,MSGLIST+IPBFLN1F
         IUCV  RECEIVE,MSGLIST
         BNZ   WRONG
         L     R4,=A(MSGHEAD)
         MVC   HEADERS(16),0(R4)
         BAL   R9,CHANNEL
         LA    R1,CCWS
         LA    R2,X'191'
         BAL   R9,IOSTART
         MVI   MSGLIST+IPFLAGS1,0
         LA    R4,REPLIED
         LA    R5,4
         CLI   HEADERS+3,0
         BNE   REPLY
         L     R4,=A(DATA)
         LH    R5,=H'4096'
REPLY    ST    R4,MSGLIST+IPBFADR2
         ST    R5,MSGLIST+IPBFLN2F
         IUCV  REPLY,MSGLIST
         BNZ   WRONG
         B     SERVNEXT
SERVCONN MVC   COPYLIST+GCNAME(8),MSGLIST+IPVMID
         MVC   MAPLIST+GMNAME(8),MSGLIST+IPVMID
         MVI   MSGLIST+IPFLAGS1,IPRMDATA
         IUCV  ACCEPT,MSGLIST
         BNZ   WRONG
         B     SERVNEXT
SERVEND  MVI   MSGLIST+IPFLAGS1,0
         IUCV  SEVER,MSGLIST
         BNZ   WRONG
         LPSW  WELLPSW
*
* The data are in a page that was granted.
*
GRANTED  SLR   R1,R1
         ICM   R1,7,MSGLIST+IPRMMSG+BUSPAGE
         SLL   R1,3
         ST    R1,HEADERS+12
         MVI   HEADERS+3,0
         CLI   MSGLIST+IPRMMSG+BUSFUNC,BUSREAD
         BE    *+8
         MVI   HEADERS+3,1
         BAL   R9,CHANNEL
         LA    R2,X'191'
         CLI   MSGLIST+IPTRGCLS+3,8
         BE    MAPPED
*
* Copied: by a page of its own.
*
         MVC   COPYLIST+GCREF(4),MSGLIST+IPRMMSG+BUSREF
         MVI   COPYLIST+GCDIR+3,1
         CLI   HEADERS+3,0
         BE    COPYDISK
         MVI   COPYLIST+GCDIR+3,0
         LA    R1,COPYLIST
         DIAG  R1,R3,GRCOPY
         BNZ   WRONG
COPYDISK LA    R1,CCWS
         BAL   R9,IOSTART
         CLI   HEADERS+3,0
         BNE   SERVED
         LA    R1,COPYLIST
         DIAG  R1,R3,GRCOPY
         BNZ   WRONG
         B     SERVED
*
* Mapped: in the place of a page of its own, R4. What stays mapped has
* its reference in the table.
*
MAPPED   L     R4,=A(DATA)
         TM    MSGLIST+IPTRGCLS+2,KEPT
         BZ    MAPNEW
         LA    R5,REFS
         LA    R6,4
SEEK     CLC   0(4,R5),MSGLIST+IPRMMSG+BUSREF
         BE    MAPDISK
         OC    0(4,R5),0(R5)
         BZ    MAPKEEP
         AL    R4,=F'4096'
         LA    R5,4(,R5)
         BCT   R6,SEEK
         B     WRONG
MAPKEEP  MVC   0(4,R5),MSGLIST+IPRMMSG+BUSREF
MAPNEW   ST    R4,MAPLIST+GMPAGE
         MVC   MAPLIST+GMREF(4),MSGLIST+IPRMMSG+BUSREF
         LA    R1,MAPLIST
         DIAG  R1,R3,MAPPAGE
         BNZ   WRONG
MAPDISK  STCM  R4,7,TRANSFER+1
         LA    R1,CCWS
         BAL   R9,IOSTART
         TM    MSGLIST+IPTRGCLS+2,KEPT
         BO    SERVED
         DIAG  R4,R3,UNMAP
         BNZ   WRONG
SERVED   MVI   MSGLIST+IPFLAGS1,IPRMDATA
         MVC   MSGLIST+IPRMMSG(8),=A(BUSDONE,0)
         IUCV  REPLY,MSGLIST
         BNZ   WRONG
         B     SERVNEXT
*
         COPY  IOEND
*
RINGPSW  DC    0D'0',X'00080000',A(RINGWOKE)
EVENTIDX DC    X'20000000'
BATCH    DC    F'1'
OPERATN  DC    F'1'           1 write, 0 read
REPLIED  DC    F'0'
FOUR     EQU   X'01'          of byte 2 of WAY
ONCE     EQU   X'02'
KEPT     EQU   X'04'
REFS     DC    4F'0'          of pages that are granted, or mapped
GLIST    DC    A(0),F'1',CL8'SERVICE'
COPYLIST DC    CL8' ',F'0,0',A(DATA),F'4096,0,0'
MAPLIST  DC    CL8' ',F'0',A(0)
HEADSW   DC    H'0',H'3',H'6',H'9'
HEADSR   DC    H'12',H'15',H'18',H'21'
CCWS     DC    0D'0',X'63',AL3(EXTENT),X'4000',H'16'
         DC    X'43',AL3(LOCATE),X'4000',H'8'
TRANSFER DC    X'42',AL3(DATA),X'0000',H'4096'
EXTENT   DC    X'C0000000',F'0',F'0',F'8191'
LOCATE   DC    X'06000008',F'0'
         LTORG
DISKLIST DC    A(DISK,0)
DISK     DC    F'0',H'0',H'32',A(TABLE,AVAIL,USED),2H'0'
HEADERS  DC    16F'0'
STATUS   DC    4X'FF'
         DC    0H'0'
AVAIL    DC    2H'0',32H'0',H'0'
         DC    0F'0'
USED     DC    2H'0',32XL8'00',H'0'
         ORG   LOWCORE+X'1800'
TABLE    DC    F'0',A(HEADERS),F'16',H'1',H'1'
         DC    F'0',A(DATA),F'4096',H'1',H'2'
         DC    F'0',A(STATUS),F'1',H'2',H'0'
         DC    F'0',A(HEADERS+16),F'16',H'1',H'4'
         DC    F'0',A(DATA+4096),F'4096',H'1',H'5'
         DC    F'0',A(STATUS+1),F'1',H'2',H'0'
         DC    F'0',A(HEADERS+32),F'16',H'1',H'7'
         DC    F'0',A(DATA+8192),F'4096',H'1',H'8'
         DC    F'0',A(STATUS+2),F'1',H'2',H'0'
         DC    F'0',A(HEADERS+48),F'16',H'1',H'10'
         DC    F'0',A(DATA+12288),F'4096',H'1',H'11'
         DC    F'0',A(STATUS+3),F'1',H'2',H'0'
         DC    F'0',A(HEADERS),F'16',H'1',H'13'
         DC    F'0',A(DATA),F'4096',H'3',H'14'
         DC    F'0',A(STATUS),F'1',H'2',H'0'
         DC    F'0',A(HEADERS+16),F'16',H'1',H'16'
         DC    F'0',A(DATA+4096),F'4096',H'3',H'17'
         DC    F'0',A(STATUS+1),F'1',H'2',H'0'
         DC    F'0',A(HEADERS+32),F'16',H'1',H'19'
         DC    F'0',A(DATA+8192),F'4096',H'3',H'20'
         DC    F'0',A(STATUS+2),F'1',H'2',H'0'
         DC    F'0',A(HEADERS+48),F'16',H'1',H'22'
         DC    F'0',A(DATA+12288),F'4096',H'3',H'23'
         DC    F'0',A(STATUS+3),F'1',H'2',H'0'
         DC    8XL16'00'
         ORG   LOWCORE+X'2FF0'
MSGHEAD  DC    XL16'00'
DATA     DS    16384X
         END   BEGIN
