         COPY  MESSAGES
**********************************************************************
* NETLOAD: the network load of `vmcp ladder io` (docs/io-ladder.md). A
* machine sends frames of 1024 bytes, its partner answers each by 64
* bytes, in which is the sum of all that has come so far. A request
* is a frame and its answer.
*
* Parameters: see IOLOAD; 3F8: 1 sends, 2 is the partner. Ways:
*   1 channel-to-channel adapter 0E0
*   3 ring, one frame at a time
*   4 ring, four at a time: a doorbell and an interruption for all
*   5 ring, four at a time, a doorbell and an interruption for each
*   6 IUCV: SEND, RECEIVE, REPLY      7 VMCF: SEND/RECV, the same
*
* Ends in a disabled wait: 000000: well; 00DEAD: something was refused;
* 00BAD7: a ring was; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, 24K of storage; a machine PARTNER, which was
* started before; what the way says, at both; a ring is number 0, at
* the partner with the address 02:00:00:00:00:02, here with ...:01.
**********************************************************************
NETLOAD  START 0
         COPY  EQUATES
         COPY  IOLOAD
BEGIN    BALR  R12,0
BASE     LA    R13,4095(,R12)
         LA    R13,1(,R13)
         USING BASE,R12,R13
         LCTL  0,0,CR0LOAD
         MVC   PEER,=CL8'PARTNER'
         MVC   EXTNEW(8),RINGPSW
         CLI   WAY+3,6
         BE    PATHS
         CLI   WAY+3,7
         BE    AUTHOR
         CLI   WAY+3,3
         BL    READY
         SLR   R5,R5          rings: features
         CLI   WAY+3,4
         BNE   UP
         L     R5,EVENTIDX
UP       LA    R1,0
         LA    R4,NETLIST
         BAL   R14,RINGUP
         CLI   WAY+3,5
         BE    FOUR
         MVI   OUTAVAIL+1,1   what was sent is no news
         CLI   WAY+3,3
         BE    ADDRESS
FOUR     MVI   BATCH+3,4
ADDRESS  CLI   STRIDE+3,1
         BE    OFFERED
         MVC   HEADER(12),TOSENDER
OFFERED  BAL   R9,OFFER
         B     READY
AUTHOR   VMCF  AUTHORIZ
         LTR   R0,R0
         BNZ   WRONG
         B     READY
PATHS    CLI   STRIDE+3,2
         BE    DECLARED
         BAL   R9,PATHUP
         B     READY
DECLARED IUCV  DCLBFR,DECLARE
         BNZ   WRONG
READY    STCK  TFIRST
         SLR   R10,R10
         L     R11,TIMES
         CLI   STRIDE+3,2
         BE    PARTNER
*
* Who sends. R10 number of the frame, R11 those to come.
*
ROUND    SLR   R4,R4          make the frames ready
PREPARE  LA    R10,1(,R10)
         LR    R3,R4
         SLL   R3,10
         LA    R3,FRAMES(R3)
         MVC   0(14,R3),HEADER
         LA    R2,15
         LR    R1,R10
FILL     MH    R1,=H'31'
         LA    R3,64(,R3)
         ST    R1,0(,R3)
         BCT   R2,FILL
         LA    R4,1(,R4)
         C     R4,BATCH
         BL    PREPARE
         STCK  TBEGIN
         CLI   WAY+3,1
         BE    BYCTCA
         CLI   WAY+3,6
         BE    BYPATH
         CLI   WAY+3,7
         BE    BYVMCF
         LA    R0,1024
         BAL   R9,SENDALL
         L     R4,BATCH
ANSWERS  LA    R2,NETIN
         BAL   R14,RINGGET
         CH    R1,=H'64'
         BNE   WRONG
         LR    R3,R0
         SLL   R3,10
         AL    R3,=A(FRAMESIN)
         MVC   SUM,16(R3)
         BAL   R9,TOCK
         BCT   R4,ANSWERS
         BAL   R9,OFFER
         BAL   R9,REAP
         B     OVER
*
BYCTCA   LA    R1,WRITE
         LA    R2,X'0E0'
         BAL   R9,IOSTART
         LA    R1,READBACK
         LA    R2,X'0E0'
         BAL   R9,IOSTART
         B     ANSWERED
*
BYPATH   XC    MSGLIST,MSGLIST
         MVC   MSGLIST(2),PATHLIST
         LA    R4,FRAMES
         ST    R4,MSGLIST+IPBFADR1
         LA    R4,1024
         ST    R4,MSGLIST+IPBFLN1F
         LA    R4,ANSWER
         ST    R4,MSGLIST+IPBFADR2
         LA    R4,64
         ST    R4,MSGLIST+IPBFLN2F
         IUCV  SEND,MSGLIST
         BNZ   WRONG
         BAL   R14,AWAIT
         CLI   IUCVBUF+IPTYPE,IPCOMPN
         BNE   WRONG
         NC    IUCVBUF+IPAUDIT(3),IUCVBUF+IPAUDIT
         BNZ   WRONG
         B     ANSWERED
