**********************************************************************
* ASKER: asks the console again and again whether it is free.
*
* A round executes a TEST I/O, and as many problem-state instructions
* before it as PARM1 says. PARM2 says how many rounds.
*
*   PARM1 (word at location 3F0)  problem instructions between two
*                                 TIOs, 2 or more
*   PARM2 (word at location 3F4)  rounds, 1 or more
*
* Shows: an instruction that no hardware executes for a guest, and
* what its way to the control program and back costs. Beside PRIVOP,
* whose instructions stay inside.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: the console
* is not free; DEADxx: unexpected interruption (see LOWCORE).
* Needs: console 009.
**********************************************************************
ASKER    START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
BETWEEN  DC    F'100'              PARM1: problem instructions
ROUNDS   DC    F'100'              PARM2: rounds
         ORG   LOWCORE+X'400'
BEGIN    L     R5,BETWEEN
         BCTR  R5,0                less one for LR
         L     R4,ROUNDS
ROUND    LR    R3,R5
         BCT   R3,*
         TIO   CONSOLE
         BNZ   NOTFREE
         BCT   R4,ROUND
         LPSW  WELL
NOTFREE  LPSW  ILL
WELL     DC    0D'0',X'00020000',A(0)
ILL      DC    0D'0',X'00020000',A(X'DEAD')
         END
