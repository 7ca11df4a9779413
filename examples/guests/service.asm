         COPY  MESSAGES
         COPY  BUS
**********************************************************************
* SERVICE: a service machine. It has real disks, which nobody else
* has, and the driver for them; clients (guest CLIENT) ask it by IUCV
* for 4096 bytes of theirs at a time. The data are in pages that they
* grant to it: it copies them, or maps them so that the channel itself
* stores there. It keeps nothing that it would need after it was
* killed: who connects begins anew.
*
* The clients, 24 bytes each from X'200' on: name, device (halfword),
* way (byte: 1 copied, 2 mapped), first block of 512 bytes, how many
* 4096s are his.
*
* It does not end; 00DEAD: the control program has refused something;
* DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, fixed-block disks, 16K of storage, grants;
* iucv = ["ALLOW"].
**********************************************************************
SERVICE  START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+X'200'
CLIENTS  DC    CL8'ONE',X'0350',X'0100',F'1000,64'
         DC    H'-1',H'0'
         DC    CL8'TWO',X'0350',X'0200',F'2000,64'
         DC    H'-1',H'0'
         DC    CL8'THREE',X'0350',X'0100',F'3000,64'
         DC    H'-1',H'0'
         DC    CL8'FOUR',X'0350',X'0200',F'4000,64'
         DC    H'-1',H'0'
CLNAME   EQU   0
CLDEVICE EQU   8
CLWAY    EQU   10
CLFIRST  EQU   12
CLPAGES  EQU   16
CLPATH   EQU   20             -1: not connected
CLLENGTH EQU   24
CLCOUNT  EQU   4
MAPPED   EQU   2
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         MVC   EXTNEW(8),EXTPSW
         LCTL  0,0,CR0
         LA    R9,CLIENTS
         LA    R1,CLCOUNT
CLEAN    MVC   CLPATH(2,R9),NOPATH
         LA    R9,CLLENGTH(,R9)
         BCT   R1,CLEAN
         IUCV  DCLBFR,DECLARE
         BNZ   WRONG
         LA    R2,OPEN
         LA    R3,L'OPEN
         BAL   R14,CONWRITE
         MVC   IONEW(8),IOPSW
NEXT     LPSW  WAIT
*
* The back end: somebody connects, goes away, or wants something.
*
WANTED   MVC   LIST,IUCVBUF
         CLI   LIST+IPTYPE,IPCONPEN
         BE    CONNECT
         CLI   LIST+IPTYPE,IPSEVERD
         BE    SEVERED
         CLI   LIST+IPTYPE,IPMSGP
         BL    NEXT
         BAL   R14,FINDPATH
         B     NEXT                no client's
         LA    R6,BUSBAD
         SLR   R5,R5
         ICM   R5,7,LIST+IPRMMSG+BUSPAGE
         C     R5,CLPAGES(,R9)
         BNL   ANSWER              beyond what is his
         SLL   R5,3
         ST    R5,LOCATE+4
         L     R5,CLPAGES(,R9)     and the disk is told what is his
         SLL   R5,3
         BCTR  R5,0
         ST    R5,EXTENT+12
         MVC   EXTENT+4(4),CLFIRST(R9)
         CLI   LIST+IPRMMSG+BUSFUNC,BUSREAD
         BE    GOOD
         CLI   LIST+IPRMMSG+BUSFUNC,BUSWRITE
         BNE   ANSWER
GOOD     LA    R6,BUSGRANT
         CLI   CLWAY(R9),MAPPED
         BE    BYMAP
*
* Copied: by a page of the service machine's own.
*
         MVC   CLIST+GCNAME(8),CLNAME(R9)
         MVC   CLIST+GCREF(4),LIST+IPRMMSG+BUSREF
         MVC   DATACCW+1(3),BUFFER+1
         LA    R1,CLIST
         CLI   LIST+IPRMMSG+BUSFUNC,BUSREAD
         BE    COPYREAD
         MVI   CLIST+GCDIR+3,0
         DIAG  R1,R3,GRCOPY
         BNZ   ANSWER
         BAL   R14,DISK
         B     ANSWER
COPYREAD BAL   R14,DISK
         LTR   R6,R6
         BNZ   ANSWER
         LA    R1,CLIST
         MVI   CLIST+GCDIR+3,1
         DIAG  R1,R3,GRCOPY
         BZ    ANSWER
         LA    R6,BUSGRANT
         B     ANSWER
