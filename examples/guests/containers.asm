**********************************************************************
* CONTAINERS: several programs on one system, instead of a machine for
* each.
*
* One kernel, one to eight tasks, divided by the interval timer. Every
* task has a page and a storage key of its own, and does the same work:
* it computes a checksum, again and again, and gives way to others
* after each round. When it has ended the kernel types its checksum,
* which must be the same for all.
*
*   SVC 0  ends the task; R4: its checksum
*   SVC 2  lets another task run
*   SVC 3  stores at R1 how many rounds the kernel has counted for it
*
* SVC 3 has the fault that kernels have: it does not look whether the
* place at R1 is the caller's own. A task that is told to misbehave has
* it store over the kernel's new PSW for supervisor calls. The next
* call of anybody is the end of all: what was to keep the tasks apart
* is the kernel that they share.
*
* Parameters, words:
*   3F0  tasks, 1 to 8 (8)
*   3F4  rounds of each (20)
*   3F8  the task that misbehaves, in its third round (0: none)
*
* Ends in a disabled wait: address 000000: all tasks have ended with
* the right checksum; 00DEAD: one had another; other addresses: the
* kernel is gone, or LOWCORE's.
* Needs: console 009, 64K of storage, storage protection.
**********************************************************************
CONTAINR START 0
         COPY  EQUATES
         COPY  LOWCORE
*
TCB      DSECT
TCBREGS  DS    16F                 registers while it does not run
TCBPSW   DS    D                   PSW likewise
TCBROUND DS    F                   rounds that it has begun
TCBALIVE DS    X                   0: has ended
TCBNO    DS    X                   from 1
         DS    H
TCBLEN   EQU   *-TCB
CONTAINR CSECT
         ORG   LOWCORE+EXTNEW
         DC    X'00000000',A(EXTINT)
         DC    X'00000000',A(SVCINT)
         ORG   LOWCORE+PARM1
NTASKS   DC    F'8'
NROUNDS  DC    F'20'
BADTASK  DC    F'0'
         ORG   LOWCORE+X'400'
*
* ----- The start: a task is a control block and a page --------------
*
BEGIN    L     R2,NTASKS
         LTR   R2,R2
         BNP   LOST
         C     R2,=F'8'
         BH    LOST
         LA    R13,TCBS
         USING TCB,R13
         L     R3,=A(PAGES)
         LA    R4,1
PREPARE  STC   R4,TCBNO
         MVI   TCBALIVE,1
         LR    R1,R4
         SLL   R1,4                its key
         SSK   R1,R3
         LA    R5,2048(,R3)
         SSK   R1,R5
         MVC   TCBPSW,TASKPSW
         SLL   R1,16               in bits 8 to 11 of the PSW, too
         O     R1,TASKPSW
         ST    R1,TCBPSW
         ST    R3,TCBREGS+4*5      R5: its page
         ST    R4,TCBREGS+4*6      R6: its number
         L     R1,NROUNDS
         ST    R1,TCBREGS+4*7      R7: rounds to go
         LA    R13,TCBLEN(,R13)
         LA    R3,4095(,R3)
         LA    R3,1(,R3)
         LA    R4,1(,R4)
         BCT   R2,PREPARE
         ST    R13,TCBEND
         MVC   TOGO,NTASKS
         LCTL  0,0,TIMERBIT        of external interruptions the timer
         SH    R13,=AL2(TCBLEN)    begin with the first one
*
* ----- The next task behind the one at R13 --------------------------
*
DISPATCH LA    R13,TCBLEN(,R13)
         C     R13,TCBEND
         BL    *+8
         LA    R13,TCBS
         CLI   TCBALIVE,0
         BE    DISPATCH
         ST    R13,CURRENT
         MVC   TIMER(4),SLICE
RESUME   MVC   RUNPSW,TCBPSW
         LM    R0,R15,TCBREGS
         LPSW  RUNPSW
*
EXTINT   STM   R0,R15,SAVE         the slice is over
         L     R13,CURRENT
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,EXTOLD
         B     DISPATCH
*
SVCINT   STM   R0,R15,SAVE
         L     R13,CURRENT
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,SVCOLD
         CLI   SVCOLD+3,3
         BE    SVCCOUNT
         CLI   SVCOLD+3,2
         BNE   TASKEND
         L     R1,TCBROUND
         LA    R1,1(,R1)
         ST    R1,TCBROUND
         B     DISPATCH
SVCCOUNT MVC   0(4,R1),TCBROUND    (wherever that is)
         B     RESUME
*
TASKEND  MVI   TCBALIVE,0
         C     R4,RIGHT
         BE    *+8
         MVI   FAILED,1
         ST    R4,SUM
         UNPK  SUMHEX(9),SUM(5)
         TR    SUMHEX(8),DIGITS-240
         MVI   SUMHEX+8,C' '
         IC    R1,TCBNO
         STC   R1,LINENO
         OI    LINENO,X'F0'
         LA    R2,LINE
         LA    R3,L'LINE
         BAL   R14,CONWRITE
         L     R1,TOGO
         BCTR  R1,0
         ST    R1,TOGO
         LTR   R1,R1
         BNZ   DISPATCH
         CLI   FAILED,0
         BNE   LOST
         LPSW  WELL
LOST     LPSW  BAD
         DROP  R13
*
* ----- What every task executes -------------------------------------
*
* R5: its page, where it counts; R6: its number; R7: rounds to go.
* The right checksum, by another program:
*
*   python3 -c "
*   x = 1; s = 0
*   for i in range(5000):
*     x = (x * 1103515245 + 12345) % 2**32; s ^= x
*   print(hex(s))"
*
TASK     LA    R3,1
         SR    R4,R4
         L     R8,=F'5000'
TASKNEXT M     R2,=F'1103515245'
         A     R3,=F'12345'
         XR    R4,R3
         BCT   R8,TASKNEXT
         C     R6,BADTASK
         BNE   TASKWAY
         LR    R1,R5
         SVC   3                   as it should be: into its own page
         CLC   0(4,R5),=F'2'
         BNE   TASKWAY
         LA    R1,SVCNEW+4         and as it should not
         SVC   3
TASKWAY  SVC   2
         BCT   R7,TASK
         SVC   0
*
RUNPSW   DS    D
TASKPSW  DC    0D'0',X'FF010000',A(TASK)      problem state, enabled
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
SAVE     DS    16F
CURRENT  DS    A                   the task that runs
TCBEND   DS    A                   behind the last one
TOGO     DS    F
SUM      DS    F,X
RIGHT    DC    X'F64A8B60'
SLICE    DC    F'768'              3/300 second: bit 23 counts
TIMERBIT DC    X'00000080'         control register 0, bit 24
FAILED   DC    X'00'
LINE     DC    C'TASK n: CHECKSUM ........ '
         ORG   LINE+5
LINENO   DS    C
         ORG   LINE+17
SUMHEX   DS    CL9
         ORG
DIGITS   DC    C'0123456789ABCDEF'
         COPY  CONSOLE
         LTORG
TCBS     DC    0D'0',8XL80'00'
         ORG   LOWCORE+X'4000'
PAGES    DS    0D                  a page of each task
         END
