**********************************************************************
* BENCH: calls the driver in driver.copy, as an operating system would,
* and looks whether it does what it should. Leave it as it is: you are
* judged with the lab's own.
*
* Parameters, words:
*   3F0  what: 1 the device's name, 2 blocks copied one at a time, 3
*        reads that end at any moment, 4 many at a time, 5 by tens,
*        6 the indexes go around, 7 the device fails
*   3F4  how many
*   3F8  features that the driver may accept
*   3FC  with what the data begin
* Ends in a disabled wait: 000000: well; 00BADn: the console says what
* is wrong; DEADxx: see ECLOW.
* Needs: a block device as ring 0, with the blocks of KEEPER.
**********************************************************************
BENCH    START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+EXTNEW
         DC    X'00080000',A(DRVINT)
         ORG   LOWCORE+PARM1
WHAT     DC    F'1'
HOWMANY  DC    F'16'
MAYHAVE  DC    F'0'
SEED     DC    X'01000000'
*
* A request, as the driver gets it.
*
RQTYPE   EQU   0              word: RQREAD, RQWRITE, RQFLUSH, RQNAME
*                             word: unused
*                             doubleword: number of the block
RQDATA   EQU   16             word: address of the data
RQLEN    EQU   20             word: their length; 0: none
RQSTAT   EQU   24             byte: how it ended
RQREAD   EQU   0
RQWRITE  EQU   1
RQFLUSH  EQU   4
RQNAME   EQU   8
RQLOST   EQU   X'FE'          how it ended: the device was reset
*
* What the bench itself notes in it.
*
RQBUSY   EQU   25             byte: X'80': the driver has it
RQWANT   EQU   26             byte: how it should end
RQALSO   EQU   27             byte: or so
RQTO     EQU   28             word: which block's data these are
RQSIZE   EQU   32
*
* The driver: in the first 4096 bytes, so that it needs no base.
*
         ORG   LOWCORE+X'400'
         COPY  DRIVER
         LTORG
BNEND    EQU   *
*
         ORG   LOWCORE+X'1000'
BEGIN    BALR  R12,0
         USING *,R12
         L     R5,MAYHAVE
         BAL   R14,DRVUP
         LTR   R15,R15
         BZ    BNTELL
         LA    R1,1
         B     BNFAIL
BNTELL   SLR   R1,R1          what the device says of itself
         LA    R3,BNTOLD
         DIAG  R1,R3,X'234'
         CLI   BNTOLD+12,X'0F'
         BE    BNISUP
         LA    R1,2
         B     BNFAIL
BNISUP   CLC   BNTOLD+8(4),MAYHAVE
         BE    BNGO
         LA    R1,3
         B     BNFAIL
BNGO     L     R1,WHAT
         SLL   R1,2
         B     *(R1)
         B     BNNAME
         B     BNONE
         B     BNANY
         B     BNMANY
         B     BNTENS
         B     BNAROUND
         B     BNRESET
BNWELL   LPSW  BNWELLP
*
* 1: its name; a flush; something that it does not do; a read.
*
BNNAME   MVC   BNTYPE(4),=A(RQNAME)
         MVC   BNDATA(4),=A(BNTEXT)
         MVC   BNLEN(4),=F'20'
         BAL   R10,BNSINGLE
         LA    R2,BNTITLE
         LA    R3,16
         BAL   R14,CONWRITE
         MVC   BNTYPE(4),=A(RQFLUSH)
         MVC   BNLEN(4),=F'0'
         BAL   R10,BNSINGLE
         MVC   BNTYPE(4),=F'99'
         MVI   BNWANT,2
         BAL   R10,BNSINGLE
         LA    R11,5          these have ended at once, this does not
         BAL   R10,BNREADS
         BAL   R10,BNSINGLE
         B     BNWELL
*
* 2: reads blocks, and writes what it has read behind block 32, one
* at a time.
*
BNONE    LA    R9,1
         ST    R9,BNFIRST
         SLR   R9,R9
         ST    R9,BNSECOND
         BAL   R13,BNCOPY
         B     BNWELL
*
* 3: reads, each of which the driver waits for at another moment.
*
BNANY    SLR   R9,R9
BNANY1   LR    R11,R9
         N     R11,=F'15'
         BAL   R10,BNREADS
         BAL   R14,BNPUT
         BNZ   BNROOM
         BAL   R14,DRVKICK
         LR    R1,R9
         MH    R1,=H'125'
         A     R1,=F'24000'
         BCT   R1,*
         BAL   R10,BNAWAIT
         LA    R9,1(,R9)
         C     R9,HOWMANY
         BL    BNANY1
         B     BNWELL
*
* 4: as many at a time as there is room for; each eighth one is of a
* block that is not there. Reads, then writes.
*
BNMANY   MVI   BNPHASE,0
BNMANY0  SLR   R9,R9          how many were put
         SLR   R13,R13        how many of them have ended
