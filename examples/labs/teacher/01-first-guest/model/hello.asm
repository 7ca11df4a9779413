**********************************************************************
* HELLO, the model answer: two lines, one SIO and one interruption for
* each.
**********************************************************************
HELLO    START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+IONEW
         DC    X'00000000',A(IOINT)    go on at IOINT, disabled
         ORG   LOWCORE+X'400'
*
BEGIN    LA    R1,FIRST
         BAL   R14,TYPE
         LA    R1,SECOND
         BAL   R14,TYPE
         LPSW  WELL
*
* TYPE: executes the channel program at R1 on the console, and returns
* through R14 when the console has ended it.
*
TYPE     ST    R1,CAW
         SIO   CONSOLE
         BC    7,FAILED            condition code 0 is: started
SLEEP    LPSW  WAIT
IOINT    TM    CSW+4,DEVEND        is the console at rest again?
         BZ    SLEEP
         BR    R14
FAILED   LPSW  BAD
*
WAIT     DC    0D'0',X'80020000',A(0)
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
*
FIRST    CCW   WRITEACR,LINE1,SLI,L'LINE1
SECOND   CCW   WRITEACR,LINE2,SLI,L'LINE2
LINE1    DC    C'HELLO FROM MY MACHINE'
LINE2    DC    C'GOOD BYE'
         END
