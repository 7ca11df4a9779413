**********************************************************************
* ACCOUNTING: a system that charges its tasks for what they use.
*
* Two tasks give each other the CPU by SVC 0. At each switch the
* system stores the CPU timer of the one (STPT), sets that of the
* other (SPT), and lets it go on (LPSW): three privileged instructions
* side by side, as the dispatchers of real systems have them.
*
*   PARM1 (word at location 3F0)  how often the first task has its turn
*
* Shows: exits that follow one another. A control program that sees
* each of these instructions is entered three times a switch, but for
* one that looks at what comes next: that is entered once.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: a task's time
* went backwards, or stood still; DEADxx: unexpected interruption (see
* LOWCORE), DEAD09: console.
* Needs: console 009; CPU timer; 16K of storage.
**********************************************************************
ACCOUNT  START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+SVCNEW
         DC    X'00000000',A(SWITCH)
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'5000'             PARM1: rounds
         ORG   LOWCORE+X'400'
*
BEGIN    L     R4,ROUNDS
         SR    R6,R6
         SPT   TIME1
         LPSW  TASK1
*
* The tasks. The registers of one are none of the other's.
*
FIRST    LA    R5,1(R5)
         SVC   0
         BCT   R4,FIRST
         SVC   1                   that was all
SECOND   LA    R6,1(R6)
         SVC   0
         B     SECOND
*
* The switch. NOW is 0 while the first task runs.
*
SWITCH   CLI   SVCOLD+3,1
         BE    DONE
         XI    NOW,1
         BZ    TO1
         MVC   TASK1,SVCOLD
         STPT  TIME1
         SPT   TIME2
         LPSW  TASK2
TO1      MVC   TASK2,SVCOLD
         STPT  TIME2
         SPT   TIME1
         LPSW  TASK1
*
DONE     STPT  TIME1
         LA    R2,FAILLINE
         LA    R3,L'FAILLINE
         C     R6,ROUNDS           the second had as many turns
         BNE   WRONG
         CLC   TIME1(8),FULL       both have used some time
         BNL   WRONG
         CLC   TIME2(8),FULL
         BNL   WRONG
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
WRONG    BAL   R14,CONWRITE
         LPSW  BAD
*
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
TASK1    DC    0D'0',X'00010000',A(FIRST)
TASK2    DC    0D'0',X'00010000',A(SECOND)
FULL     DC    0D'0',X'00FFFFFFFFFFFFFF'
TIME1    DC    0D'0',X'00FFFFFFFFFFFFFF'
TIME2    DC    0D'0',X'00FFFFFFFFFFFFFF'
NOW      DC    X'00'
PASSLINE DC    C'ACCOUNTING: PASS'
FAILLINE DC    C'ACCOUNTING: FAIL'
         COPY  CONSOLE
         LTORG
         END