BNMANY1  C     R9,HOWMANY
         BNL   BNMANY4
         LR    R11,R9         0, 13, 26, 7: not one by one
         MH    R11,=H'13'
         N     R11,=F'31'
         BAL   R10,BNREADS
         CLI   BNPHASE,0
         BE    *+8
         BAL   R10,BNWRITES
         LR    R1,R9
         N     R1,=F'7'
         C     R1,=F'3'
         BNE   BNMANY2
         MVC   BNBLOCK(4),=X'00FFFFFF'
         MVI   BNWANT,1
BNMANY2  BAL   R14,BNPUT
         BNZ   BNMANY3
         LA    R9,1(,R9)
         B     BNMANY1
BNMANY3  LR    R1,R9          no room
         SR    R1,R13
         C     R1,=F'10'
         BL    BNROOM
BNMANY4  BAL   R14,DRVKICK
         CR    R9,R13
         BE    BNMANY6
         LA    R3,1
         BAL   R14,DRVWAIT
         BAL   R10,BNGET      one there must be
         B     *+8
BNMANY5  BAL   R10,BNGETANY
         LTR   R2,R2
         BZ    BNMANY1
         LA    R13,1(,R13)
         B     BNMANY5
BNMANY6  C     R9,HOWMANY
         BL    BNMANY1
         CLI   BNPHASE,0
         BNE   BNREST         what was left out is written now
         MVI   BNPHASE,1
         B     BNMANY0
BNREST   MVI   BNWANT,0
         LA    R9,3
BNREST1  LR    R11,R9
         MH    R11,=H'13'
         N     R11,=F'31'
         BAL   R10,BNREADS
         BAL   R10,BNSINGLE
         BAL   R10,BNWRITES
         BAL   R10,BNSINGLE
         LA    R9,8(,R9)
         C     R9,HOWMANY
         BL    BNREST1
         B     BNWELL
*
* 5: like 2, but eight and then two more at a time.
*
BNTENS   LA    R9,8
         ST    R9,BNFIRST
         LA    R9,2
         ST    R9,BNSECOND
         BAL   R13,BNCOPY
         B     BNWELL
*
* 6: flushes, eight at a time, until the indexes have been around.
*
BNAROUND MVC   BNTYPE(4),=A(RQFLUSH)
         MVC   BNLEN(4),=F'0'
         L     R9,HOWMANY
BNARND1  LA    R11,8
BNARND2  BAL   R14,BNPUT
         BNZ   BNROOM
         BCT   R11,BNARND2
         BAL   R14,DRVKICK
         LA    R3,8
         BAL   R14,DRVWAIT
         LA    R11,8
BNARND3  BAL   R10,BNGET
         BCT   R11,BNARND3
         S     R9,=F'8'
         BP    BNARND1
         B     BNWELL
*
* 7: the device finds a buffer that it cannot use, and needs a reset.
* First behind three reads of which none has ended: all four are lost.
*
BNRESET  MVI   BNALSO,RQLOST
         LA    R9,3
BNRES1   LR    R11,R9
         BAL   R10,BNREADS
         BAL   R14,BNPUT
         BNZ   BNROOM
         BCT   R9,BNRES1
         BAL   R10,BNBAD
         BAL   R14,DRVKICK
         LA    R3,4
         BAL   R14,DRVWAIT
         LA    R9,4
BNRES2   BAL   R10,BNGET
         BCT   R9,BNRES2
         MVI   BNALSO,0
         LA    R9,3           once more, without it
BNRES3   LR    R11,R9
         BAL   R10,BNREADS
         BAL   R10,BNSINGLE
         BCT   R9,BNRES3
         LA    R11,5          then behind a read that has ended, but
         BAL   R10,BNREADS    was not yet taken
         BAL   R14,BNPUT
         BNZ   BNROOM
         BAL   R14,DRVKICK
         LA    R3,1
         BAL   R14,DRVWAIT
         BAL   R10,BNBAD
         BAL   R14,DRVKICK
         LA    R3,2
         BAL   R14,DRVWAIT
         BAL   R10,BNGET
         BAL   R10,BNGET
         MVI   BNWANT,0
         B     BNTENS         and it works on
*
* BNBAD: a read into storage that the machine does not have. By R10.
*
BNBAD    MVC   BNDATA(4),=X'00FF0000'
         MVI   BNWANT,RQLOST
         ST    R10,BNBADR
         BAL   R14,BNPUT
         BNZ   BNROOM
         MVI   BNWANT,0
         L     R10,BNBADR
         BR    R10
*
* BNCOPY: HOWMANY blocks, BNFIRST and then BNSECOND of them at a time.
* By R13.
*
BNCOPY   MVI   BNPHASE,0
BNCOPY0  SLR   R9,R9
         ST    R9,BNTURN
