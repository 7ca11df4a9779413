**********************************************************************
* HOSTILE: does what a well-behaved guest does not.
*
* The word at location 3F0 (PARM1) chooses:
*
*   0  loops for ever in one instruction
*   1  branches into garbage: 4K of random halfwords, at another place
*      after every interruption; after 1000 of them it ends
*   2  stores everywhere: into both ends of all 8192 storage blocks of
*      the 24-bit address space except its own first two, and says how
*      many stores worked and how many were program checks
*   3  loads a disabled wait with the address 000BAD
*   4  sets, inserts and resets the storage keys of all 8192 blocks,
*      and says how many worked
*   5  START I/O to every address from 000 to FFF, with a good, a bad
*      and an invalid channel program; waits for nothing
*   6  program-check loop: a program new PSW that is itself an error
*   7  DIAGNOSE with every code from 000 to FFF
*
* Shows: nothing of that harms anybody else. Run it beside other guests
* and compare their output and the report with a run without it: the
* same but for the time they had to wait.
*
* Ends: 2, 4, 5 and 7 in a disabled wait with address 000000, 3 with
* 000BAD, 6 in a check stop (the real machine would spin until reset),
* 0 never. 1 may end in any way, for the garbage runs in supervisor
* state. DEADxx: unexpected interruption (see LOWCORE), DEAD09: console
* 5 disturbs all devices, a disk too if there is one. 7 is not for a
* real machine, whose DIAGNOSE can do anything.
* Needs: console 009, 64K of storage.
**********************************************************************
HOSTILE  START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
MODE     DC    F'2'                PARM1
         ORG   LOWCORE+PGMNEW
         DC    X'00000000',A(CHECKED)
         ORG   LOWCORE+X'400'
*
BEGIN    L     R1,MODE
         CL    R1,=F'7'
         BH    NOMODE
         SR    R6,R6               R6: what worked
         SR    R7,R7               R7: program checks
         SLL   R1,2
         B     *+4(R1)
         B     LOOP                0
         B     GARBAGE             1
         B     STORES              2
         B     WAITBAD             3
         B     KEYS                4
         B     DEVICES             5
         B     SPIN                6
         B     CODES               7
NOMODE   LPSW  BAD
*
* A program check: count it, go on where R9 says.
*
CHECKED  LA    R7,1(,R7)
         BR    R9
*
* 0: nothing but an interruption gets out of here.
*
LOOP     B     LOOP
*
* 1: garbage. It may use all registers: what is to last is in storage.
*
GARBAGE  L     R2,=A(X'2000')
         L     R3,=A(X'1000'/4)
         L     R5,SEED
FILL     M     R4,=F'1103515245'
         A     R5,=F'12345'
         LR    R1,R5
         SRL   R1,16               the low bits are not random
         STH   R1,0(,R2)
         LA    R2,2(,R2)
         BCT   R3,FILL
         ST    R5,SEED
         MVC   PGMNEW(8),GARBPSW   whatever it leads to comes back here
         MVC   SVCNEW(8),GARBPSW
         MVC   EXTNEW(8),GARBPSW
         MVC   IONEW(8),GARBPSW
GARBNEXT L     R1,GARBLEFT
         BCTR  R1,0
         ST    R1,GARBLEFT
         LTR   R1,R1
         BNP   GARBDONE
         L     R5,SEED
         M     R4,=F'1103515245'
         A     R5,=F'12345'
         ST    R5,SEED
         SRL   R5,16
         N     R5,=X'00000FFE'     a halfword of the garbage
         A     R5,=A(X'2000')
         BR    R5
GARBDONE LA    R2,GARBLINE
         LA    R3,L'GARBLINE
         BAL   R14,CONWRITE
         LPSW  WELL
*
* 2: stores into the first and the last word of every block.
*
STORES   L     R8,=A(X'1000')      R8: block
STORE1   LA    R9,STORE2
         ST    R8,0(,R8)
         LA    R6,1(,R6)
STORE2   LA    R9,STORE3
         ST    R8,2044(,R8)
         LA    R6,1(,R6)
