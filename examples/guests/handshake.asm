**********************************************************************
* HANDSHAKE: a multitasking guest that goes on while one of its tasks
* waits for a page.
*
* Three tasks in problem state: WALK A and WALK B each walk through a
* storage area of their own, page after page, and compute a little in
* between; COMPUTE needs no storage but the page of the program. The
* first one that can run does, in this order.
*
* If STIDP tells that this is a virtual machine (version X'FF'), the
* guest asks the control program for VM handshaking: SET PAGEX ON, by
* DIAGNOSE X'08'. From then on a page that lies on a paging device
* does not stop the whole machine. Instead:
*
* - The task that touched it gets a program interruption with code
*   X'14'; the address of the page, as this guest knows it, is at
*   location 90. The kernel lets the task wait and runs another one.
* - When the page has come, there is another interruption with code
*   X'14' and the same address with its high-order bit on, whatever
*   runs then or waits. The kernel makes the task ready again.
*
* Both come only in EC mode with the I/O mask on: the kernel, which is
* disabled, just waits for its pages. If nobody needs the CPU, it waits
* enabled. Natively, and where PAGEX is refused, all goes on as if it
* had not been asked for: one task behind the other.
*
* A walker fills the first word of each page with pseudo-random
* numbers, adds the number of the round to each in every round, and at
* the end the sum must be what it was and what has been added. COMPUTE
* makes random numbers and then makes them backwards: in the end there
* must be its seed.
*
* Parameters, words:
*   3F0  pages of each walker (24), at least 1
*   3F4  rounds (8)
*   3F8  1: ask for handshaking; 0: do not
*   3FC  1: type how often a task has waited for a page
*   3E0  length of COMPUTE (50000)
*
* Watch for: with handshaking and too few page frames, page waits of
* this machine are short, although its tasks wait as much: COMPUTE and
* the other walker run meanwhile.
*
* Ends in a disabled wait: address 000000: all was right; 00DEAD: it
* was not; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, 12K of storage and 4K for each walker's page.
**********************************************************************
HANDSHK  START 0
         COPY  EQUATES
         COPY  ECLOW
*
* A task.
*
TCB      DSECT
TCBREGS  DS    16F                 registers while it does not run
TCBPSW   DS    D                   PSW likewise
TCBWAIT  DS    A                   the page that it waits for
TCBVALUE DS    F                   what it has found
TCBSTATE DS    X
READY    EQU   0
WAITING  EQU   1                   for a page
ENDED    EQU   2
TCBRIGHT DS    X                   1: its check was right
         DS    H
TCBNAME  DS    CL8
TCBSIZE  EQU   *-TCB
HANDSHK  CSECT
         ORG   LOWCORE+SVCNEW
         DC    X'00080000',A(SVCINT)
         DC    X'00080000',A(PGMINT)
         ORG   LOWCORE+PARM5
NLONG    DC    F'50000'
         ORG   LOWCORE+PARM1
NPAGES   DC    F'24'
NROUNDS  DC    F'8'
ASK      DC    F'1'
TELL     DC    F'0'
*
* ----- The start ----------------------------------------------------
*
BEGIN    LA    R2,HAIL
         LA    R3,L'HAIL
         BAL   R14,CONWRITE
         L     R1,NPAGES           where B's pages are
         SLL   R1,12
         A     R1,=A(POOL)
         ST    R1,AREAB
         MVC   PAGESA,NPAGES
         MVC   PAGESB,NPAGES
         MVC   LONGC,NLONG
         MVC   ROUNDSA,NROUNDS
         MVC   ROUNDSB,NROUNDS
         CLC   ASK,=F'0'
         BE    DISPATCH
         STIDP CPUID
         CLI   CPUID,X'FF'         a virtual machine?
         BNE   DISPATCH
         LA    R2,PAGEX
         LA    R3,L'PAGEX
         DIAG  R2,R3,X'08'         return code in R3: if it is not
