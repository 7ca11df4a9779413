**********************************************************************
* TICKER, the model answer: a line a second, by the clock comparator.
**********************************************************************
TICKER   START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+EXTNEW
         DC    X'00000000',A(WAKE)
         ORG   LOWCORE+X'400'
*
BEGIN    LA    R6,5                ticks
         LCTL  R0,R0,ALLOW         let the clock comparator interrupt
         STCK  NEXT                what time is it?
AGAIN    LM    R4,R5,NEXT          one second later than the last time
         AL    R5,SECOND
         BC    12,NOCARRY
         AL    R4,ONE
NOCARRY  STM   R4,R5,NEXT
         SCKC  NEXT
         LPSW  SLEEP
WAKE     IC    R1,LINE+5           the next digit
         LA    R1,1(,R1)
         STC   R1,LINE+5
         LA    R2,LINE
         LA    R3,L'LINE
         BAL   R14,CONWRITE
         BCT   R6,AGAIN
         LPSW  WELL
*
         COPY  CONSOLE
*
NEXT     DS    D                   when the next tick is due
SECOND   DC    X'F4240000'         1,000,000 us, in TOD clock units
ONE      DC    F'1'
ALLOW    DC    X'00000800'         control register 0
SLEEP    DC    0D'0',X'01020000',A(0)         wait; external enabled
WELL     DC    0D'0',X'00020000',A(0)
LINE     DC    C'TICK 0'
         END
