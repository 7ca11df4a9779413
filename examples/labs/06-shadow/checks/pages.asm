**********************************************************************
* PAGES: page tables of every kind, and what comes of a load through
* them; a line each. In frame f (8 to 15) the first word is f.
*
* Every line is the same on the bare machine and under a control
* program, however that translates.
*
* Ends in a disabled wait at 000000; DEADxx: see ECLOW.
* Needs: console 009, 64K of storage, the facilities translation and
* extended (IPTE).
**********************************************************************
         COPY  READMAC
PAGES    START 0
         COPY  EQUATES
         COPY  ECLOW
SEGMENTS EQU   X'4000'             the segment table: 256 entries
OTHERS   EQU   X'4400'             another one: 16 entries
TABLES   EQU   X'5000'             page tables, 32 bytes each
SELF     EQU   TABLES              segment 0: page 0 to itself
TABLE1   EQU   TABLES+X'20'
TABLE2   EQU   TABLES+X'40'
TABLE3   EQU   TABLES+X'60'
TABLE4   EQU   TABLES+X'80'
TABLE5   EQU   TABLES+X'A0'
         ORG   LOWCORE+PGMNEW
         DC    X'00080000',A(ONPGM)
         ORG   LOWCORE+SVCNEW
         DC    X'00080000',A(ONSVC)
         ORG   LOWCORE+X'400'
BEGIN    LA    R4,8                number the frames
         L     R2,=A(X'8000')
NUMBER   ST    R4,0(,R2)
         A     R2,=F'4096'
         LA    R4,1(,R4)
         C     R4,=F'16'
         BL    NUMBER
         L     R2,=A(SEGMENTS)     no segments,
         LA    R4,256
CLEARSEG MVC   0(4,R2),=X'00000001'
         LA    R2,4(,R2)
         BCT   R4,CLEARSEG
         L     R2,=A(TABLES)       and no pages;
         LA    R4,16*8
CLEARPAG MVC   0(2,R2),=X'0008'
         LA    R2,2(,R2)
         BCT   R4,CLEARPAG
         L     R2,=A(OTHERS)
         MVC   0(4,R2),=A(X'F0000000'+SELF)
         MVC   4(4,R2),=A(X'F0000000'+TABLE3)
         L     R2,=A(SEGMENTS)     but these segments:
         MVC   0(4,R2),=A(X'F0000000'+SELF)
         MVC   4(4,R2),=A(X'F0000000'+TABLE1)
         MVC   8(4,R2),=A(X'F0000000'+TABLE2)
         MVC   12(4,R2),=A(X'F0000000'+TABLE2)   and 2 and 3 share
         MVC   16(4,R2),=A(X'30000000'+TABLE1)   short: 4 pages
         MVC   20(4,R2),=A(X'F8000000'+TABLE1)   no such format
         MVC   24(4,R2),=A(X'F0000000'+X'20000') table beyond
         ENTER SELF,0,0
         ENTER TABLE1,0,X'80'
         ENTER TABLE1,1,X'90'
         ENTER TABLE1,2,X'A8'              invalid
         ENTER TABLE1,3,X'100'             beyond storage
         ENTER TABLE1,4,X'B4'              no such entry
         ENTER TABLE1,15,X'F0'
         ENTER TABLE2,0,X'C0'
         ENTER TABLE2,9,X'D0'
         ENTER TABLE3,0,X'C0'
         LCTL  0,1,CR0
*
         READ  'FIRST PAGE',X'010000'
         READ  'SECOND PAGE',X'011000'
         READ  'LAST PAGE',X'01F000'
         READ  'FIRST PAGE AGAIN',X'010000'
         READ  'PAGE 9 OF SEGMENT 2',X'029000'
         READ  'INVALID PAGE',X'012034'
         READ  'INVALID SEGMENT',X'0A5678'
         READ  'PAGE BEHIND THE TABLE',X'044000'
         READ  'SEGMENT BEHIND THE TABLE',X'F00000'
         READ  'FRAME BEYOND STORAGE',X'013000'
         READ  'NO SUCH PAGE ENTRY',X'014000'
         READ  'NO SUCH SEGMENT ENTRY',X'050000'
         READ  'TABLE BEYOND STORAGE',X'060000'
*
         ENTER TABLE1,2,X'A0'
         READ  'PAGE THAT HAS COME',X'012000'
         L     R4,=A(TABLE1)
         L     R5,=A(X'11000')
         IPTE  R4,R5
         ENTER TABLE1,1,X'B0'
         READ  'IPTE AND ANOTHER FRAME',X'011000'
         READ  'ITS NEIGHBOR IN THE TABLE',X'010000'
         L     R5,=A(X'10000')
         IPTE  R4,R5
         READ  'IPTE AND NO FRAME',X'010000'
         ENTER TABLE1,0,X'80'
*
         READ  'SHARED TABLE, SEGMENT 2',X'020000'
         READ  'SHARED TABLE, SEGMENT 3',X'030000'
         L     R4,=A(TABLE2)
         L     R5,=A(X'20000')
         IPTE  R4,R5
         ENTER TABLE2,0,X'F0'
         READ  'IPTE, SEGMENT 2',X'020000'
         READ  'IPTE, SEGMENT 3',X'030000'
         L     R5,=A(X'30000')
         IPTE  R4,R5
         ENTER TABLE2,0,X'C0'
         READ  'IPTE BY 3, SEGMENT 2',X'020000'
         READ  'IPTE BY 3, SEGMENT 3',X'030000'
