**********************************************************************
* HELLO: your first guest. handout.md says what it has to do.
*
* What is here: the low storage of the machine (COPY LOWCORE), names
* for everything (COPY EQUATES), and the end. TODO marks what is not.
**********************************************************************
HELLO    START 0
         COPY  EQUATES
         COPY  LOWCORE
*        TODO 3: lay your own I/O new PSW over that of LOWCORE:
*        ORG   LOWCORE+IONEW
*        DC    X'00000000',A(IOINT)
         ORG   LOWCORE+X'400'
*
BEGIN    LA    R1,FIRST
         BAL   R14,TYPE
*        TODO 4: the second line
         LPSW  WELL
*
* TYPE: executes the channel program at R1 on the console, and returns
* through R14 when the console has ended it.
*
TYPE     DS    0H
*        TODO 2: put the address of the channel program into CAW,
*                start it (SIO), look at the condition code,
*                wait for the interruption (LPSW WAIT)
IOINT    BR    R14
FAILED   LPSW  BAD
*
* PSWs: system mask, key and mode, interruption code, address.
*
WAIT     DC    0D'0',X'80020000',A(0)         wait; channel 0 enabled
WELL     DC    0D'0',X'00020000',A(0)         wait; disabled: the end
BAD      DC    0D'0',X'00020000',A(X'DEAD')   the end, and not well
*
* Channel programs, and what they type.
*
FIRST    CCW   WRITEACR,LINE1,SLI,L'LINE1
LINE1    DC    C'TODO 1'
         END
