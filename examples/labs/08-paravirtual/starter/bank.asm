**********************************************************************
* BANK: a kernel that books, and must not be interrupted while it does.
* It is written for a machine of its own, and works as a guest: but
* there, each OFF and each ON traps. handout.md says what to do.
*
* Ends in a disabled wait: 000000: well; 00BAD1: a booking was
* interrupted; DEADxx: see ECLOW.
**********************************************************************
BANK     START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+EXTNEW
         DC    X'00080000',A(CLOCKINT)
         ORG   LOWCORE+X'400'
*
BEGIN    BAL   R10,DISCOVER
         BAL   R10,SETCLOCK
         LCTL  R0,R0,ALLOW
         BAL   R14,ON
         LA    R8,4                four lines
ROUND    LA    R9,250              of 250 bookings
BOOKING  LA    R1,200              compute,
         BCT   R1,*
         BAL   R14,OFF             book: nothing may interrupt
         L     R1,DEBIT
         LA    R1,1(,R1)
         ST    R1,DEBIT
         LA    R1,40
         BCT   R1,*
         L     R1,CREDIT
         LA    R1,1(,R1)
         ST    R1,CREDIT
         BAL   R14,ON
         BCT   R9,BOOKING
         BAL   R14,OFF
         L     R1,CREDIT
         CVD   R1,PACKED
         UNPK  LINENUM,PACKED
         OI    LINENUM+3,X'F0'
         LA    R2,LINE
         LA    R3,L'LINE
         BAL   R14,TYPE
         BAL   R14,ON
         BCT   R8,ROUND
         BAL   R14,OFF
         LA    R2,RUNS             did the clock interrupt?
         LA    R3,L'RUNS
         CLC   TICKS(4),=F'5'
         BNL   *+12
         LA    R2,STANDS
         LA    R3,L'STANDS
         BAL   R14,TYPE
         LPSW  WELL
*
* The clock: every 4 to 6 ms it looks whether the books are in balance.
*
CLOCKINT STM   R0,R15,SAVED
         CLC   DEBIT(4),CREDIT
         BNE   INTERRUP
         L     R1,TICKS
         LA    R1,1(,R1)
         ST    R1,TICKS
         BAL   R10,SETCLOCK
         LM    R0,R15,SAVED
         LPSW  EXTOLD
INTERRUP LPSW  BAD
SETCLOCK STCK  NEXT
         LM    R0,R1,NEXT
         AL    R1,=A(4000*4096)
         BC    12,*+8
         AL    R0,=F'1'
         L     R2,TICKS            and up to 2 ms more, so that it
         N     R2,=F'31'           comes anywhere
         SLL   R2,18
         ALR   R1,R2
         BC    12,*+8
         AL    R0,=F'1'
         STM   R0,R1,NEXT
         SCKC  NEXT
         BR    R10
*
* ----- What only the owner of a machine may do: yours to change -----
*
* Return by R14; R1 may be lost. TYPE: R2 the text, R3 its length; it
* is called when OFF.
*
OFF      STNSM MASK,X'FC'          no I/O and external interruptions
         BR    R14
ON       STOSM MASK,X'03'
         BR    R14
TYPE     B     CONWRITE
*
* DISCOVER: called once, at the start, by R10: is there a control
* program, and what does it offer?
*
DISCOVER BR    R10
*
         COPY  ECCON
*
MASK     DC    X'00'
ALLOW    DC    0F'0',X'00000800'    control register 0: comparator
NEXT     DS    D
PACKED   DS    D
WELL     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'BAD1')
DEBIT    DC    F'0'
CREDIT   DC    F'0'
TICKS    DC    F'0'
SAVED    DS    16F
LINE     DC    C'BOOKED 0000'
LINENUM  EQU   LINE+7,4
RUNS     DC    C'THE CLOCK RUNS'
STANDS   DC    C'THE CLOCK STANDS'
         LTORG
         END
