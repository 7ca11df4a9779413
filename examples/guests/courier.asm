**********************************************************************
* COURIER: punches a deck of cards for another virtual machine.
*
* If STIDP tells that this is a virtual machine (version X'FF'), the
* guest has the control program send what it punches to the reader of
* the machine READER: CP command SPOOL, by DIAGNOSE X'08'. Then it
* punches its cards, each with a number, and ends the deck with CLOSE:
* now the control program has a whole spool file, and the other
* machine's reader has cards. What is said on the console meanwhile
* becomes a spool file as well, in the own reader. Natively, or where
* there is no spool (the return code of SPOOL is not zero), it just
* punches.
*
* Parameters, words:
*   3F0  how many cards (12)
*
* Watch for: the console. The control program says under which number
* the file waits. The reader of the other machine becomes ready, which
* its program learns by an interruption (device end).
*
* Ends in a disabled wait: address 000000: all cards are punched;
* 00DEAD: the punch reported an error; DEADxx: see LOWCORE; DEAD09:
* console.
* Needs: console 009, punch 00D; 8K of storage. Goes with SPOOLER as
* the machine "reader".
**********************************************************************
COURIER  START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
NCARDS   DC    F'12'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         LA    R2,HAIL
         LA    R3,L'HAIL
         BAL   R14,CONWRITE
         STIDP CPUID
         CLI   CPUID,X'FF'         a virtual machine?
         BNE   PUNCHALL
         LA    R2,SENDTO
         LA    R3,L'SENDTO
         DIAG  R2,R3,X'08'         return code in R3
         LTR   R3,R3
         BNZ   PUNCHALL            no spool: without
         MVI   SENT,X'01'
         LA    R2,MINUTES
         LA    R3,L'MINUTES
         DIAG  R2,R3,X'08'
*
* A card after the other. The punch is polled with TIO until it has
* done: there is nothing else to do.
*
PUNCHALL L     R5,NCARDS
         SR    R6,R6
PUNCHONE LA    R6,1(,R6)
         CVD   R6,NUMBER
         UNPK  CARDNO,NUMBER+5(3)
         OI    CARDNO+4,X'F0'
         LR    R1,R6               what is ordered: one of four
         N     R1,=F'3'
         SLL   R1,4
         LA    R1,GOODS(R1)
         MVC   CARDTEXT,0(R1)
         MVC   CAW(4),=A(PUNCHCCW)
         SIO   PUNCH
         BC    7,BAD               it is free: it must have started
PUNCHTIO TIO   PUNCH
         BC    2,PUNCHTIO          2: it works
         BC    8,PUNCHED           0: free again
         BC    1,BAD               3: there is none
         TM    CSW+4,UNITCHK       1: status was stored
         BO    BAD
         TM    CSW+5,CHANERR
         BNZ   BAD
         B     PUNCHTIO
PUNCHED  BCT   R5,PUNCHONE
*
         CLI   SENT,X'00'
         BE    FINISH
         LA    R2,CLOSE
         LA    R3,L'CLOSE
         DIAG  R2,R3,X'08'
         LA    R2,ASK
         LA    R3,L'ASK
         DIAG  R2,R3,X'08'
FINISH   LA    R2,BYE
         LA    R3,L'BYE
         BAL   R14,CONWRITE
         LPSW  WELL
BAD      LPSW  ILL
*
WELL     DC    0D'0',X'00020000',A(0)
ILL      DC    0D'0',X'00020000',A(X'DEAD')
CPUID    DS    D
NUMBER   DS    D
PUNCHCCW CCW   X'41',CARD,0,80     punch, feed, into stacker P2
SENT     DC    X'00'               01: goes to the other machine
HAIL     DC    C'COURIER: ORDERS FOR THE STORE'
BYE      DC    C'COURIER: THE CARDS ARE PUNCHED'
SENDTO   DC    C'SPOOL PUNCH TO READER CLASS B'
MINUTES  DC    C'SPOOL CONSOLE START TO *'
CLOSE    DC    C'CLOSE PUNCH NAME ORDERS CARDS'
ASK      DC    C'QUERY FILES'
CARD     DC    CL80'ORDER 00000  '
         ORG   CARD+6
CARDNO   DS    CL5
         ORG   CARD+13
CARDTEXT DS    CL16
         ORG
GOODS    DC    CL16'SPRING COIL'
         DC    CL16'GEAR SPUR'
         DC    CL16'BOLT HEXAGONAL'
         DC    CL16'BEARING ROLLER'
         LTORG
         COPY  CONSOLE
         END
