**********************************************************************
* RINGS: a supervisor and a program that must not touch it.
*
* The supervisor has storage key 0, the program key 8 and the problem
* state. The program stores into its own storage; then into that of
* the supervisor; then it executes LPSW. The supervisor says what
* became of each.
*
* Watch for: natively the problem state stops the LPSW, and the key the
* store. As a guest both run in the problem state of the real machine:
* the LPSW that starts the program and the one that the program tries
* trap alike, and the control program tells them apart by the virtual
* PSW. The store never comes to it before the hardware has refused it:
* virtual keys are real keys. docs/virtualizable.md.
*
* Ends in a disabled wait: address 000000: all was refused that should
* be; 00DEAD: not; DEADxx: see LOWCORE; DEAD09: console.
* Needs: console 009, 8K of storage.
**********************************************************************
RINGS    START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+SVCNEW
         DC    X'00000000',A(SVCINT)
         DC    X'00000000',A(PGMINT)
         ORG   LOWCORE+X'400'
*
BEGIN    LA    R1,X'80'            key 8
         L     R2,=A(PROGRAM)
         SSK   R1,R2
         LPSW  START               to the program
*
SVCINT   LA    R2,LINEOWN          it got so far
         LA    R3,L'LINEOWN
         BAL   R14,CONWRITE
         LPSW  SVCOLD
*
* Refused: what, and is the secret as it was?
*
PGMINT   CLC   PGMOLD+2(2),=H'4'   protection
         BE    STORED
         CLC   PGMOLD+2(2),=H'2'   privileged operation
         BE    LOADED
         B     FAILED
STORED   LA    R2,LINEKEY
         LA    R3,L'LINEKEY
         BAL   R14,CONWRITE
         CLC   SECRET,=F'42'
         BNE   FAILED
         MVC   NEXT+4(4),PGMOLD+4  behind the store
         MVI   NEXT+4,0
         LPSW  NEXT
LOADED   LA    R2,LINEPRIV
         LA    R3,L'LINEPRIV
         BAL   R14,CONWRITE
         LPSW  WELL
FAILED   LPSW  BAD
*
START    DC    0D'0',X'00810000',A(PROGRAM)  key 8, problem state
NEXT     DC    0D'0',X'00810000',A(0)
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
SECRET   DC    F'42'
LINEOWN  DC    C'RINGS: THE PROGRAM HAS STORED INTO ITS OWN BLOCK'
LINEKEY  DC    C'RINGS: ITS STORE INTO MINE IS REFUSED: PROTECTION'
LINEPRIV DC    C'RINGS: ITS LPSW IS REFUSED: PRIVILEGED OPERATION'
         COPY  CONSOLE
         LTORG
*
         ORG   LOWCORE+X'1000'
PROGRAM  BALR  R12,0
         USING *,R12
         ST    R12,OWN
         SVC   0
         LA    R1,SECRET
         ST    R12,0(,R1)
         LPSW  OWNPSW
         DS    0D
OWNPSW   DC    X'00000000',A(0)
OWN      DS    F
         END
