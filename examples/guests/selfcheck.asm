**********************************************************************
* SELFCHK: an operating system in small that looks at its own text, and
* changes it.
*
* Each round masks its interruptions and unmasks them (STNSM, SSM),
* changes the displacement of one of its own LOAD ADDRESS instructions
* and executes it, reads the mask instructions back and executes one of
* them by EXECUTE, puts the displacement back, and adds its whole text
* up: the sum must be what it was at the start.
*
* Parameter, word:
*   3F0  rounds (200)
*
* Watch for: natively, and as a guest however it is executed, no round
* goes wrong. A control program that rewrites instructions must not let
* the guest see that, and must hear of each store into its text at
* once. docs/binary-translation.md.
*
* Ends in a disabled wait: address 000000: all was well; 00DEAD: it was
* not; DEADxx: see LOWCORE; DEAD09: console.
* Needs: console 009, 12K of storage.
**********************************************************************
SELFCHK  START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'200'
         ORG   LOWCORE+X'400'
         COPY  CONSOLE
         LTORG
*
* Data, in a page of its own but for the text of page zero.
*
         ORG   LOWCORE+X'1000'
DATA     DS    0D
SUM      DS    F
ERRORS   DC    F'0'
OLDMASK  DS    XL2
         DS    0D
PACKED   DS    D
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
PATTERN  DC    X'4020202020202120'  7 digits
LINE     DC    C'SELFCHK:'
ROUNDNUM DS    CL8
         DC    C' ROUNDS,'
ERRNUM   DS    CL8
         DC    C' WRONG'
LINEEND  EQU   *
*
* Text.
*
         ORG   LOWCORE+X'2000'
TEXT     DS    0D
BEGIN    BALR  R12,0
         USING *,R12
         L     R11,=A(DATA)
         USING DATA,R11
         L     R6,ROUNDS
         BAL   R14,ADDUP
         ST    R1,SUM
ROUND    STNSM OLDMASK,X'00'
         LR    R7,R6
         N     R7,=F'1023'
         STC   R7,CHANGED+3        another displacement,
CHANGED  LA    R8,0                and the very next instruction is it
         N     R7,=F'255'
         CR    R7,R8
         BE    *+8
         BAL   R10,WRONG
         CLI   MASKED,X'AC'        what is there is STNSM
         BE    *+8
         BAL   R10,WRONG
         SR    R9,R9
         EX    R9,MASKED           and it can be executed from there
         MVI   CHANGED+3,X'00'
         SSM   OLDMASK
         BAL   R14,ADDUP
         C     R1,SUM              the text is what it was
         BE    *+8
         BAL   R10,WRONG
         BCT   R6,ROUND
         L     R1,ROUNDS
         CVD   R1,PACKED
         MVC   ROUNDNUM,PATTERN
         ED    ROUNDNUM,PACKED+4
         L     R1,ERRORS
         LR    R5,R1
         CVD   R1,PACKED
         MVC   ERRNUM,PATTERN
         ED    ERRNUM,PACKED+4
         LA    R2,LINE
         LA    R3,LINEEND-LINE
         BAL   R14,CONWRITE
         LTR   R5,R5
         BNZ   FAILED
         LPSW  WELL
FAILED   LPSW  BAD
*
MASKED   STNSM OLDMASK+1,X'FF'     changes nothing
*
WRONG    L     R1,ERRORS
         LA    R1,1(,R1)
         ST    R1,ERRORS
         BR    R10
*
* The sum of all words of the text, into register 1.
*
ADDUP    SR    R1,R1
         L     R2,=A(TEXT)
         LA    R3,(TEXTEND-TEXT)/4
ADDWORD  AL    R1,0(,R2)
         LA    R2,4(,R2)
         BCT   R3,ADDWORD
         BR    R14
         LTORG
         DS    0F
TEXTEND  EQU   *
         END   BEGIN
