**********************************************************************
* INTERPRETER: a control program's interpreter, in the machine's code.
*
* It executes a small guest whose storage is two pages that lie apart
* in real storage: it fetches each instruction through the tables of
* that storage (LRA), decodes it, and executes it on registers and a
* condition code that it keeps in words. Where the guest translates
* addresses itself, its tables are walked as well. It knows some forty
* instructions. How long its parts are, between the labels FETCH, WALK,
* OPERAND, GENERAL, BRANCH, FIELD, LONG, FLOAT, EXECUTE and END, is
* what control-program models say of the steps interpret_...: a test
* counts them. docs/techniques.md has what comes of it.
*
* The guest (GUEST) adds up words, moves and compares characters, calls
* a subroutine, calculates in floating point, and does it all again
* with translation on. What it never comes to is left out: keys other
* than 0, operands over the end of a page; they would end it badly.
*
* Ends in a disabled wait: address 000000: the guest has done well;
* 00DEAD: it has not; DEADxx: see LOWCORE.
* Needs: 28K of storage, the facility translation.
**********************************************************************
INTERPRE START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+X'400'
BEGIN    L     R12,=A(TABLES)
         USING TABLES,R12
         LCTL  R0,R1,CONTROL       tables of the guest's storage
*
* The next instruction. R2 is its address, then that behind it.
*
FETCH    TM    PENDING,X'FF'       does the control program want it?
         BNZ   LEAVE
         L     R2,VADDRESS
         LR    R7,R2
         TM    VMASK,X'04'         does it translate?
         BZ    *+8
         BAL   R11,WALK            R7 is a second-level address now
         LRA   R3,0(,R7)
         BNZ   MISSING
         CLI   VKEY,0              may it fetch there?
         BNE   CHECKKEY
         LR    R4,R7               does it go on in another page?
         N     R4,=X'00000FFF'
         C     R4,=F'4090'
         BH    CROSSING
         MVC   TEXT,0(R3)
         SR    R5,R5
         IC    R5,TEXT
         LR    R6,R5
         SRL   R6,6
         IC    R6,LENGTHS(R6)
         LA    R2,0(R2,R6)
         ST    R2,VADDRESS
         SLL   R5,2
         L     R15,ROUTINES(R5)
         BR    R15
*
* R7, a third-level address, through the guest's tables (64K, 4K) to a
* second-level address. Its tables lie in its own storage.
*
WALK     LR    R8,R7
         SRL   R8,16
         LR    R9,R8               within the segment table?
         SRL   R9,4
         C     R9,VSEGLEN
         BH    SEGMENTX
         SLL   R8,2
         A     R8,VSEGTAB
         LRA   R8,0(,R8)
         BNZ   MISSING
         L     R8,0(,R8)
         LTR   R9,R8
         N     R9,=F'1'
         BNZ   SEGMENTX
         LR    R9,R7
         SRL   R9,12
         N     R9,=F'15'
         LR    R10,R8              within the page table?
         SRL   R10,28
         CR    R9,R10
         BH    PAGEX
         SLL   R9,1
         N     R8,=X'00FFFFF8'
         AR    R8,R9
         LRA   R8,0(,R8)
         BNZ   MISSING
         LH    R8,0(,R8)
         LR    R9,R8
         N     R9,=F'8'
         BNZ   PAGEX
         SLL   R8,8
         N     R8,=X'00FFF000'
         N     R7,=X'00000FFF'
         OR    R7,R8
         BR    R11
*
* The operand D(B) at the halfword in R1, or D(X,B): R7 is its logical
* address, R8 where it is. It may be used as far as the page goes.
*
OPERAND  SR    R9,R9               no index
OPERANDB LH    R7,0(,R1)
         LR    R8,R7
         N     R7,=X'00000FFF'
         SRL   R8,10
         N     R8,=X'0000003C'
         BZ    *+8
         AL    R7,VREGS(R8)
         LTR   R9,R9
         BZ    *+8
         AL    R7,VREGS(R9)
         LA    R7,0(,R7)
         ST    R7,LOGICAL
         TM    VMASK,X'04'
         BZ    *+8
         BAL   R11,WALK
         LRA   R8,0(,R7)
         BNZ   MISSING
         CLI   VKEY,0
         BNE   CHECKKEY
         LA    R9,7(,R7)           eight bytes in this page?
         XR    R9,R7
         N     R9,=X'00FFF000'
         BNZ   CROSSING
         BR    R14
