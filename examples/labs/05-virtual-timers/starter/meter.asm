**********************************************************************
* METER: how long did WORK take, and how much of that was ours?
* handout.md says more; TODO marks what is missing.
**********************************************************************
METER    START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+X'400'
*
BEGIN    DS    0H
*        TODO 4: what time is it (STCK), what does the CPU timer say
*                (STPT)?
         BAL   R14,WORK
*        TODO 5: and now? The differences, in microseconds, belong
*                into OWN (CPU time of this machine) and ELAPSED
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
