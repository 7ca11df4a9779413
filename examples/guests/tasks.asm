**********************************************************************
* TASKS: a small multitasking operating system and its three tasks.
*
* The kernel runs in supervisor state with key 0, disabled throughout:
* every interruption saves the task that ran, does its work and leaves
* through the dispatcher. The tasks run in problem state, enabled, each
* in a page of its own with a storage key of its own.
*
*   SVC 0  end the task
*   SVC 1  type a line: R1: its address, R0: its length (1 to 60)
*   SVC 2  let another task run
*   SVC 3  how many time slices has this task been given? R0: answer
*
* The interval timer at location 80 ends a time slice. Lines that tasks
* type wait in the kernel, four a task; who has more to say is blocked.
* The kernel types while the tasks go on: all lines of the first task,
* then those of the second, then of the third, so that the output never
* depends on how fast the machine is or how the slices fall. If nobody
* can run, the CPU waits for the console.
*
*   ALPHA  computes a checksum again and again until it has been given
*          at least three time slices, then says so: proof that the
*          timer has taken the CPU away from it.
*   BETA   sorts 200 numbers, lets others run in between, and types the
*          six smallest: two more than the kernel takes at once.
*   GAMMA  adds the numbers from 1 to 10000, and then stores into
*          ALPHA's page, which its key does not allow. The kernel ends
*          it and says why; the others never notice.
*
* Watch for: as the guest of a control program, this guest's problem
* state is the real machine's problem state too. Its SVCs and program
* checks trap to the control program, which reflects them: gives them
* back to this kernel, through the new PSWs in this guest's storage.
*
* Ends in a disabled wait: address 000000: all went as it should;
* 00DEAD: a task ended in another way; DEADxx: unexpected interruption
* (see LOWCORE; DEAD68: also a program check of the kernel itself),
* DEAD09: console.
* Needs: console 009, 64K of storage, storage protection.
**********************************************************************
TASKS    START 0
         COPY  EQUATES
         COPY  LOWCORE
*
* A task as the kernel knows it: task control block, TCB.
*
TCB      DSECT
TCBREGS  DS    16F                 registers while it does not run
TCBPSW   DS    D                   PSW likewise
TCBNEXT  DS    A                   next one, in a ring
TCBPAGE  DS    A                   where its page begins
TCBFRST  DS    A                   first line that waits
TCBLAST  DS    A                   where the next line will go
TCBSLICE DS    F                   slices it has been given
TCBCOUNT DS    F                   lines that wait
TCBNAME  DS    CL8
TCBSTATE DS    X
READY    EQU   0                   could run, or runs
BLOCKED  EQU   1                   waits for a line to be typed
ENDED    EQU   2
TCBKEY   DS    X                   storage key
TCBCODE  DS    H                   ended by: program interruption code
*                                  (0: ended itself, 256: bad SVC)
         DS    0F
TCBLINES DS    5CL64               length, then up to 60 characters
TCBLEND  EQU   *                   (four lines of its own, one for the
*                                  kernel to say how it ended)
TASKS    CSECT
         ORG   LOWCORE+EXTNEW
         DC    X'00000000',A(EXTINT)
         DC    X'00000000',A(SVCINT)
         DC    X'00000000',A(PGMINT)
         ORG   LOWCORE+X'400'
*
* ----- The start ----------------------------------------------------
*
BEGIN    MVC   TIMER(4),=X'7FFFFF00'   no slice yet
         LA    R2,HAIL
         LA    R3,L'HAIL
         BAL   R14,CONWRITE
         MVC   IONEW(8),IOPSW      from now on the kernel's own
         LCTL  0,0,TIMERBIT        of external interruptions only the
         L     R13,=A(TCBALPHA)    interval timer
         USING TCB,R13
PREPARE  SR    R1,R1
         IC    R1,TCBKEY           both 2K blocks of its page
         L     R2,TCBPAGE
         SSK   R1,R2
         LA    R2,2048(,R2)
         SSK   R1,R2
         LA    R1,TCBLINES         no lines yet
         ST    R1,TCBFRST
         ST    R1,TCBLAST
         L     R13,TCBNEXT
         C     R13,=A(TCBALPHA)
         BNE   PREPARE             the ring is closed
         B     DISPATCH