OPERANDX IC    R9,TEXT+1           D(X,B)
         N     R9,=F'15'
         SLL   R9,2
         LA    R1,TEXT+2
         B     OPERANDB
*
* General instructions: register and register, register and storage,
* immediate; loads and stores leave the condition code alone.
*
GENERAL  EQU   *
DORR     IC    R6,TEXT+1
         LR    R7,R6
         N     R6,=X'000000F0'
         SRL   R6,2
         N     R7,=F'15'
         SLL   R7,2
         L     R0,VREGS(R6)
         L     R1,VREGS(R7)
         MVC   RRCODE,TEXT
         EX    R0,RRWORK
         BALR  R10,0
         ST    R10,VLINK
         ST    R0,VREGS(R6)
         B     FETCH
DOLR     IC    R6,TEXT+1
         LR    R7,R6
         N     R6,=X'000000F0'
         SRL   R6,2
         N     R7,=F'15'
         SLL   R7,2
         L     R0,VREGS(R7)
         ST    R0,VREGS(R6)
         B     FETCH
DOLA     IC    R9,TEXT+1
         N     R9,=F'15'
         SLL   R9,2
         LH    R7,TEXT+2
         LR    R8,R7
         N     R7,=X'00000FFF'
         SRL   R8,10
         N     R8,=X'0000003C'
         BZ    *+8
         AL    R7,VREGS(R8)
         LTR   R9,R9
         BZ    *+8
         AL    R7,VREGS(R9)
         LA    R7,0(,R7)
         IC    R6,TEXT+1
         N     R6,=X'000000F0'
         SRL   R6,2
         ST    R7,VREGS(R6)
         B     FETCH
DORX     BAL   R14,OPERANDX
         IC    R6,TEXT+1
         N     R6,=X'000000F0'
         SRL   R6,2
         L     R0,VREGS(R6)
         MVC   RXCODE,TEXT
         EX    R0,RXWORK
         BALR  R10,0
         ST    R10,VLINK
         ST    R0,VREGS(R6)
         B     FETCH
DOL      BAL   R14,OPERANDX
         IC    R6,TEXT+1
         N     R6,=X'000000F0'
         SRL   R6,2
         L     R0,0(,R8)
         ST    R0,VREGS(R6)
         B     FETCH
DOST     BAL   R14,OPERANDX
         IC    R6,TEXT+1
         N     R6,=X'000000F0'
         SRL   R6,2
         L     R0,VREGS(R6)
         ST    R0,0(,R8)
         B     FETCH
DOSI     LA    R1,TEXT+2
         BAL   R14,OPERAND
         MVC   SICODE,TEXT         op 0(R8),immediate
         EX    R0,SIWORK
         BALR  R10,0
         ST    R10,VLINK
         B     FETCH
*
* Branches.
*
BRANCH   EQU   *
DOBC     IC    R9,TEXT+1
         N     R9,=X'000000F0'
         L     R10,VLINK
         SPM   R10
         EX    R9,BCTEST
         B     FETCH
BCTEST   BC    0,TAKEN
TAKEN    IC    R9,TEXT+1
         N     R9,=F'15'
         SLL   R9,2
         BAL   R14,TARGET
         ST    R7,VADDRESS
         B     FETCH
TARGET   LH    R7,TEXT+2           the same as an operand's, not
         LR    R8,R7               translated before it is fetched
         N     R7,=X'00000FFF'
         SRL   R8,10
         N     R8,=X'0000003C'
         BZ    *+8
         AL    R7,VREGS(R8)
         LTR   R9,R9
         BZ    *+8
         AL    R7,VREGS(R9)
         LA    R7,0(,R7)
         BR    R14
DOBCR    IC    R9,TEXT+1
         LR    R7,R9
         N     R9,=X'000000F0'
         L     R10,VLINK
         SPM   R10
         EX    R9,BCRTEST
         B     FETCH
BCRTEST  BC    0,TAKENR
TAKENR   N     R7,=F'15'
         BZ    FETCH
         SLL   R7,2
         L     R7,VREGS(R7)
         LA    R7,0(,R7)
         ST    R7,VADDRESS
         B     FETCH
