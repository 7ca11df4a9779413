         COPY  MESSAGES
         COPY  BUS
**********************************************************************
* CLIENT: of a service machine (guest SERVICE): it has no disk of its
* own, but a front end that asks the service machine by IUCV. It writes
* all its 4096s, each with a pattern of its own, up to four at a time,
* reads them all back, and compares.
*
* A request stays in its slot until it has been answered. If the
* service machine dies, the path is severed: CLIENT tries every 50
* milliseconds to connect again, grants its pages anew, and sends what
* is in the slots once more.
*
* Parameters, words:
*   3F0  4096s (16)
*   3F4  how often all of them (1)
*   3F8, 3FC  name of the service machine (SERVICE)
*   3E0  of the patterns (1)
*
* Ends in a disabled wait: address 000000: everything was as it should
* be; 00DEAD: it was not; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, 32K of storage, grants; a service machine.
**********************************************************************
CLIENT   START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+PARM5
PATTERN  DC    F'1'
         ORG   LOWCORE+PARM1
PAGES    DC    F'16'
ROUNDS   DC    F'1'
NAME     DC    CL8'SERVICE'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         MVC   EXTNEW(8),EXTPSW
         LCTL  0,0,CR0
         MVC   GLIST+GRNAME(8),NAME
         IUCV  DCLBFR,DECLARE
         BNZ   WRONG
         BAL   R14,CONNECT
         L     R7,ROUNDS
ROUND    LA    R8,BUSWRITE
PASS     SLR   R11,R11             which 4096
EACH     BAL   R14,FREESLOT
         LR    R1,R8
         SLL   R1,24
         OR    R1,R11
         ST    R1,SLREQ(,R10)
         L     R2,SLADDR(,R10)
         L     R3,PAGESIZE
         CLI   SLREQ(R10),BUSWRITE
         BE    FILL
         SLR   R4,R4               nothing in it that was there before
         SLR   R5,R5
         MVCL  R2,R4
         B     READY
FILL     BAL   R14,SEED
FILLNEXT AL    R5,STEP
         ST    R5,0(,R2)
         LA    R2,4(,R2)
         BCT   R4,FILLNEXT
READY    MVI   SLSTATE(R10),SLWANTED
         BAL   R14,SENDIT
         LA    R11,1(,R11)
         C     R11,PAGES
         BL    EACH
*
* All are to be answered, before they are read or written again.
*
ALL      LA    R10,SLOTS
         LA    R1,SLCOUNT
ALLNEXT  CLI   SLSTATE(R10),SLFREE
         BE    ALLGOOD
         CLI   SLSTATE(R10),SLENDED
         BE    ALLENDED
         BAL   R14,AWAIT
         B     ALL
ALLENDED BAL   R14,FINISH
         B     ALL
ALLGOOD  LA    R10,SLLENGTH(,R10)
         BCT   R1,ALLNEXT
         LA    R0,BUSREAD
         CR    R8,R0
         LR    R8,R0
         BNE   PASS
         BCT   R7,ROUND
         UNPK  NUMBER,LOST
         OI    NUMBER+4,X'F0'
         LA    R2,SUMMARY
         LA    R3,L'SUMMARY
         BAL   R14,CONWRITE
         IUCV  RTRVBFR
         LPSW  WELL
*
* A slot that is free: R10.
*
FREESLOT ST    R14,SAVEFREE
FREESEEK LA    R10,SLOTS
         LA    R1,SLCOUNT
FREENEXT CLI   SLSTATE(R10),SLFREE
         BE    FREEGOT
         CLI   SLSTATE(R10),SLENDED
         BE    FREEENDS
         LA    R10,SLLENGTH(,R10)
         BCT   R1,FREENEXT
         BAL   R14,AWAIT
         B     FREESEEK
FREEENDS BAL   R14,FINISH
FREEGOT  L     R14,SAVEFREE
         BR    R14
*
* The request in the slot at R10 has been answered: is what was read
* what had been written?
*
FINISH   ST    R14,SAVEFIN
         CLI   SLREQ(R10),BUSREAD
         BNE   FINISHED
         BAL   R14,SEED
COMPARE  AL    R5,STEP
         C     R5,0(,R2)
         BNE   WRONG
         LA    R2,4(,R2)
         BCT   R4,COMPARE
FINISHED MVI   SLSTATE(R10),SLFREE
         L     R14,SAVEFIN
         BR    R14
*
* What the pattern of the slot's 4096 begins with: R5; R2: where, R4:
* words.
*
SEED     SLR   R5,R5
         ICM   R5,7,SLREQ+1(R10)
         SLL   R5,8
         AR    R5,R7
         SLL   R5,8
         A     R5,PATTERN
         L     R2,SLADDR(,R10)
         LA    R4,1024
         BR    R14
*
* The front end. SENDIT: the request in the slot at R10; it waits
* where there is no path.
*
SENDIT   CLI   STATE,CONNECTD
         BNER  R14
         XC    ILIST,ILIST
         MVC   ILIST+IPPATHID(2),PATH
         MVI   ILIST+IPFLAGS1,IPRMDATA
         MVC   ILIST+IPRMMSG(4),SLREQ(R10)
         MVC   ILIST+IPRMMSG+BUSREF(4),SLREF(R10)
         ST    R10,ILIST+IPMSGTAG
         IUCV  SEND,ILIST
         BNZR  R14                 severed: we shall hear of it
         MVI   SLSTATE(R10),SLSENT
         BR    R14