*
* ----- The dispatcher: who runs next? -------------------------------
*
DISPATCH BAL   R14,PUMP
         L     R13,LASTRAN         begin behind the one that ran last
         LA    R2,3
SEARCH   L     R13,TCBNEXT
         CLI   TCBSTATE,READY
         BE    CHOSEN
         BCT   R2,SEARCH
*
* Nobody. Is there something to wait for?
*
         SR    R1,R1
         ST    R1,CURRENT
         CLI   CONSTATE,CONFREE
         BE    FINISH              all lines typed, so all have ended
         LPSW  IDLE
*
* A new slice for the task at R13. (If the old slice ended while the
* kernel was at work, that interruption is still pending and ends the
* new slice at once. It does no harm.)
*
CHOSEN   ST    R13,LASTRAN
         ST    R13,CURRENT
         L     R1,TCBSLICE
         LA    R1,1(,R1)
         ST    R1,TCBSLICE
         MVC   TIMER(4),SLICE
RESUME   MVC   RUNPSW,TCBPSW
         LM    R0,R15,TCBREGS      (R13, too)
         LPSW  RUNPSW
*
* ----- Interval timer: the slice is over ----------------------------
*
EXTINT   STM   R0,R15,SAVE         idling is disabled for this, so
         L     R13,CURRENT         there is a current task
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,EXTOLD
         B     DISPATCH
*
* ----- Input/output: the console has typed a line -------------------
*
IOINT    STM   R0,R15,SAVE
         L     R13,CURRENT
         LTR   R13,R13             was the kernel idle?
         BZ    IOWHO
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,IOOLD
IOWHO    CLC   IOOLD+2(2),CONADDR
         BNE   IOBACK              not ours
         TM    CSW+4,UNITCHK
         BO    CONDEAD
         TM    CSW+5,CHANERR
         BNZ   CONDEAD
         CLI   CONSTATE,CONTYPES
         BNE   IOBACK
         TM    CSW+4,DEVEND
         BZ    IOBACK
         MVI   CONSTATE,CONFREE
IOBACK   LTR   R13,R13
         BZ    DISPATCH
         BAL   R14,PUMP            its slice goes on
         B     RESUME
*
* ----- Program interruption: the task is at fault -------------------
*
PGMINT   TM    PGMOLD+1,X'01'      problem state?
         BZ    KERNBAD             no: the kernel itself
         STM   R0,R15,SAVE
         L     R13,CURRENT
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,PGMOLD
         LH    R1,PGMOLD+2
         STH   R1,TCBCODE
         B     TASKEND
KERNBAD  LPSW  KERNPSW
*
* ----- Supervisor call ----------------------------------------------
*
SVCINT   STM   R0,R15,SAVE
         L     R13,CURRENT
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,SVCOLD
         SR    R2,R2
         IC    R2,SVCOLD+3         its number
         LA    R3,3
         CR    R2,R3
         BH    SVCBAD
         SLL   R2,2
         B     *+4(R2)
         B     TASKEND             0
         B     SVCTYPE             1
         B     DISPATCH            2
         L     R1,TCBSLICE         3
         ST    R1,TCBREGS          its R0
         B     RESUME
SVCBAD   LA    R1,256
         STH   R1,TCBCODE
         B     TASKEND
*
* SVC 1. A task must not have the kernel read what is not its own.
*
SVCTYPE  LTR   R0,R0
         BNP   SVCBAD
         LA    R3,60
         CR    R0,R3
         BH    SVCBAD
         LA    R1,0(,R1)           24 bits of address
         L     R2,TCBPAGE
         CR    R1,R2               where the line begins
         BL    SVCBAD
         LA    R2,4095(,R2)
         LR    R3,R1
         AR    R3,R0
         BCTR  R3,0
         CR    R3,R2               and where it ends
         BH    SVCBAD
         L     R2,TCBCOUNT
         LA    R3,4
         CR    R2,R3
         BNL   SVCFULL
         BAL   R14,ADDLINE
         BAL   R14,PUMP
         B     RESUME
