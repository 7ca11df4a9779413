**********************************************************************
* PINGPONG: one of two machines that send an event to each other, turn
* and turn about, as fast as they can.
*
* Who waits looks at a byte of the page that it shares with the control
* program, again and again. The other one cannot run meanwhile, where
* there is one CPU for both: looking on for the rest of a time slice is
* a waste. So after a few looks (the page says how many) it gives the
* CPU up by hypercall, if 3F4 says so.
*
* Parameters:
*   3E0  eight characters: the other machine's name
*   3F0  word: rounds (50)
*   3F4  word: 1: give the CPU up (spin-yield); 0: look on
*   3F8  word: 1: this machine begins
*
* Ends in a disabled wait: address 000000: well; 00DEAD: there are no
* hypercalls; DEADxx: see ECLOW. Needs: `paravirtual = true`; 12K.
**********************************************************************
PINGPONG START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+EXTNEW
         DC    X'00080000',A(EXTINT)
         ORG   LOWCORE+X'3E0'
OTHER    DC    CL8' '
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'50'
YIELDS   DC    F'1'
FIRST    DC    F'0'
         ORG   LOWCORE+X'400'
BEGIN    MVC   PGMNEW(8),NOCALLS   there may be none
         L     R9,PAGE
         LA    R3,1
         DIAG  R9,R3,X'200'        share it, take events
         BNZ   WRONG
         MVI   0(R9),X'C0'         held back: they are looked for
         LCTL  0,0,CONTROL
         STOSM MASKS,X'01'
         L     R8,ROUNDS
         CLC   FIRST,=F'1'
         BE    SEND
*
RECEIVE  L     R4,4(,R9)           how often to look
LOOK     TM    1(R9),X'40'
         BO    CAME
         BCT   R4,LOOK
         CLC   YIELDS,=F'1'
         BNE   RECEIVE
         DIAG  0,0,X'220'          let it run
         B     RECEIVE
CAME     MVI   0(R9),0             in this order: what is held back
         MVI   1(R9),0             until here is noted until here
         DIAG  0,0,X'208'          let it come
         MVI   0(R9),X'C0'
         CLC   FIRST,=F'1'
         BE    ROUNDEND
*
SEND     LA    R2,OTHER
         SR    R3,R3
         DIAG  R2,R3,X'218'
         BZ    SENT
         DIAG  0,0,X'220'          not there yet
         B     SEND
SENT     CLC   FIRST,=F'1'
         BE    RECEIVE
ROUNDEND BCT   R8,NEXT
         L     R1,EVENTS
         CVD   R1,PACKED
         MVC   NUMBER,PATTERN
         ED    NUMBER,PACKED+4
         LA    R2,LINE
         LA    R3,L'LINE
         DIAG  R2,R3,X'228'
         LPSW  WELL
NEXT     CLC   FIRST,=F'1'
         BE    SEND
         B     RECEIVE
WRONG    LPSW  BAD
*
EXTINT   ST    R1,SAVE
         L     R1,EVENTS
         LA    R1,1(,R1)
         ST    R1,EVENTS
         L     R1,SAVE
         LPSW  EXTOLD
*
WELL     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'DEAD')
NOCALLS  DC    0D'0',X'000A0000',A(X'DEAD')
PACKED   DS    D
CONTROL  DC    X'00802000'         events are external calls
PAGE     DC    A(X'2000')
EVENTS   DC    F'0'
SAVE     DS    F
MASKS    DS    X
PATTERN  DC    X'4020202020202120'
LINE     DC    C'PINGPONG: 12345678 EVENTS'
         ORG   LINE+10
NUMBER   DS    CL8
         ORG
         LTORG
         END