*
* Waits for one interruption, and does what it asks for.
*
AWAIT    ST    R14,SAVEWAIT
         LPSW  WAIT
WOKEN    CLC   EXTCODE(2),BYIUCV
         BE    TOLD
         CLI   STATE,NOTHING       the timer
         BNE   HEARD
         BAL   R14,CONNECT
HEARD    L     R14,SAVEWAIT
         BR    R14
TOLD     CLI   IUCVBUF+IPTYPE,IPCOMPN
         BE    ANSWERED
         CLI   IUCVBUF+IPTYPE,IPCONCMP
         BE    OPENED
         CLI   IUCVBUF+IPTYPE,IPSEVERD
         BE    SEVERED
         B     HEARD
ANSWERED CLC   IUCVBUF+IPPATHID(2),PATH
         BNE   HEARD
         NC    IUCVBUF+IPAUDIT(3),IUCVBUF+IPAUDIT
         BNZ   HEARD               severed: it is sent once more
         L     R1,IUCVBUF+IPRMMSG
         LTR   R1,R1
         BNZ   WRONG
         L     R10,IUCVBUF+IPMSGTAG
         MVI   SLSTATE(R10),SLENDED
         B     HEARD
*
* There is a path: all pages are granted, all that is in slots is
* sent.
*
OPENED   MVI   STATE,CONNECTD
         MVC   PATH,IUCVBUF+IPPATHID
         LA    R10,SLOTS
         LA    R2,SLCOUNT
OPENNEXT MVC   GLIST+GRPAGE(4),SLADDR(R10)
         LA    R3,GLIST
         DIAG  R3,R4,GRANT
         BNZ   HEARD               gone already: severed comes next
         ST    R4,SLREF(,R10)
         CLI   SLSTATE(R10),SLFREE
         BE    OPENED2
         CLI   SLSTATE(R10),SLENDED
         BE    OPENED2
         BAL   R14,SENDIT
OPENED2  LA    R10,SLLENGTH(,R10)
         BCT   R2,OPENNEXT
         B     HEARD
*
* The service machine has gone, or let us go.
*
SEVERED  MVC   ILIST,IUCVBUF
         MVI   ILIST+IPFLAGS1,0
         IUCV  SEVER,ILIST
         MVI   STATE,NOTHING
         AP    LOST,ONE
         LA    R10,SLOTS
         LA    R2,SLCOUNT
SEVNEXT  L     R3,SLREF(,R10)
         LA    R4,1
         DIAG  R3,R4,REVOKE        the death of its owner did it, too
         LA    R10,SLLENGTH(,R10)
         BCT   R2,SEVNEXT
         MVC   TIMER(4),LATER
         B     HEARD
*
CONNECT  ST    R14,SAVECON
         XC    ILIST,ILIST
         MVC   ILIST+IPVMID(8),NAME
         MVI   ILIST+IPFLAGS1,IPRMDATA
         MVI   STATE,CALLING
         IUCV  CONNECT,ILIST
         BZ    CONNOUT
         CLI   ILIST+IPRCODE,15    not in the directory
         BE    WRONG
         MVI   STATE,NOTHING
         MVC   TIMER(4),LATER
CONNOUT  L     R14,SAVECON
         BR    R14
WRONG    LA    R2,NOTWELL
         LA    R3,L'NOTWELL
         BAL   R14,CONWRITE
         LPSW  ILL
*
         DS    0D
WAIT     DC    X'010A0000',A(0)            wait, external enabled
WELL     DC    X'000A0000',A(0)
ILL      DC    X'000A0000',A(X'DEAD')
EXTPSW   DC    X'00080000',A(WOKEN)
DECLARE  DC    XL12'00',A(IUCVBUF),XL24'00'
         DS    0D
ILIST    DS    XL40
IUCVBUF  DS    XL40
GLIST    DC    F'0,1',CL8' '
CR0      DC    X'00000082'                 IUCV, interval timer
LATER    DC    F'3840'                     50 milliseconds
PAGESIZE DC    F'4096'
STEP     DC    X'9E3779B9'
SAVEFREE DS    A
SAVEFIN  DS    A
SAVEWAIT DS    A
SAVECON  DS    A
BYIUCV   DC    AL2(IPCODE)
PATH     DC    H'-1'
STATE    DC    AL1(NOTHING)
NOTHING  EQU   0                           no path
CALLING  EQU   1
CONNECTD EQU   2
ONE      DC    P'1'
LOST     DC    PL3'0'
SUMMARY  DC    C'CLIENT: ALL WELL, PATHS LOST: 00000'
NUMBER   EQU   SUMMARY+30,5
NOTWELL  DC    C'CLIENT: NOT WELL'
*
* Slots: a page each, and the request that it is for.
*
SLOTS    DC    0F'0',A(X'2000'),F'0,0,0'
         DC    A(X'3000'),F'0,0,0'
         DC    A(X'4000'),F'0,0,0'
         DC    A(X'5000'),F'0,0,0'
SLADDR   EQU   0
SLREF    EQU   4
SLREQ    EQU   8                           as BUS has it
SLSTATE  EQU   12
SLFREE   EQU   0
SLWANTED EQU   1                           to be sent
SLSENT   EQU   2
SLENDED  EQU   3                           answered, to be looked at
SLLENGTH EQU   16
SLCOUNT  EQU   4
         LTORG
         COPY  ECCON
         END