*
* No room: the task is blocked, and will execute its SVC once more.
*
SVCFULL  MVI   TCBSTATE,BLOCKED
         L     R1,TCBPSW+4
         BCTR  R1,0
         BCTR  R1,0
         STCM  R1,7,TCBPSW+5
         B     DISPATCH
*
* ----- The end of the task at R13 -----------------------------------
*
TASKEND  MVI   TCBSTATE,ENDED
         MVC   ENDNAME,TCBNAME
         LA    R1,ENDLINE
         MVC   ENDHOW(L'SELF),SELF
         LA    R0,ENDHOW-ENDLINE+L'SELF
         LH    R2,TCBCODE
         LTR   R2,R2
         BZ    TASKSAY             it ended itself
         MVC   ENDHOW,FAULT
         UNPK  HEX(5),TCBCODE(3)
         TR    HEX(4),DIGITS-240
         MVC   ENDHOW+20(4),HEX
         UNPK  HEX(7),TCBPSW+5(4)
         TR    HEX(6),DIGITS-240
         MVC   ENDHOW+28(6),HEX
         LA    R0,ENDHOW-ENDLINE+L'ENDHOW
TASKSAY  BAL   R14,ADDLINE
         B     DISPATCH
*
* ADDLINE: a line (R1: its address, R0: its length) behind the others
* of the task at R13. There must be room.
*
ADDLINE  L     R2,TCBLAST
         STC   R0,0(,R2)
         LR    R3,R0
         BCTR  R3,0
         EX    R3,ADDMOVE
         LA    R2,64(,R2)
         LA    R3,TCBLEND
         CR    R2,R3
         BL    *+8
         LA    R2,TCBLINES
         ST    R2,TCBLAST
         L     R2,TCBCOUNT
         LA    R2,1(,R2)
         ST    R2,TCBCOUNT
         BR    R14
ADDMOVE  MVC   1(0,R2),0(R1)       the length comes from EX
*
* ----- PUMP: keeps the console busy ---------------------------------
*
* Types the next line, if there is one and the console is free. Uses
* R1 to R4.
*
PUMP     CLI   CONSTATE,CONTYPES
         BER   R14
         CLI   CONSTATE,CONTRIES
         BE    PUMPTRY
         LR    R4,R13              R13: the task whose turn it is
PUMPLOOK L     R13,SPEAKER
         LTR   R13,R13
         BZ    PUMPBACK            all have spoken
         L     R1,TCBCOUNT
         LTR   R1,R1
         BNZ   PUMPTAKE
         CLI   TCBSTATE,ENDED      it will say more
         BNE   PUMPBACK
         L     R1,TCBNEXT          it will not: the next one
         C     R1,=A(TCBALPHA)     that was the last one
         BNE   *+6
         SR    R1,R1
         ST    R1,SPEAKER
         B     PUMPLOOK
PUMPTAKE BCTR  R1,0
         ST    R1,TCBCOUNT
         L     R2,TCBFRST
         SR    R3,R3
         IC    R3,0(,R2)
         STH   R3,LINECCW+6
         MVC   LINE,1(R2)
         LA    R2,64(,R2)
         LA    R3,TCBLEND
         CR    R2,R3
         BL    *+8
         LA    R2,TCBLINES
         ST    R2,TCBFRST
         CLI   TCBSTATE,BLOCKED
         BNE   *+8
         MVI   TCBSTATE,READY      there is room again
         LR    R13,R4
         MVI   CONSTATE,CONTRIES
PUMPTRY  LA    R1,LINECCW
         ST    R1,CAW
         SIO   CONSOLE
         BC    1,CONDEAD           3: not operational
         BCR   2,R14               2: an interruption is pending: later
         BC    8,PUMPGOES
         TM    CSW+4,BUSY          1: pending status was cleared
         BO    PUMPTRY
         B     CONDEAD
PUMPGOES MVI   CONSTATE,CONTYPES
         BR    R14
PUMPBACK LR    R13,R4
         BR    R14
*
* ----- The end ------------------------------------------------------
*
FINISH   LA    R2,FAREWELL
         LA    R3,L'FAREWELL
         BAL   R14,CONWRITE
         L     R13,=A(TCBALPHA)    ALPHA and BETA must have ended
         LH    R1,TCBCODE          themselves, GAMMA by a protection
         L     R13,TCBNEXT         exception
         AH    R1,TCBCODE
         BNZ   FAILED
         L     R13,TCBNEXT
         LH    R1,TCBCODE
         SH    R1,=H'4'
         BNZ   FAILED
         LPSW  WELL
FAILED   LPSW  BAD
         DROP  R13
*
* ----- What the kernel works with -----------------------------------
*
RUNPSW   DS    D
IDLE     DC    0D'0',X'80020000',A(0)         wait; channel 0 enabled
IOPSW    DC    0D'0',X'00000000',A(IOINT)
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
KERNPSW  DC    0D'0',X'00020000',A(X'DEAD68')
LINECCW  CCW   WRITEACR,LINE,SLI,1
SAVE     DS    16F
CURRENT  DC    A(0)                the task that runs; 0: none
LASTRAN  DC    A(TCBGAMMA)         the one that ran last
SPEAKER  DC    A(TCBALPHA)         the one whose lines are typed
SLICE    DC    F'768'              3/300 second: bit 23 counts
TIMERBIT DC    X'00000080'         control register 0, bit 24
CONSTATE DC    X'00'
CONFREE  EQU   0                   nothing to type
CONTRIES EQU   1                   the line is there, SIO had to wait
CONTYPES EQU   2                   the channel program is started
LINE     DS    CL60
HAIL     DC    C'TASKS: STARTING ALPHA, BETA AND GAMMA'
FAREWELL DC    C'TASKS: ALL HAVE ENDED'
ENDLINE  DC    C'TASKS: '
ENDNAME  DS    CL6
ENDHOW   DS    CL34
SELF     DC    C'HAS ENDED ITSELF'
FAULT    DC    C'PROGRAM CHECK, CODE .... AT ......'
HEX      DS    CL7
DIGITS   DC    C'0123456789ABCDEF'
         COPY  CONSOLE
         LTORG
*
* ----- The tasks' control blocks ------------------------------------
*
* PSW: all interruptions enabled, the task's key, problem state. R12
* holds the address of its page.
*
         ORG   LOWCORE+X'1000'
TCBALPHA DC    12F'0',A(ALPHA),3F'0',X'FF110000',A(ALPHA)
         DC    A(TCBBETA,ALPHA),4F'0',CL8'ALPHA',AL1(READY,X'18')
         DC    H'0',5XL64'00'
TCBBETA  DC    12F'0',A(BETA),3F'0',X'FF210000',A(BETA)
         DC    A(TCBGAMMA,BETA),4F'0',CL8'BETA',AL1(READY,X'28')
         DC    H'0',5XL64'00'
TCBGAMMA DC    12F'0',A(GAMMA),3F'0',X'FF310000',A(GAMMA)
         DC    A(TCBALPHA,GAMMA),4F'0',CL8'GAMMA',AL1(READY,X'38')
         DC    H'0',5XL64'00'
*
* ===== ALPHA ========================================================
*
* Right are, by another program:
*
*   python3 -c "
*   x = 1; s = 0
*   for i in range(5000):
*     x = (x * 1103515245 + 12345) % 2**32; s ^= x
*   print(hex(s))"
*
         ORG   LOWCORE+X'2000'
         USING ALPHA,R12
ALPHA    LA    R3,1
         SR    R4,R4
         L     R5,=F'5000'
ALPHANXT M     R2,=F'1103515245'
         A     R3,=F'12345'
         XR    R4,R3
         BCT   R5,ALPHANXT
         C     R4,=X'F64A8B60'
         BNE   ALPHABAD            (then the kernel's state is wrong)
         SVC   3
         C     R0,=F'3'
         BL    ALPHA
         ST    R4,ALPHASUM
         UNPK  ALPHAHEX(9),ALPHASUM(5)
         TR    ALPHAHEX(8),ALPHADIG-240
         MVI   ALPHAHEX+8,C','
         LA    R1,ALPHAL1
         LA    R0,L'ALPHAL1
         SVC   1
         LA    R1,ALPHAL2
         LA    R0,L'ALPHAL2
         SVC   1
         SVC   0
ALPHABAD DC    X'0000'             operation exception: a program check
         ORG   ALPHA+X'100'        so that R12 reaches ALPHADIG-240
ALPHAL1  DC    C'ALPHA: CHECKSUM ........, THE SAME IN EVERY ROUND'
         ORG   ALPHAL1+16
ALPHAHEX DS    CL9
         ORG
ALPHAL2  DC    C'ALPHA: THE TIMER HAS DIVIDED THE WORK INTO SLICES'
ALPHASUM DS    F,X
ALPHADIG DC    C'0123456789ABCDEF'
         LTORG
         DROP  R12
*
* ===== BETA =========================================================
*
         ORG   LOWCORE+X'3000'
         USING BETA,R12
BETA     LA    R6,BETATAB          fill the table
         LA    R7,200
         LA    R3,2
BETAFILL M     R2,=F'1103515245'
         A     R3,=F'12345'
         LR    R4,R3
         SRL   R4,1                a positive number
         ST    R4,0(,R6)
         LA    R6,4(,R6)
         BCT   R7,BETAFILL
         LA    R7,199              sort it: each round brings the
BETASORT LA    R6,BETATAB          largest one that is left to its
         LR    R8,R7               place
BETACOMP L     R4,0(,R6)
         C     R4,4(,R6)
         BNH   BETAHIGH
         MVC   0(4,R6),4(R6)
         ST    R4,4(,R6)
BETAHIGH LA    R6,4(,R6)
         BCT   R8,BETACOMP
         SVC   2                   enough for now: let others run
         BCT   R7,BETASORT
         LA    R6,BETATAB
         LA    R7,6
BETASAY  UNPK  BETAHEX(9),0(5,R6)
         TR    BETAHEX(8),BETADIGS-240
         LA    R1,BETALINE
         LA    R0,L'BETALINE
         SVC   1
         IC    R1,BETANO           the next number
         LA    R1,1(,R1)
         STC   R1,BETANO
         LA    R6,4(,R6)
         BCT   R7,BETASAY
         SVC   0
         ORG   BETA+X'100'
BETALINE DC    C'BETA: NUMBER 1 IS ........'
         ORG   BETALINE+13
BETANO   DS    C
         ORG   BETALINE+18
BETAHEX  DS    CL8
         ORG
         DS    C                   (UNPK writes one byte more)
BETADIGS DC    C'0123456789ABCDEF'
         LTORG
BETATAB  DS    201F
         DROP  R12
*
* ===== GAMMA ========================================================
*
         ORG   LOWCORE+X'4000'
         USING GAMMA,R12
GAMMA    SR    R3,R3
         L     R4,=F'10000'
GAMMAADD AR    R3,R4
         BCT   R4,GAMMAADD
         CVD   R3,GAMMADEC
         UNPK  GAMMANUM,GAMMADEC
         OI    GAMMANUM+7,X'F0'    the sign
         LA    R1,GAMMAL1
         LA    R0,L'GAMMAL1
         SVC   1
         LA    R1,GAMMAL2
         LA    R0,L'GAMMAL2
         SVC   1
         L     R2,=A(ALPHA)
         ST    R3,0(,R2)           protection exception
         LA    R1,GAMMAL3
         LA    R0,L'GAMMAL3
         SVC   1
         SVC   0
GAMMADEC DS    D
GAMMAL1  DC    C'GAMMA: THE SUM OF 1 TO 10000 IS ........'
         ORG   GAMMAL1+32
GAMMANUM DS    CL8
         ORG
GAMMAL2  DC    C'GAMMA: NOW I STORE INTO ALPHA''S PAGE'
GAMMAL3  DC    C'GAMMA: IT WORKED!'
         LTORG
         END