DOBCT    IC    R6,TEXT+1
         LR    R9,R6
         N     R6,=X'000000F0'
         SRL   R6,2
         L     R0,VREGS(R6)
         BCTR  R0,0
         ST    R0,VREGS(R6)
         LTR   R0,R0
         BZ    FETCH
         N     R9,=F'15'
         SLL   R9,2
         BAL   R14,TARGET
         ST    R7,VADDRESS
         B     FETCH
DOBAL    IC    R9,TEXT+1
         LR    R6,R9
         N     R9,=F'15'
         SLL   R9,2
         BAL   R14,TARGET
         LA    R10,2               instruction-length code 2
         SLL   R10,30
         BAL   R14,LINK
         ST    R7,VADDRESS
         B     FETCH
DOBALR   IC    R6,TEXT+1
         LR    R7,R6
         LA    R10,1
         SLL   R10,30
         N     R7,=F'15'
         BZ    BALRSTAY
         SLL   R7,2
         L     R7,VREGS(R7)
         LA    R7,0(,R7)
         BAL   R14,LINK
         ST    R7,VADDRESS
         B     FETCH
BALRSTAY BAL   R14,LINK
         B     FETCH
LINK     L     R9,VLINK            code and mask
         N     R9,=X'3F000000'
         OR    R10,R9
         OR    R10,R2
         N     R6,=X'000000F0'
         SRL   R6,2
         ST    R10,VREGS(R6)
         BR    R14
*
* Fields: characters. Both operands end in the page that they begin in.
*
FIELD    LA    R1,TEXT+2
         BAL   R14,OPERAND
         LR    R4,R8
         LR    R5,R7
         LA    R1,TEXT+4
         BAL   R14,OPERAND
         SR    R6,R6
         IC    R6,TEXT+1
         LA    R9,0(R6,R5)
         XR    R9,R5
         N     R9,=X'00FFF000'
         BNZ   CROSSING
         LA    R9,0(R6,R7)
         XR    R9,R7
         N     R9,=X'00FFF000'
         BNZ   CROSSING
         MVC   SSCODE,TEXT
         L     R10,VLINK
         SPM   R10                 which MVC leaves alone
         EX    R6,SSWORK
         BALR  R10,0
         ST    R10,VLINK
         B     FETCH
*
* A unit of operation of MOVE LONG: 256 bytes, or what is left, from
* page to page.
*
LONG     IC    R6,TEXT+1
         LR    R9,R6
         N     R6,=X'000000F0'
         SRL   R6,2
         N     R9,=F'15'
         SLL   R9,2
         LA    R6,VREGS(R6)        pairs of registers
         LA    R9,VREGS(R9)
         ST    R9,LONGFROM
         L     R5,4(,R6)
         N     R5,=X'00FFFFFF'
         BZ    LONGEND
         C     R5,=F'256'
         BNH   *+8
         LA    R5,256
         L     R7,0(,R6)
         LA    R7,0(,R7)
         TM    VMASK,X'04'
         BZ    *+8
         BAL   R11,WALK
         LRA   R4,0(,R7)
         BNZ   MISSING
         CLI   VKEY,0
         BNE   CHECKKEY
         LR    R0,R7
         N     R0,=X'00000FFF'
         AR    R0,R5
         C     R0,=F'4096'
         BH    CROSSING
         L     R9,LONGFROM
         L     R7,0(,R9)
         LA    R7,0(,R7)
         TM    VMASK,X'04'
         BZ    *+8
         BAL   R11,WALK
         LRA   R8,0(,R7)
         BNZ   MISSING
         LR    R0,R7
         N     R0,=X'00000FFF'
         AR    R0,R5
         C     R0,=F'4096'
         BH    CROSSING
         LR    R10,R5
         BCTR  R10,0
LONGUNIT EX    R10,LONGMOVE
         L     R9,LONGFROM
         L     R7,0(,R6)
         LA    R7,0(R7,R5)
         ST    R7,0(,R6)
         L     R7,0(,R9)
         LA    R7,0(R7,R5)
         ST    R7,0(,R9)
         L     R7,4(,R6)
         SR    R7,R5
         ST    R7,4(,R6)
         L     R7,4(,R9)
         SR    R7,R5
         ST    R7,4(,R9)
         LR    R0,R2               it may come again for the rest
         SH    R0,=H'2'
         ST    R0,VADDRESS
         TM    PENDING,X'FF'
         BZ    LONG
         B     LEAVE