BNCOPY1  ST    R9,BNBEGAN
         L     R8,BNFIRST
         BAL   R10,BNGROUP
         L     R8,BNSECOND
         LTR   R8,R8
         BZ    *+8
         BAL   R10,BNGROUP
         LR    R3,R9
         S     R3,BNBEGAN
         BAL   R14,DRVWAIT
         LR    R11,R9
         S     R11,BNBEGAN
BNCOPY2  BAL   R10,BNGET
         BCT   R11,BNCOPY2
         BAL   R10,BNGETANY
         LTR   R2,R2
         BNZ   BNTWICE
         C     R9,HOWMANY
         BL    BNCOPY1
         CLI   BNPHASE,0
         BNER  R13
         MVI   BNPHASE,1
         B     BNCOPY0
*
* BNGROUP: R8 requests more, each three blocks behind the one before.
* By R10; counts in R9.
*
BNGROUP  ST    R10,BNGROUPR
         ST    R8,BNLEFT
BNGRP1   L     R11,BNTURN
         LA    R1,3(,R11)
         C     R1,HOWMANY
         BL    *+8
         S     R1,HOWMANY
         ST    R1,BNTURN
         BAL   R10,BNREADS
         CLI   BNPHASE,0
         BE    *+8
         BAL   R10,BNWRITES
         BAL   R14,BNPUT
         BNZ   BNROOM
         LA    R9,1(,R9)
         L     R8,BNLEFT
         BCTR  R8,0
         ST    R8,BNLEFT
         LTR   R8,R8
         BP    BNGRP1
         BAL   R14,DRVKICK
         L     R10,BNGROUPR
         BR    R10
*
* BNREADS: the next request is to read block R11; BNWRITES: to write
* what was read of it. By R10; destroy R1.
*
BNREADS  MVC   BNTYPE(4),=A(RQREAD)
         ST    R11,BNBLOCK
         ST    R11,BNTO
         LR    R1,R11
         SLL   R1,9
         A     R1,=A(BNBUFFER)
         ST    R1,BNDATA
         MVC   BNLEN(4),=F'512'
         MVI   BNWANT,0
         BR    R10
BNWRITES MVC   BNTYPE(4),=A(RQWRITE)
         LA    R1,32(,R11)
         ST    R1,BNBLOCK
         BR    R10
*
* BNSINGLE: a request, and its end. By R10.
*
BNSINGLE ST    R10,BNSINGR
         BAL   R14,BNPUT
         BNZ   BNROOM
         BAL   R14,DRVKICK
         BAL   R10,BNAWAIT
         L     R10,BNSINGR
         BR    R10
*
* BNAWAIT: waits for one, and takes it. By R10.
*
BNAWAIT  LA    R3,1
         BAL   R14,DRVWAIT
         B     BNGET
*
* BNPUT: gives the driver a request. By R14; not zero: it has no room.
*
BNPUT    ST    R14,BNPUTR
         LA    R2,BNREQS
BNPUT1   TM    RQBUSY(R2),X'80'
         BZ    BNPUT2
         LA    R2,RQSIZE(,R2)
         C     R2,=A(BNREQSN)
         BL    BNPUT1
         LA    R1,4
         B     BNFAIL
BNPUT2   MVC   RQTYPE(4,R2),BNTYPE
         XC    4(8,R2),4(R2)
         MVC   12(4,R2),BNBLOCK
         MVC   RQDATA(4,R2),BNDATA
         MVC   RQLEN(4,R2),BNLEN
         MVI   RQSTAT(R2),X'FF'
         MVI   RQBUSY(R2),X'80'
         MVC   RQWANT(1,R2),BNWANT
         MVC   RQALSO(1,R2),BNALSO
         CLI   BNALSO,0
         BNE   *+10
         MVC   RQALSO(1,R2),BNWANT
         MVC   RQTO(4,R2),BNTO
         CLC   BNTYPE(4),=A(RQREAD)
         BNE   BNPUT3
         CLI   BNDATA+1,X'FF'
         BE    BNPUT3
         L     R3,BNDATA      so that nothing from before is there
         XC    0(256,R3),0(R3)
         XC    256(256,R3),256(R3)
BNPUT3   ST    R2,BNCURR
         BAL   R14,DRVPUT
         LTR   R15,R15
         BZ    BNPUT4
         L     R2,BNCURR
         MVI   RQBUSY(R2),0
BNPUT4   L     R14,BNPUTR
         LTR   R15,R15
         BR    R14
*
* BNGET: takes what has ended; BNGETANY: or nothing, R2 is zero then.
* By R10.
*
BNGET    BAL   R14,DRVGET
         LTR   R2,R2
         BNZ   BNGOT
         LA    R1,5
         B     BNFAIL