STORE3   A     R8,=F'2048'
         C     R8,=X'01000000'
         BL    STORE1
         B     SAYCOUNT
*
* 3: the end, with a strange address.
*
WAITBAD  LPSW  STRANGE
*
* 4: storage keys. The blocks that this runs in get other keys as well;
* the PSW key is 0, which matches every storage key.
*
KEYS     SR    R8,R8
KEY1     LA    R9,KEY2
         L     R2,=X'000000F8'
         SSK   R2,R8
         LA    R6,1(,R6)
KEY2     LA    R9,KEY3
         ISK   R2,R8
         LA    R6,1(,R6)
KEY3     LA    R9,KEY4
         RRB   0(R8)
         LA    R6,1(,R6)
KEY4     LA    R9,KEY5
         SR    R2,R2
         SSK   R2,R8
         LA    R6,1(,R6)
KEY5     A     R8,=F'2048'
         C     R8,=X'01000000'
         BL    KEY1
SAYCOUNT CVD   R6,PACKED
         MVC   NUMBER1,PATTERN
         ED    NUMBER1,PACKED+4
         CVD   R7,PACKED
         MVC   NUMBER2,PATTERN
         ED    NUMBER2,PACKED+4
         LA    R2,CNTLINE
         LA    R3,L'CNTLINE
         BAL   R14,CONWRITE
         LPSW  WELL
*
* 5: every device, three channel programs each. Nothing is waited for;
* what remains pending is nobody's business until the console is needed
* at the end.
*
DEVICES  SR    R8,R8               R8: device
DEVICE1  LA    R10,GOODCCW
         BAL   R14,TRYIO
         LA    R10,BADCCW
         BAL   R14,TRYIO
         L     R10,=X'0F000007'    key and address wrong
         BAL   R14,TRYIO
         HIO   0(R8)               and stop it, whatever it does
         LA    R8,1(,R8)
         C     R8,=X'00001000'
         BL    DEVICE1
         LA    R2,IOLINE
         LA    R3,L'IOLINE
         BAL   R14,CONWRITE
         LPSW  WELL
TRYIO    ST    R10,CAW
         SIO   0(R8)
         TIO   0(R8)
         BR    R14
*
* 6: the new PSW for program interruptions has an odd address, which is
* a specification exception, which is a program interruption ...
*
SPIN     MVC   PGMNEW(8),ODDPSW
         DC    X'0000'             operation exception
*
* 7: DIAGNOSE, as unfriendly as it gets: operands point at the end of
* the address space.
*
CODES    SR    R8,R8               R8: code
         LA    R9,CODENEXT
CODE1    L     R2,=X'00FFFFF8'
         L     R3,=X'7FFFFFFF'
         DIAG  R2,R3,0(R8)
CODENEXT LA    R8,1(,R8)
         C     R8,=X'00001000'
         BL    CODE1
         LA    R2,DIAGLINE
         LA    R3,L'DIAGLINE
         BAL   R14,CONWRITE
         LPSW  WELL
*
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
STRANGE  DC    0D'0',X'00020000',A(X'BAD')
ODDPSW   DC    0D'0',X'00000000',A(X'401')
GARBPSW  DC    0D'0',X'00000000',A(GARBNEXT)
GOODCCW  CCW   NOOP,0,SLI,1
BADCCW   CCW   READ,X'FFFFF8',0,65535
PACKED   DS    D
SEED     DC    F'370'
GARBLEFT DC    F'1001'
PATTERN  DC    X'4020202020202120'
CNTLINE  DC    C'HOSTILE: 12345678 TIMES DONE, 12345678 PROGRAM CHECKS'
         ORG   CNTLINE+9
NUMBER1  DS    CL8
         ORG   CNTLINE+30
NUMBER2  DS    CL8
         ORG
GARBLINE DC    C'HOSTILE: BACK FROM 1000 BRANCHES INTO GARBAGE'
IOLINE   DC    C'HOSTILE: SIO TO EVERY DEVICE DONE'
DIAGLINE DC    C'HOSTILE: DIAGNOSE WITH EVERY CODE DONE'
         COPY  CONSOLE
         LTORG
         END
