**********************************************************************
* WORKER: computes for some time of the clock, and tells how much it
* could do; if asked to, it waits in between, and tells how late it
* woke up.
*
*   PARM1 (word at location 3F0)  how long, in milliseconds
*   PARM2 (3F4)  steps of work between two waits; 0: it never waits
*   PARM3 (3F8)  how long it waits, in milliseconds
*
* Types: DONE 00012345 LATE 00001234 WORST 00002345
* that is, steps of work (some 0.1 ms each on a machine of 1 MIPS), and
* the mean and the greatest lateness in microseconds.
*
* Ends in a disabled wait at 000000; DEADxx: see LOWCORE.
* Needs: console 009, clock comparator, 4K of storage.
**********************************************************************
WORKER   START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+EXTNEW
         DC    X'00000000',A(AWAKE)
         ORG   LOWCORE+PARM1
LONG     DC    F'1000'
STEPS    DC    F'0'
PAUSE    DC    F'20'
         ORG   LOWCORE+X'400'
BEGIN    LCTL  0,0,CLOCKBIT        clock comparator interrupts only
         SR    R6,R6               steps of work
         SR    R7,R7               waits
         SR    R8,R8               microseconds late, all together
         SR    R9,R9               and at most
         L     R3,LONG
         STCK  NOW
         BAL   R14,LATER
         MVC   ENDOFALL,THEN
         L     R4,STEPS
WORK     LA    R5,128
         BCT   R5,*
         LA    R6,1(,R6)
         STCK  NOW
         CLC   NOW,ENDOFALL
         BNL   TELL
         LTR   R4,R4               does it wait at all?
         BZ    WORK
         BCT   R4,WORK
         L     R4,STEPS
         L     R3,PAUSE
         BAL   R14,LATER
         SCKC  THEN
         LPSW  WAITS
AWAKE    STCK  NOW
         LM    R0,R1,NOW
         SL    R1,THEN+4
         BC    3,*+8               no borrow
         SL    R0,=F'1'
         SL    R0,THEN
         SRDL  R0,12
         LA    R7,1(,R7)
         AR    R8,R1
         CR    R1,R9
         BNH   WORK
         LR    R9,R1
         B     WORK
*
* LATER: THEN becomes R3 milliseconds behind NOW.
*
LATER    LR    R1,R3
         M     R0,=F'4096000'
         AL    R1,NOW+4
         BC    12,*+8              no carry
         AL    R0,=F'1'
         AL    R0,NOW
         STM   R0,R1,THEN
         BR    R14
*
TELL     CVD   R6,PACKED
         UNPK  DONE,PACKED
         OI    DONE+7,X'F0'
         SR    R0,R0
         LR    R1,R8
         LTR   R7,R7
         BZ    *+6
         DR    R0,R7
         CVD   R1,PACKED
         UNPK  LATE,PACKED
         OI    LATE+7,X'F0'
         CVD   R9,PACKED
         UNPK  WORST,PACKED
         OI    WORST+7,X'F0'
         LA    R2,LINE
         LA    R3,LINEEND-LINE
         BAL   R14,CONWRITE
         LPSW  WELL
*
WELL     DC    0D'0',X'00020000',A(0)
WAITS    DC    0D'0',X'01020000',A(0)
NOW      DS    D
THEN     DS    D
ENDOFALL DS    D
PACKED   DS    D
CLOCKBIT DC    X'00000800'
LINE     DC    C'DONE '
DONE     DS    CL8
         DC    C' LATE '
LATE     DS    CL8
         DC    C' WORST '
WORST    DS    CL8
LINEEND  EQU   *
         COPY  CONSOLE
         LTORG
         END