*
* Mapped: the channel moves them from and to the client's page.
*
BYMAP    MVC   MLIST+GMNAME(8),CLNAME(R9)
         MVC   MLIST+GMREF(4),LIST+IPRMMSG+BUSREF
         LA    R1,MLIST
         DIAG  R1,R3,MAPPAGE
         BNZ   ANSWER
         MVC   DATACCW+1(3),MLIST+GMPAGE+1
         BAL   R14,DISK
         L     R1,MLIST+GMPAGE
         DIAG  R1,R3,UNMAP
*
* The answer. Where the client has gone, nobody gets it.
*
ANSWER   MVI   LIST+IPFLAGS1,IPRMDATA
         ST    R6,LIST+IPRMMSG
         XC    LIST+IPRMMSG+4(4),LIST+IPRMMSG+4
         IUCV  REPLY,LIST
         B     NEXT
*
* Connections: of who is in the table, one each.
*
CONNECT  LA    R9,CLIENTS
         LA    R1,CLCOUNT
SEEK     CLC   CLNAME(8,R9),LIST+IPVMID
         BE    FOUND
         LA    R9,CLLENGTH(,R9)
         BCT   R1,SEEK
         B     REFUSE
FOUND    CLC   CLPATH(2,R9),NOPATH
         BNE   REFUSE
         MVC   CLPATH(2,R9),LIST+IPPATHID
         MVI   LIST+IPFLAGS1,IPRMDATA
         IUCV  ACCEPT,LIST
         BZ    NEXT
         MVC   CLPATH(2,R9),NOPATH  he has gone already
         B     NEXT
SEVERED  BAL   R14,FINDPATH
         B     REFUSE
         MVC   CLPATH(2,R9),NOPATH
REFUSE   MVI   LIST+IPFLAGS1,0
         IUCV  SEVER,LIST
         B     NEXT
*
* Whose path is it? Comes back 4 bytes further if it is one's, with
* the entry in R9.
*
FINDPATH LA    R9,CLIENTS
         LA    R1,CLCOUNT
PATHS    CLC   CLPATH(2,R9),LIST+IPPATHID
         BE    4(,R14)
         LA    R9,CLLENGTH(,R9)
         BCT   R1,PATHS
         BR    R14
*
* The driver: one request, R6 says how it ended.
*
DISK     MVI   LOCATE,X'06'        read
         MVI   DATACCW,X'42'
         CLI   LIST+IPRMMSG+BUSFUNC,BUSWRITE
         BNE   START
         MVI   LOCATE,X'01'
         MVI   DATACCW,X'41'
START    LA    R1,CCWS
         ST    R1,CAW
         MVI   GOES,X'00'
         LH    R1,CLDEVICE(,R9)
         SIO   0(R1)
         BC    4,STATUS            1: the CSW's status was stored
         BC    2,IDLE              2: an interruption is pending
         BC    1,BADDISK           3: there is no such device
         MVI   GOES,X'01'
IDLE     LPSW  IOWAIT
STATUS   TM    CSW+4,UNITCHK
         BZ    START
         B     BADDISK
IOWOKE   CLC   IOADDR(2),CLDEVICE(R9)
         BNE   IDLE
         TM    CSW+4,UNITCHK+UNITEXC
         BNZ   BADDISK
         TM    CSW+5,CHANERR
         BNZ   BADDISK
         CLI   GOES,X'00'          what SIO had to wait for?
         BE    START
         TM    CSW+4,DEVEND
         BZ    IDLE
         SLR   R6,R6
         BR    R14
BADDISK  LA    R6,BUSDISK
         BR    R14
WRONG    LPSW  ILL
*
         DS    0D
WAIT     DC    X'010A0000',A(0)            wait, external enabled
IOWAIT   DC    X'020A0000',A(0)            wait, I/O enabled
ILL      DC    X'000A0000',A(X'DEAD')
EXTPSW   DC    X'00080000',A(WANTED)
IOPSW    DC    X'00080000',A(IOWOKE)
DECLARE  DC    XL12'00',A(IUCVBUF),XL24'00'
         DS    0D
LIST     DS    XL40
IUCVBUF  DS    XL40
CCWS     DC    0D'0',X'63',AL3(EXTENT),X'4000',H'16'
         DC    X'43',AL3(LOCATE),X'4000',H'8'
DATACCW  DC    X'42',AL3(0),X'0000',H'4096'
EXTENT   DC    X'C0000000',F'0,0,0'
LOCATE   DC    X'06000008',F'0'
CLIST    DC    CL8' ',F'0,0',A(X'2000'),F'4096,0,0'
BUFFER   EQU   CLIST+GCAREA,4
MLIST    DC    CL8' ',F'0',A(X'3000')
CR0      DC    X'00000002'                 IUCV
NOPATH   DC    H'-1'
GOES     DC    X'00'
OPEN     DC    C'SERVICE: OPEN'
         LTORG
         COPY  ECCON
         END