LONGEND  ST    R2,VADDRESS
         SR    R10,R10             equal lengths are all it knows
         ST    R10,VLINK
         B     FETCH
LONGMOVE MVC   0(0,R4),0(R8)
*
* Floating point, register and storage.
*
FLOAT    BAL   R14,OPERANDX
         IC    R6,TEXT+1
         N     R6,=X'000000F0'
         SRL   R6,2                two registers a doubleword
         LD    0,VFLOAT(R6)
         MVC   FLCODE,TEXT
         L     R10,VLINK
         SPM   R10
         EX    R0,FLWORK
         BALR  R10,0
         ST    R10,VLINK
         STD   0,VFLOAT(R6)
         B     FETCH
*
* EXECUTE: the subject takes the place of the instruction.
*
EXECUTE  BAL   R14,OPERANDX
         TM    LOGICAL+3,1         odd?
         BO    SPECIFY
         MVC   SUBJECT,0(R8)
         IC    R6,TEXT+1
         N     R6,=X'000000F0'
         BZ    EXSAME              register 0: no modifier
         SRL   R6,2
         L     R6,VREGS(R6)
         EX    R6,EXMODIFY
EXSAME   MVC   TEXT,SUBJECT
         CLI   TEXT,X'44'          itself?
         BE    EXECUTEX
         SR    R5,R5
         IC    R5,TEXT
         SLL   R5,2
         L     R15,ROUTINES(R5)
         BR    R15
EXMODIFY OI    SUBJECT+1,0
END      EQU   *
*
* What a control program has other paths for.
*
DOSTOSM  LA    R1,TEXT+2
         BAL   R14,OPERAND
         MVC   0(1,R8),VMASK
         OC    VMASK,TEXT+1
         B     FETCH
DOSVC    CLI   TEXT+1,0            the guest has ended
         BNE   BAD
         CLC   VREGS+8(4),=F'110'  its sum
         BNE   BAD
         LPSW  GOOD
MISSING  EQU   *
CHECKKEY EQU   *
CROSSING EQU   *
SEGMENTX EQU   *
PAGEX    EQU   *
SPECIFY  EQU   *
EXECUTEX EQU   *
INVALID  EQU   *
LEAVE    EQU   *
BAD      LPSW  WRONG
GOOD     DC    0D'0',X'00020000',A(0)
WRONG    DC    0D'0',X'00020000',A(X'DEAD')
CONTROL  DC    X'00800000',A(SEGTABLE)
         LTORG
*
* The virtual machine: what it has, and where its storage lies.
*
         ORG   LOWCORE+X'1000'
TABLES   DS    0D
VFLOAT   DC    4D'0'
VREGS    DC    16F'0'
VADDRESS DC    F'512'
VLINK    DC    F'0'                condition code: bits 2 and 3
VSEGTAB  DC    A(GSEGTAB-FRAME0)
VSEGLEN  DC    F'0'
LOGICAL  DC    F'0'
LONGFROM DC    F'0'
VMASK    DC    X'00'
VKEY     DC    X'00'
PENDING  DC    X'00'
LENGTHS  DC    X'02040406'
         DS    0H