*
BYVMCF   XC    MSGLIST,MSGLIST
         MVC   MSGLIST+VMUSER(8),PEER
         MVI   MSGLIST+VMFUNC+1,VMSENDR
         ST    R10,MSGLIST+VMID
         LA    R4,FRAMES
         ST    R4,MSGLIST+VMADDRA
         LA    R4,1024
         ST    R4,MSGLIST+VMLENA
         LA    R4,ANSWER
         ST    R4,MSGLIST+VMADDRB
         LA    R4,64
         ST    R4,MSGLIST+VMLENB
         VMCF  MSGLIST
         LTR   R0,R0
         BNZ   WRONG
         BAL   R14,AWAIT
         CLC   VMCFBUF(2),=X'8000'     a response, and no error
         BNE   WRONG
ANSWERED MVC   SUM,ANSWER+16
         BAL   R9,TOCK
OVER     S     R11,BATCH
         BP    ROUND
         STCK  TEND
         L     R1,TEND+3
         SL    R1,TFIRST+3
         ST    R1,INALL
         B     LASTLINE
*
* The partner. R11 frames to come.
*
PARTNER  CLI   WAY+3,1
         BE    ENDCTCA
         CLI   WAY+3,6
         BE    ENDPATH
         CLI   WAY+3,7
         BE    ENDVMCF
ENDRING  SLR   R4,R4
TAKEN    LA    R2,NETIN
         BAL   R14,RINGGET
         CH    R1,=H'1024'
         BNE   WRONG
         LR    R3,R0
         SLL   R3,10
         AL    R3,=A(FRAMESIN)
         BAL   R9,SUMUP
         LR    R3,R4
         SLL   R3,10
         LA    R3,FRAMES(R3)
         MVC   0(14,R3),HEADER
         MVC   16(4,R3),SUM
         LA    R4,1(,R4)
         C     R4,BATCH
         BL    TAKEN
         BAL   R9,OFFER
         LA    R0,64
         BAL   R9,SENDALL
         BAL   R9,REAP
         S     R11,BATCH
         BP    ENDRING
         B     LASTLINE
ENDCTCA  LA    R1,READ1
         LA    R2,X'0E0'
         BAL   R9,IOSTART
         L     R3,=A(FRAMESIN)
         BAL   R9,SUMUP
         MVC   ANSWER+16(4),SUM
         LA    R1,WRITEBAK
         LA    R2,X'0E0'
         BAL   R9,IOSTART
         BCT   R11,ENDCTCA
         B     LASTLINE
ENDPATH  BAL   R14,AWAIT
         MVC   MSGLIST,IUCVBUF
         CLI   IUCVBUF+IPTYPE,IPCONPEN
         BE    ACCEPT
         CLI   IUCVBUF+IPTYPE,IPMSGP
         BL    ENDPATH
         L     R4,=A(FRAMESIN)
         ST    R4,MSGLIST+IPBFADR1
         LR    R3,R4
         LA    R4,1024
         ST    R4,MSGLIST+IPBFLN1F
         IUCV  RECEIVE,MSGLIST
         BNZ   WRONG
         BAL   R9,SUMUP
         MVC   ANSWER+16(4),SUM
         MVI   MSGLIST+IPFLAGS1,0
         LA    R4,ANSWER
         ST    R4,MSGLIST+IPBFADR2
         LA    R4,64
         ST    R4,MSGLIST+IPBFLN2F
         IUCV  REPLY,MSGLIST
         BNZ   WRONG
         BCT   R11,ENDPATH
         B     LASTLINE
ACCEPT   IUCV  ACCEPT,MSGLIST
         BNZ   WRONG
         B     ENDPATH
ENDVMCF  BAL   R14,AWAIT
         MVC   MSGLIST,VMCFBUF
         MVI   MSGLIST+VMFLAGS,0
         MVC   MSGLIST+VMFUNC(2),=AL2(VMRECEIV)
         L     R3,=A(FRAMESIN)
         ST    R3,MSGLIST+VMADDRA
         VMCF  MSGLIST
         LTR   R0,R0
         BNZ   WRONG
         BAL   R9,SUMUP
         MVC   ANSWER+16(4),SUM
         MVC   MSGLIST+VMFUNC(2),=AL2(VMREPLY)
         LA    R4,ANSWER
         ST    R4,MSGLIST+VMADDRA
         LA    R4,64
         ST    R4,MSGLIST+VMLENA
         VMCF  MSGLIST
         LTR   R0,R0
         BNZ   WRONG
         BCT   R11,ENDVMCF
         B     LASTLINE
*
* SUMUP: the frame at R3 to the sum. BAL R9.
*
SUMUP    L     R1,REQUESTS
         LA    R1,1(,R1)
         ST    R1,REQUESTS
         LA    R2,15
         L     R15,SUM
