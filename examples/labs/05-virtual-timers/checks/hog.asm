**********************************************************************
* HOG: wants the CPU all the time.
**********************************************************************
HOG      START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+X'400'
BEGIN    L     R1,LOOPS
         BCT   R1,*
         LPSW  WELL
LOOPS    DC    F'5000000'
WELL     DC    0D'0',X'00020000',A(0)
         END
