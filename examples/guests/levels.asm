**********************************************************************
* LEVELS: a system that guards its data by interruption masks.
*
* Today's systems raise and lower a task priority around every few
* instructions that an interruption must not see the middle of. Here
* that is STNSM, which closes the masks and keeps what they were, and
* SSM, which puts that back. Between the two a pair of counters is
* changed; a timer interrupts now and then, and its handler looks
* whether both counters are the same.
*
*   PARM1 (word at location 3F0)  rounds: pairs of STNSM and SSM
*   PARM2 (word at location 3F4)  microseconds between interruptions,
*                                 1 to 1048575
*
* Shows: nearly all of these mask changes matter to nobody, for
* nothing is pending. A control program that sees each of them works
* thousands of times for a handful of interruptions; hardware that
* comes out only where something can be presented does not trouble it.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: the handler
* saw a pair half changed, or no interruption came (a line says which);
* DEADxx: unexpected interruption (see LOWCORE), DEAD09: console.
* Needs: console 009; clock comparator; 16K of storage.
**********************************************************************
LEVELS   START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+EXTNEW
         DC    X'00000000',A(TICK)
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'10000'            PARM1: rounds
PERIOD   DC    F'20000'            PARM2: microseconds
         ORG   LOWCORE+X'400'
*
BEGIN    L     R1,PERIOD
         SLL   R1,12               in units of the TOD clock
         ST    R1,STEP
         BAL   R14,SETNEXT
         LCTL  0,0,TIMERON         only the clock comparator
         L     R4,ROUNDS
         SSM   OPEN
*
ROUND    STNSM LEVEL,X'00'         nobody may look now
         L     R5,FIRST
         LA    R5,1(R5)
         ST    R5,FIRST
         L     R6,SECOND
         LA    R6,1(R6)
         ST    R6,SECOND
         SSM   LEVEL               as it was before
         BCT   R4,ROUND
         SSM   CLOSED
*
         LA    R2,TORNLINE
         CLC   TORN,ZERO
         BNE   WRONG
         CLC   FIRST,ROUNDS
         BNE   WRONG
         LA    R2,NONELINE
         CLC   TICKS,ZERO
         BE    WRONG
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
WRONG    LA    R3,L'TORNLINE
         BAL   R14,CONWRITE
         LPSW  BAD
*
* The timer's interruption.
*
TICK     STM   R14,R1,SAVED
         CLC   FIRST,SECOND
         BE    WHOLE
         MVI   TORN+3,1
WHOLE    L     R1,TICKS
         LA    R1,1(R1)
         ST    R1,TICKS
         BAL   R14,SETNEXT
         LM    R14,R1,SAVED
         LPSW  EXTOLD
*
* The clock comparator is set to STEP from now. Changes R1.
*
SETNEXT  STCK  NEXT
         L     R1,NEXT+4
         AL    R1,STEP
         ST    R1,NEXT+4
         BC    12,NOCARRY
         L     R1,NEXT
         AL    R1,ONE
         ST    R1,NEXT
NOCARRY  SCKC  NEXT
         BR    R14
*
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
NEXT     DS    D
SAVED    DS    4F
STEP     DS    F
FIRST    DC    F'0'
SECOND   DC    F'0'
TICKS    DC    F'0'
TORN     DC    F'0'
ZERO     DC    F'0'
ONE      DC    F'1'
TIMERON  DC    X'00000800'
OPEN     DC    X'01'
CLOSED   DC    X'00'
LEVEL    DS    X
PASSLINE DC    C'LEVELS: PASS'
TORNLINE DC    CL48'LEVELS: FAIL: A PAIR WAS SEEN HALF CHANGED'
NONELINE DC    CL48'LEVELS: FAIL: NO INTERRUPTION CAME'
         COPY  CONSOLE
         LTORG
         END