SUMWORD  LA    R3,64(,R3)
         MH    R15,=H'31'
         AL    R15,0(,R3)
         BCT   R2,SUMWORD
         ST    R15,SUM
         BR    R9
*
* OFFER: all buffers to the ring of what comes. SENDALL: the frames,
* R0 bytes each. REAP: what the adapter has sent. BAL R9.
*
OFFER    LA    R2,NETIN
         LA    R4,INAVAIL
         LA    R15,INUSED
         B     ENTER
SENDALL  LA    R2,NETOUT
         ST    R0,OUTTABLE+8
         ST    R0,OUTTABLE+24
         ST    R0,OUTTABLE+40
         ST    R0,OUTTABLE+56
         LA    R4,OUTAVAIL
         LA    R15,OUTUSED
ENTER    CLI   BATCH+3,1
         BNE   ENTER4
         LA    R0,0
         BAL   R14,RINGPUT
         BR    R9
ENTER4   LH    R6,2(,R4)      index: a multiple of four
         LR    R7,R6
         N     R7,=F'15'
         AR    R7,R7
         LA    R7,4(R7,R4)
         MVC   0(8,R7),HEADS
         LH    R3,QNUMBER(,R2)
         CLI   WAY+3,5
         BE    EACH
         LA    R1,3(,R6)      USED_EVENT: the last of them
         LTR   R3,R3
         BZ    *+8
         LA    R1,64(,R6)     of what is sent: none
         STH   R1,36(,R4)
         LA    R6,4(,R6)
         STH   R6,2(,R4)
         LH    R1,132(,R15)   AVAILABLE_EVENT
         LR    R7,R6
         SR    R7,R1
         BCTR  R7,0
         N     R7,=X'0000FFFF'
         CH    R7,=H'4'       now - event - 1 < now - before
         BNLR  R9
         SLR   R1,R1
         DIAG  R1,R3,X'230'
         BZR   R9
         B     WRONG
EACH     LA    R8,4
EACHONE  LA    R6,1(,R6)
         STH   R6,2(,R4)
         SLR   R1,R1
         DIAG  R1,R3,X'230'   whether the adapter wants that or not
         BNZ   WRONG
         BCT   R8,EACHONE
         BR    R9
REAP     L     R4,BATCH
REAPONE  LA    R2,NETOUT
         BAL   R14,RINGGET
         BCT   R4,REAPONE
         BR    R9
*
         COPY  IOEND
*
RINGPSW  DC    0D'0',X'00080000',A(RINGWOKE)
EVENTIDX DC    X'20000000'
BATCH    DC    F'1'
HEADS    DC    H'0',H'1',H'2',H'3'
HEADER   DC    X'020000000002020000000001',X'88B5'
TOSENDER DC    X'020000000001020000000002'
         DS    0D
AUTHORIZ DC    X'0000',AL2(VMAUTHRZ),F'0',CL8' '
         DC    A(VMCFBUF,VMLIST,0,0),CL8' '
VMCFBUF  DS    XL40
WRITE    CCW   X'01',FRAMES,0,1024
READBACK CCW   X'02',ANSWER,0,64
READ1    CCW   X'02',FRAMESIN,0,1024
WRITEBAK CCW   X'01',ANSWER,0,64
ANSWER   DC    XL64'00'
         LTORG
NETLIST  DC    A(NETIN,NETOUT,0)
NETIN    DC    F'0',H'0',H'16',A(INTABLE,INAVAIL,INUSED),2H'0'
NETOUT   DC    F'0',H'1',H'16',A(OUTTABLE,OUTAVAIL,OUTUSED),2H'0'
         DC    0F'0'
INAVAIL  DC    2H'0',16H'0',2H'0'
OUTAVAIL DC    2H'0',16H'0',2H'0'
INUSED   DC    2H'0',16XL8'00',2H'0'
OUTUSED  DC    2H'0',16XL8'00',2H'0'
         ORG   LOWCORE+X'1400'
INTABLE  DC    F'0',A(FRAMESIN),F'1024',H'2',H'0'
         DC    F'0',A(FRAMESIN+1024),F'1024',H'2',H'0'
         DC    F'0',A(FRAMESIN+2048),F'1024',H'2',H'0'
         DC    F'0',A(FRAMESIN+3072),F'1024',H'2',H'0'
         DC    12XL16'00'
OUTTABLE DC    F'0',A(FRAMES),F'1024',H'0',H'0'
         DC    F'0',A(FRAMES+1024),F'1024',H'0',H'0'
         DC    F'0',A(FRAMES+2048),F'1024',H'0',H'0'
         DC    F'0',A(FRAMES+3072),F'1024',H'0',H'0'
         DC    12XL16'00'
FRAMES   DC    16XL256'00'
         ORG   LOWCORE+X'3000'
FRAMESIN DS    4096X
         END   BEGIN