BNGETANY BAL   R14,DRVGET
         LTR   R2,R2
         BZR   R10
BNGOT    LR    R3,R2          one of mine?
         S     R3,=A(BNREQS)
         BM    BNTWICE
         C     R3,=A(BNREQSN-BNREQS)
         BNL   BNTWICE
         N     R3,=A(RQSIZE-1)
         BNZ   BNTWICE
         TM    RQBUSY(R2),X'80'
         BZ    BNTWICE
         CLI   RQSTAT(R2),X'FF'
         BE    BNEARLY
         MVI   RQBUSY(R2),0
         CLC   RQSTAT(1,R2),RQWANT(R2)
         BE    BNGOT1
         CLC   RQSTAT(1,R2),RQALSO(R2)
         BNE   BNSTATUS
BNGOT1   CLC   RQTYPE(4,R2),=A(RQREAD)
         BNER  R10
         CLI   RQSTAT(R2),0
         BNER  R10
         L     R3,RQDATA(,R2)
         L     R4,RQTO(,R2)
         SLL   R4,12
         A     R4,SEED
         LA    R5,128
BNGOT2   C     R4,0(,R3)
         BNE   BNDIFF
         LA    R3,4(,R3)
         LA    R4,1(,R4)
         BCT   R5,BNGOT2
         BR    R10
BNEARLY  LA    R1,6
         CLI   RQALSO(R2),RQLOST
         BNE   BNFAIL
         LA    R1,13
         B     BNFAIL
BNTWICE  LA    R1,7
         B     BNFAIL
BNSTATUS LA    R1,8
         CLI   RQSTAT(R2),RQLOST
         BNE   BNFAIL
         LA    R1,11
         CLC   RQLEN(4,R2),=F'0'
         BNE   BNFAIL
         LA    R1,12
         B     BNFAIL
BNDIFF   LA    R1,9
         B     BNFAIL
BNROOM   LA    R1,10
         B     BNFAIL
*
* BNFAIL: R1 says what is wrong, 1 to 13.
*
BNFAIL   STC   R1,BNBADP+7
         OI    BNBADP+7,X'D0'
         BCTR  R1,0
         MH    R1,=H'48'
         LA    R2,BNTEXTS(R1)
         LA    R3,48
         BAL   R14,CONWRITE
         LPSW  BNBADP
*
         COPY  ECCON
*
BNWELLP  DC    0D'0',X'000A0000',A(0)
BNBADP   DC    0D'0',X'000A0000',A(X'00BAD0')
BNTOLD   DC    0D'0',64X'00'
BNTYPE   DC    F'0'
BNBLOCK  DC    F'0'
BNDATA   DC    F'0'
BNLEN    DC    F'0'
BNTO     DC    F'0'
BNWANT   DC    X'00'
BNALSO   DC    X'00'
BNPHASE  DC    X'00'
BNFIRST  DC    F'0'
BNSECOND DC    F'0'
BNTURN   DC    F'0'
BNBEGAN  DC    F'0'
BNLEFT   DC    F'0'
BNCURR   DC    F'0'
BNPUTR   DC    F'0'
BNGROUPR DC    F'0'
BNSINGR  DC    F'0'
BNBADR   DC    F'0'
BNTEXTS  DS    0H
         DC    CL48'THE DRIVER SAYS THAT IT IS NOT UP.'
         DC    CL48'THE DEVICE DOES NOT HAVE THE STATUS 0F.'
         DC    CL48'OTHER FEATURES ARE ACCEPTED THAN SHOULD BE.'
         DC    CL48'THE DRIVER TAKES MORE THAN THERE IS ROOM FOR.'
         DC    CL48'DRVWAIT CAME BACK, BUT DRVGET HAS NOTHING.'
         DC    CL48'DRVGET GAVE A REQUEST THAT HAS NOT ENDED.'
         DC    CL48'DRVGET GAVE WHAT IS NO REQUEST UNDER WAY.'
         DC    CL48'A REQUEST HAS ENDED WITH ANOTHER STATUS.'
         DC    CL48'A BLOCK WAS READ WITH WRONG DATA.'
         DC    CL48'DRVPUT HAS NO ROOM, BUT TEN CHAINS DO FIT.'
         DC    CL48'A REQUEST IS LOST THAT SHOULD NOT BE.'
         DC    CL48'A FLUSH, WHICH HAS NO DATA, IS LOST.'
         DC    CL48'A REQUEST IS LOST, BUT ITS STATUS IS NOT FE.'
BNTITLE  DC    C'THIS IS '
BNTEXT   DC    CL20' '
BNREQS   DC    0D'0',16XL32'00'
BNREQSN  EQU   *
         LTORG
         ORG   LOWCORE+X'4000'
BNBUFFER DS    16384X
         END   BEGIN