TEXT     DC    XL6'00'
SUBJECT  DC    XL6'00'
*
* Instructions with the guest's operation code, for EXECUTE.
*
RRWORK   DC    0H'0'
RRCODE   DC    X'00',X'01'         op R0,R1
RXWORK   DC    0H'0'
RXCODE   DC    X'00',X'008000'     op R0,0(,R8)
SIWORK   DC    0H'0'
SICODE   DC    XL2'00',X'8000'     op 0(R8),I
SSWORK   DC    0H'0'
SSCODE   DC    X'00',X'0040008000' op 0(0,R4),0(R8)
FLWORK   DC    0H'0'
FLCODE   DC    X'00',X'008000'     op 0,0(,R8)
ROUTINES DC    256A(INVALID)
         ORG   ROUTINES+4*X'05'
         DC    A(DOBALR)
         ORG   ROUTINES+4*X'07'
         DC    A(DOBCR)
         ORG   ROUTINES+4*X'0A'
         DC    A(DOSVC)
         ORG   ROUTINES+4*X'0E'
         DC    A(LONG)
         ORG   ROUTINES+4*X'12'    LTR
         DC    A(DORR)
         ORG   ROUTINES+4*X'14'    NR to SLR
         DC    4A(DORR),A(DOLR),7A(DORR)
         ORG   ROUTINES+4*X'41'
         DC    A(DOLA)
         ORG   ROUTINES+4*X'44'
         DC    A(EXECUTE),A(DOBAL),A(DOBCT),A(DOBC)
         ORG   ROUTINES+4*X'50'
         DC    A(DOST)
         ORG   ROUTINES+4*X'54'    N to SL
         DC    4A(DORX),A(DOL),7A(DORX)
         ORG   ROUTINES+4*X'68'    LD to SD
         DC    4A(FLOAT)
         ORG   ROUTINES+4*X'91'    TM, MVI
         DC    A(DOSI),A(DOSI)
         ORG   ROUTINES+4*X'94'    NI to XI
         DC    4A(DOSI)
         ORG   ROUTINES+4*X'AD'
         DC    A(DOSTOSM)
         ORG   ROUTINES+4*X'D2'    MVC, and NC to XC
         DC    A(FIELD),A(INVALID),4A(FIELD)
         ORG   LOWCORE+X'2000'
SEGTABLE DC    A(X'F0000000'+PAGETAB),15F'1'
         ORG   LOWCORE+X'2040'
PAGETAB  DC    X'00400060',14X'0008'
*
* The guest: its page 0 lies at 4000, its page 1 at 6000.
*
         ORG   LOWCORE+X'4000'
FRAME0   EQU   *
         ORG   FRAME0+X'200'
GUEST    BALR  R13,0
         USING *,R13
AGAIN    LA    R1,10
         SR    R2,R2
         LA    R3,WORDS
ADDING   L     R4,0(,R3)
         AR    R2,R4
         A     R2,ONE
         ST    R2,SUM
         LA    R3,4(,R3)
         LTR   R4,R4
         BNP   GBAD
         BCT   R1,ADDING
         S     R2,ONE
         A     R2,ONE
         MVC   PLACE,LETTERS
         CLC   PLACE,LETTERS
         BNE   GBAD
         LA    R5,L'PLACE-1
         EX    R5,CLEAR
         CLC   PLACE,LETTERS
         BE    GBAD
         BAL   R14,CALLED
         TM    FLAG,X'80'
         BZ    GBAD
         NI    FLAG,X'7F'
         LD    0,D1
         AD    0,D2
         CD    0,D2
         BNH   GBAD
         LA    R6,FROMHERE
         LA    R7,600
         LA    R8,TOTHERE
         LR    R9,R7
         MVCL  R8,R6
         CLI   TOTHERE+599,C'Z'
         BNE   GBAD
         MVI   TOTHERE+599,C' '
         TM    SECOND,X'FF'
         BO    ENDED
         MVI   SECOND,X'FF'
         STOSM OLDMASK,X'04'       and again, translated
         B     AGAIN
ENDED    SVC   0
GBAD     SVC   1
CALLED   OI    FLAG,X'80'
         BR    R14
CLEAR    MVC   PLACE(0),BLANKS
WORDS    DC    F'1,2,3,4,5,6,7,8,9,55'
ONE      DC    F'1'
SUM      DC    F'0'
D1       DC    D'2.5'
D2       DC    D'4'
LETTERS  DC    C'THE GUEST SAYS THIS OVER AND OVER'
PLACE    DC    CL(L'LETTERS)' '
BLANKS   DC    CL(L'LETTERS)' '
FLAG     DC    X'00'
SECOND   DC    X'00'
OLDMASK  DC    X'00'
GSEGTAB  DC    0D'0',A(X'F0000000'+GPAGETAB-FRAME0)
         DC    15F'1'
GPAGETAB DC    0D'0',X'00000010',14X'0008'
         ORG   FRAME0+X'600'
FROMHERE DC    599C'A',C'Z'
         ORG   FRAME0+X'900'
TOTHERE  DC    600C' '
         END