*                                  zero, then without
*
* ----- The dispatcher -----------------------------------------------
*
DISPATCH LA    R13,TCBS
         USING TCB,R13
         LA    R2,3
         SR    R3,R3               tasks that wait
SEARCH   CLI   TCBSTATE,READY
         BE    CHOSEN
         CLI   TCBSTATE,WAITING
         BNE   *+8
         LA    R3,1(,R3)
         LA    R13,TCBSIZE(,R13)
         BCT   R2,SEARCH
         SR    R13,R13
         ST    R13,CURRENT
         LTR   R3,R3
         BZ    FINISH              all have ended
         LPSW  IDLE                wait for a page to come
CHOSEN   ST    R13,CURRENT
         MVC   RUNPSW,TCBPSW
         LM    R0,R15,TCBREGS      (R13, too)
         LPSW  RUNPSW
*
* ----- Program interruption: about pages, or an error ---------------
*
PGMINT   CLC   PGMCODE(2),=H'20'   X'14'
         BNE   PGMBAD
         STM   R0,R15,SAVE
         L     R13,CURRENT
         LTR   R13,R13             did nobody run?
         BZ    PGMWHAT
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,PGMOLD
PGMWHAT  TM    TEA,X'80'           has a page come?
         BO    ARRIVED
         LTR   R13,R13
         BZ    PGMBAD
         MVC   TCBWAIT,TEA         the task must wait
         MVI   TCBSTATE,WAITING
         L     R1,WAITS
         LA    R1,1(,R1)
         ST    R1,WAITS
         B     DISPATCH
ARRIVED  NI    TEA,X'7F'
         LA    R13,TCBS            all that wait for it
         LA    R2,3
LOOK     CLI   TCBSTATE,WAITING
         BNE   LOOKNEXT
         CLC   TCBWAIT,TEA
         BNE   LOOKNEXT
         MVI   TCBSTATE,READY
LOOKNEXT LA    R13,TCBSIZE(,R13)
         BCT   R2,LOOK
         B     DISPATCH
PGMBAD   LPSW  KERNPSW
*
* ----- Supervisor call: a task has ended ----------------------------
*
* R0: was its check right? R3: its value.
*
SVCINT   L     R13,CURRENT
         STC   R0,TCBRIGHT
         ST    R3,TCBVALUE
         MVI   TCBSTATE,ENDED
         B     DISPATCH
*
* ----- The end ------------------------------------------------------
*
FINISH   LA    R13,TCBS
         LA    R4,3
         LA    R5,1                all right?
FINTYPE  MVC   LINENAME,TCBNAME
         MVC   VALUE(4),TCBVALUE
         UNPK  HEX(9),VALUE(5)
         TR    HEX(8),DIGITS-240
         MVI   HEX+8,C','
         MVC   LINEHOW,=CL5'RIGHT'
         CLI   TCBRIGHT,1
         BE    FINLINE
         MVC   LINEHOW,=CL5'WRONG'
         SR    R5,R5
FINLINE  LA    R2,LINE
         LA    R3,LINEEND-LINE
         BAL   R14,CONWRITE
         LA    R13,TCBSIZE(,R13)
         BCT   R4,FINTYPE
         DROP  R13
         CLC   TELL,=F'0'
         BE    FINEND
         L     R1,WAITS
         CVD   R1,PACKED
         MVC   TELLNUM,PATTERN
         ED    TELLNUM,PACKED+4
         LA    R2,TELLLINE
         LA    R3,L'TELLLINE
         BAL   R14,CONWRITE
FINEND   LTR   R5,R5
         BZ    FAILED
         LPSW  WELL
