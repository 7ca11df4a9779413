**********************************************************************
* PRIVOP: hammers privileged instructions.
*
* A round executes sixteen privileged instructions, and exactly PARM1
* problem-state instructions before each of them. PARM2 says how many
* rounds.
*
*   PARM1 (word at location 3F0)  problem instructions between two
*                                 privileged ones, 2 or more
*   PARM2 (word at location 3F4)  rounds, 1 or more
*
* Shows: the overhead of trap-and-emulate is a matter of how often a
* guest executes privileged instructions. Natively each of these takes
* a few microseconds. Under a control program each one traps, and is
* decoded and simulated: compare runs with PARM1 of 10, 100, 1000 ...
* and look at what each mnemonic costs. What they do is checked at the
* end: the simulation must not only be cheap, but also right.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: one of them
* did not do what it should (a line says which); DEADxx: unexpected
* interruption (see LOWCORE), DEAD09: console.
* Needs: console 009; clock comparator, CPU timer and translation
* facilities; 16K of storage.
**********************************************************************
PRIVOP   START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
BETWEEN  DC    F'100'              PARM1: problem instructions
ROUNDS   DC    F'100'              PARM2: rounds
         ORG   LOWCORE+X'400'
*
* Before each privileged instruction: LR, and then BCT as often as R5
* says: PARM1 instructions in all. Before the first one of a round
* there is one more: the BCT that closes the round.
*
BEGIN    L     R5,BETWEEN
         BCTR  R5,0                less one for LR
         LTR   R5,R5
         BP    *+8
         LA    R5,1                at least 2
         L     R4,ROUNDS
         L     R8,=A(X'2000')      a storage block of its own
         LA    R7,X'50'            with this key: 5
         SSK   R7,R8
         STPT  TIMER1              a value for the CPU timer
         STCKC COMPARE1            and for the clock comparator
         STCTL 0,0,CONTROL1
*
ROUND    LR    R3,R5
         BCT   R3,*
         SSM   NOMASK              1 system mask: nothing enabled
         LR    R3,R5
         BCT   R3,*
         STNSM OLDMASK1,X'FF'      2 system mask: store, and AND
         LR    R3,R5
         BCT   R3,*
         STOSM OLDMASK2,X'00'      3 system mask: store, and OR
         LR    R3,R5
         BCT   R3,*
         LPSW  NEXTPSW             4 PSW: go on at NEXT
NEXT     LR    R3,R5
         BCT   R3,*
         ISK   R7,R8               5 storage key: insert
         LR    R3,R5
         BCT   R3,*
         SSK   R7,R8               6 storage key: set
         LR    R3,R5
         BCT   R3,*
         IPK   0                   7 PSW key: insert into R2
         LR    R3,R5
         BCT   R3,*
         SPKA  0(R2)               8 PSW key: set
         LR    R3,R5
         BCT   R3,*
         STIDP CPUID               9 CPU identification
         LR    R3,R5
         BCT   R3,*
         STCTL 0,0,CONTROL2       10 control register 0: store
         LR    R3,R5
         BCT   R3,*
         LCTL  0,0,CONTROL2       11 control register 0: load
         LR    R3,R5
         BCT   R3,*
         STCKC COMPARE2           12 clock comparator: store
         LR    R3,R5
         BCT   R3,*
         SCKC  COMPARE2           13 clock comparator: set
         LR    R3,R5
         BCT   R3,*
         STPT  TIMER2             14 CPU timer: store
         LR    R3,R5
         BCT   R3,*
         SPT   TIMER2             15 CPU timer: set
         LR    R3,R5
         BCT   R3,*
         PTLB  0                  16 translation-lookaside buffer
         BCT   R4,ROUND
*
* Was it all done right?
*
         LA    R2,MASKLINE
         CLC   OLDMASK1(2),NOMASK  the masks were as SSM left them
         BNE   WRONG
         LA    R2,KEYLINE
         N     R7,=X'000000F8'     the key is still 5 (reference and
         C     R7,=X'00000050'     change bits may be on)
         BNE   WRONG
         LA    R2,CTLLINE
         CLC   CONTROL1,CONTROL2   the control register has not changed
         BNE   WRONG
         LA    R2,COMPLINE
         CLC   COMPARE1,COMPARE2   nor has the clock comparator
         BNE   WRONG
         LA    R2,TIMELINE
         CLC   TIMER2,TIMER1       but the CPU timer has counted down:
         BE    WRONG               it never stands still
         L     R1,ROUNDS
         CVD   R1,PACKED
         MVC   NUMBER,PATTERN
         ED    NUMBER,PACKED+4
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
WRONG    LA    R3,L'MASKLINE
         BAL   R14,CONWRITE
         LPSW  BAD
*
NEXTPSW  DC    0D'0',X'00000000',A(NEXT)
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
CPUID    DS    D
COMPARE1 DS    D
COMPARE2 DS    D
TIMER1   DS    D
TIMER2   DS    D
PACKED   DS    D
CONTROL1 DS    F
CONTROL2 DS    F
PATTERN  DC    X'4020202020202120'
NOMASK   DC    X'0000'             one for SSM, both to compare
OLDMASK1 DS    X
OLDMASK2 DS    X
PASSLINE DC    C'PRIVOP: 12345678 ROUNDS OF 16: PASS'
         ORG   PASSLINE+8
NUMBER   DS    CL8
         ORG
MASKLINE DC    CL48'PRIVOP: FAIL: SSM, STNSM, STOSM'
KEYLINE  DC    CL48'PRIVOP: FAIL: ISK, SSK'
CTLLINE  DC    CL48'PRIVOP: FAIL: STCTL, LCTL'
COMPLINE DC    CL48'PRIVOP: FAIL: STCKC, SCKC'
TIMELINE DC    CL48'PRIVOP: FAIL: STPT, SPT'
         COPY  CONSOLE
         LTORG
         END
