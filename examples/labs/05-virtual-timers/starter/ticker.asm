**********************************************************************
* TICKER: a line a second, by the clock comparator. handout.md says
* what it has to do; TODO marks what is missing.
**********************************************************************
TICKER   START 0
         COPY  EQUATES
         COPY  LOWCORE
*        TODO 1: an external new PSW that goes on at WAKE (EXTNEW)
         ORG   LOWCORE+X'400'
*
BEGIN    LA    R6,5                ticks
*        TODO 2: let the clock comparator interrupt (LCTL), and ask
*                what time it is (STCK NEXT)
AGAIN    DS    0H
*        TODO 3: NEXT is one second later: add SECOND to its eight
*                bytes, with the carry; set the clock comparator
*                (SCKC), and wait for it (LPSW SLEEP)
WAKE     IC    R1,LINE+5           the next digit
         LA    R1,1(,R1)
         STC   R1,LINE+5
         LA    R2,LINE
         LA    R3,L'LINE
         BAL   R14,CONWRITE        types the line, and waits for that
         BCT   R6,AGAIN
         LPSW  WELL
*
         COPY  CONSOLE
*
NEXT     DS    D                   when the next tick is due
SECOND   DC    X'F4240000'         1,000,000 us, in TOD clock units
ONE      DC    F'1'
ALLOW    DC    X'00000000'         TODO 2: control register 0
SLEEP    DC    0D'0',X'01020000',A(0)         wait; external enabled
WELL     DC    0D'0',X'00020000',A(0)
LINE     DC    C'TICK 0'
         END