FAILED   LPSW  BAD
*
* ----- What the kernel works with -----------------------------------
*
RUNPSW   DS    D
IDLE     DC    0D'0',X'020A0000',A(0)     wait, I/O enabled
WELL     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'DEAD')
KERNPSW  DC    0D'0',X'000A0000',A(X'DEAD68')
CPUID    DS    D
PACKED   DS    D
SAVE     DS    16F
CURRENT  DC    A(0)                the task that runs; 0: none
WAITS    DC    F'0'
VALUE    DS    F,X                 (and a byte for UNPK)
PAGEX    DC    C'SET PAGEX ON'
HAIL     DC    C'HANDSHAKE: STARTING THREE TASKS'
LINE     DC    C'HANDSHAKE: '
LINENAME DS    CL8
HEX      DS    CL9
         DC    C' '
LINEHOW  DS    CL5
LINEEND  EQU   *
DIGITS   DC    C'0123456789ABCDEF'
PATTERN  DC    X'4020202020202120'  7 digits
TELLLINE DC    C'HANDSHAKE: 12345678 TIMES A TASK WAITED FOR A PAGE'
         ORG   TELLLINE+11
TELLNUM  DS    CL8
         ORG
         COPY  ECCON
         LTORG
*
* The tasks' control blocks. A walker's registers: R8: seed, R9: pages,
* R10: rounds, R11: its area, R12: program. COMPUTE's: R10: length.
* PSW: EC mode, problem state, enabled for I/O.
*
         DS    0D
TCBS     DC    8F'0',F'1'
PAGESA   DC    F'0'
ROUNDSA  DC    F'0',A(POOL,PROGRAM),3F'0'
         DC    X'02090000',A(WALK),2F'0',AL1(READY,0),H'0'
         DC    CL8'WALK A'
         DC    8F'0',F'2'
PAGESB   DC    F'0'
ROUNDSB  DC    F'0'
AREAB    DC    A(0,PROGRAM),3F'0'
         DC    X'02090000',A(WALK),2F'0',AL1(READY,0),H'0'
         DC    CL8'WALK B'
         DC    8F'0',F'3',F'0'
LONGC    DC    F'0',A(0,PROGRAM),3F'0'
         DC    X'02090000',A(COMPUTE),2F'0',AL1(READY,0),H'0'
         DC    CL8'COMPUTE'
*
* ===== The tasks ====================================================
*
         ORG   LOWCORE+X'1000'
PROGRAM  DS    0H
         USING PROGRAM,R12
WALK     LR    R3,R8
         SR    R7,R7               R7: what the sum should be
         LR    R5,R11              R5: page
         LR    R6,R9
WALKFILL M     R2,MULT
         A     R3,INCR
         ST    R3,0(,R5)
         AR    R7,R3
         A     R5,PAGE
         BCT   R6,WALKFILL
WALKRND  LR    R5,R11
         LR    R6,R9
WALKPAGE L     R3,0(,R5)
         AR    R3,R10
         AR    R7,R10
         ST    R3,0(,R5)
         LA    R4,200              compute a little
         BCT   R4,*
         A     R5,PAGE
         BCT   R6,WALKPAGE
         BCT   R10,WALKRND
         LR    R5,R11
         LR    R6,R9
         SR    R3,R3
WALKSUM  A     R3,0(,R5)
         A     R5,PAGE
         BCT   R6,WALKSUM
         SR    R0,R0
         CR    R3,R7
         BNE   *+8
         LA    R0,1
         SVC   0
*
COMPUTE  LR    R3,R8
         LR    R6,R10
FORWARD  M     R2,MULT
         A     R3,INCR
         BCT   R6,FORWARD
         LR    R5,R3
         LR    R6,R10
BACK     S     R5,INCR
         M     R4,INVERSE
         BCT   R6,BACK
         SR    R0,R0
         CR    R5,R8
         BNE   *+8
         LA    R0,1
         SVC   0
*
MULT     DC    F'1103515245'
INVERSE  DC    X'EEB9EB65'         times MULT: 1 modulo 2**32
INCR     DC    F'12345'
PAGE     DC    F'4096'
POOL     EQU   X'2000'             the pages of A, then those of B
         END
