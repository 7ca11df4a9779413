**********************************************************************
* METER, the model answer: how long did WORK take, and how much of
* that was ours?
**********************************************************************
METER    START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+X'400'
*
BEGIN    STCK  TOD1
         STPT  CPU1
         BAL   R14,WORK
         STPT  CPU2
         STCK  TOD2
         LM    R2,R3,CPU1          the CPU timer counts down
         SL    R3,CPU2+4
         BC    3,NOBORR1
         SL    R2,ONE
NOBORR1  SL    R2,CPU2
         SRDL  R2,12               4096 units are a microsecond
         ST    R3,OWN
         LM    R2,R3,TOD2          the TOD clock counts up
         SL    R3,TOD1+4
         BC    3,NOBORR2
         SL    R2,ONE
NOBORR2  SL    R2,TOD1
         SRDL  R2,12
         ST    R3,ELAPSED
         LPSW  WELL
*
* WORK: computes for a while.
*
WORK     L     R1,LOOPS
WORKING  BCT   R1,WORKING
         BR    R14
LOOPS    DC    F'400000'
*
TOD1     DS    D
TOD2     DS    D
CPU1     DS    D
CPU2     DS    D
ONE      DC    F'1'
WELL     DC    0D'0',X'00020000',A(0)
*
* The answers, in microseconds, where the check looks for them.
*
         ORG   LOWCORE+X'500'
OWN      DC    F'0'
ELAPSED  DC    F'0'
         END