*
         READ  'BEFORE PTLB',X'011000'
         ENTER TABLE1,0,X'E0'
         ENTER TABLE1,1,X'E0'
         ENTER TABLE2,0,X'D0'
         PTLB  0
         READ  'PTLB, SEGMENT 3',X'030000'
         READ  'PTLB, ITS INVALID PAGE',X'031000'
         READ  'PTLB, SEGMENT 2',X'020000'
         READ  'PTLB, SEGMENT 1',X'010000'
         READ  'PTLB, ITS SECOND PAGE',X'011000'
         ENTER TABLE1,1,X'A8'
         PTLB  0
         READ  'PTLB, INVALID NOW',X'011000'
*
         LCTL  1,1,CR1OTHER
         READ  'OTHER ADDRESS SPACE',X'010000'
         LCTL  1,1,CR1
         READ  'AND BACK',X'010000'
*
* Segments 16 to 55, and 56 to 95 with another page table: more than
* there are shadow page tables for. Read twice.
*
         ENTER TABLE4,1,X'90'
         ENTER TABLE5,1,X'B0'
         L     R2,=A(SEGMENTS+64)
         LA    R4,40
MANYSEG  MVC   0(4,R2),=A(X'F0000000'+TABLE4)
         MVC   160(4,R2),=A(X'F0000000'+TABLE5)
         LA    R2,4(,R2)
         BCT   R4,MANYSEG
         PTLB  0
         SR    R6,R6               sum of segment times frame
         LA    R11,2
MANYMORE L     R7,=A(X'101000')
MANYREAD ST    R7,MANYADDR
         CNOP  0,4
         BAL   R9,QUIETLY
MANYADDR DS    F
         LR    R5,R7
         SRL   R5,16
         MR    R4,R3
         AR    R6,R5
         A     R7,=A(X'10000')
         C     R7,=A(X'601000')
         BL    MANYREAD
         BCT   R11,MANYMORE
         READ  'SEGMENT 16 AGAIN',X'101000'
         READ  'SEGMENT 95 AGAIN',X'5F1000'
         READ  'ITS INVALID PAGE',X'5F2000'
         L     R2,=A(X'F000')
         ST    R6,0(,R2)
         READ  'SUM OF 80 SEGMENTS',X'01F000'
         LPSW  WELL
*
* Loads from A(4 bytes behind R9), DAT on; R3: what came.
*
QUIETLY  MVI   QUIET,X'01'
         ST    R9,CURRENT
         L     R1,0(,R9)
         LPSW  BEFORE
LOADS    MVI   QUIET,X'00'
         ST    R9,CURRENT
         L     R1,28(,R9)
         LPSW  BEFORE
LOADIT   L     R3,0(,R1)
         SVC   0
*
ONSVC    CLI   QUIET,X'01'
         BE    QUIETEND
         ST    R3,VALUE
         UNPK  HEX(9),VALUE(5)
         TR    HEX(8),DIGITS-240
         MVC   LVALUE,HEX
         LA    R3,VALUEEND-LINE
         LA    R2,LINE
TYPEIT   L     R9,CURRENT
         MVC   0(28,R2),0(R9)
         BAL   R14,CONWRITE
         B     32(,R9)
QUIETEND L     R9,CURRENT
         B     4(,R9)
ONPGM    UNPK  HEX(5),PGMCODE(3)
         TR    HEX(4),DIGITS-240
         MVC   LCODE,HEX
         L     R2,PGMOLD+4
         LA    R3,LOADIT
         SR    R2,R3
         N     R2,=F'15'
         IC    R2,DIGITS(R2)
         STC   R2,LBEHIND
         LA    R2,PLINE
         CLI   PGMCODE+1,X'10'     only these have an address
         BE    ADDRESS
         CLI   PGMCODE+1,X'11'
         BE    ADDRESS
         LA    R3,LAT-PLINE
         B     TYPEIT
ADDRESS  UNPK  HEX(9),TEA(5)
         TR    HEX(8),DIGITS-240
         MVC   LTEA,HEX
         LA    R3,PLINEEND-PLINE
         B     TYPEIT
*
CR0      DC    0F'0',X'00800000'   4K pages, 64K segments
CR1      DC    X'05',AL3(SEGMENTS) 96 segments
CR1OTHER DC    X'00',AL3(OTHERS)   16 segments
BEFORE   DC    0D'0',X'04080000',A(LOADIT)
WELL     DC    0D'0',X'000A0000',A(0)
CURRENT  DS    F
VALUE    DS    F
         DS    X
QUIET    DC    X'00'
HEX      DS    CL9
DIGITS   DC    C'0123456789ABCDEF'
LINE     DS    CL28
         DC    C' VALUE '
LVALUE   DS    CL8
VALUEEND EQU   *
PLINE    DS    CL28
         DC    C' PROGRAM INTERRUPTION '
LCODE    DS    CL4
         DC    C' BEHIND '
LBEHIND  DS    C
LAT      DC    C' AT '
LTEA     DS    CL8
PLINEEND EQU   *
         COPY  ECCON
         LTORG
         END
