**********************************************************************
* TRAP: a kernel of a dozen instructions and its user program, for you
* to trap by hand. Do not change it: your answers are about it.
*
* The kernel runs in supervisor state, the user in problem state, key
* 3. Addresses stand in the listing:
*   vmcp asm trap.asm -o trap.core --listing trap.lst
**********************************************************************
TRAP     START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+SVCNEW
         DC    X'00000000',A(SVCINT)
         ORG   LOWCORE+PGMNEW
         DC    X'00000000',A(PGMINT)
         ORG   LOWCORE+X'400'
*
* The kernel.
*
BEGIN    LA    R2,5
         LTR   R2,R2               condition code 2: greater than zero
         LPSW  USERPSW             [lpsw] the first LPSW
SVCINT   LPSW  SVCOLD              back to the user
PGMINT   LPSW  WELL                the user has done what it must not
*
* The user.
*
USER     SR    R3,R3               condition code 0
         C     R3,=F'-1'           condition code 2
         SVC   7                   [svc]
         BCR   0,R0
         SSM   MASK                [ssm]
         B     USER                never reached
MASK     DC    X'FF'
*
USERPSW  DC    0D'0',X'00310000',X'08',AL3(USER)
WELL     DC    0D'0',X'00020000',A(0)
         END
