**********************************************************************
* SPOOLER: prints the cards in the reader.
*
* Every card becomes a line with a number, 40 lines a page, under a
* heading with the page's number. At the end of the deck the console
* tells how many there were. If the reader has no cards at the start,
* the console asks for some.
*
* Shows: three devices at work at the same time, and a CPU that mostly
* waits. There are two card buffers: while one is printed the next card
* is read into the other. Nothing is ever waited for in particular: the
* program starts what can be started, waits for any interruption, takes
* note of what has ended, and looks again what can be started.
*
* Watch for: channel end and device end come apart. At channel end the
* card is in storage (the line is in the printer) and the buffer can be
* used; at device end the next card is in place (the line is printed)
* and the device can be started again. A line comes from two places
* by data chaining; the heading of a page is command-chained before the
* first line of it: one SIO for a skip, the heading, and the line.
*
* Ends in a disabled wait: address 000000: the deck is printed; 00DEAD:
* a device reported an error; DEADxx: unexpected interruption (see
* LOWCORE). Waits for ever if no cards come.
* Needs: console 009, reader 00C, printer 00E; 16K of storage.
**********************************************************************
SPOOLER  START 0
         COPY  EQUATES
         COPY  LOWCORE
LINES    EQU   40                  lines of a page
         ORG   LOWCORE+IONEW
         DC    X'00000000',A(IOINT)
*
* A device as this program knows it.
*
DEV      DSECT
DEVCUU   DS    H                   its address
DEVSTATE DS    X
FREE     EQU   0                   can be started
PENDING  EQU   1                   SIO has to be tried again
WORKING  EQU   2                   until device end
NOTREADY EQU   3                   until an operator makes it ready
DEVSENSE DS    X                   01: the operation is SENSE
DEVCCW   DS    A                   the channel program
DEVEVENT DS    A                   what takes note of its status
SPOOLER  CSECT
         ORG   LOWCORE+X'400'
         USING DEV,R1
BEGIN    SR    R0,R0               R0 is 0 throughout
*
* ----- What can be started? -----------------------------------------
*
* The reader, if there is an empty buffer.
*
LOOK     LA    R1,RDR
         CLI   DEVSTATE,FREE
         BNE   LOOKPRT
         CLI   ATEND,X'00'
         BNE   LOOKPRT
         L     R2,FILLING
         CLI   0(R2),X'00'
         BNE   LOOKPRT             (its first byte: 01 full)
         LA    R3,1(,R2)
         STCM  R3,7,RDRREAD+1      read into it
         LA    R3,RDRREAD
         ST    R3,DEVCCW
         BAL   R14,START
*
* The printer, if there is a full one.
*
LOOKPRT  LA    R1,PRT
         CLI   DEVSTATE,FREE
         BNE   LOOKCON
         L     R2,PRINTING
         CLI   0(R2),X'01'
         BNE   LOOKDONE
         LA    R3,1(,R2)
         STCM  R3,7,PRTCARD+1      print from it
         AP    CARDS,=P'1'
         MVC   NUMBER,PATTERN
         ED    NUMBER,CARDS
         LA    R3,PRTLINE
         L     R4,LEFT             is the page full?
         BCT   R4,SAMEPAGE
         AP    PAGES,=P'1'
         MVC   PAGENO,PATTERN
         ED    PAGENO,PAGES
         LA    R3,PRTPAGE          start with a skip and a heading
         LA    R4,LINES
SAMEPAGE ST    R4,LEFT
         ST    R3,DEVCCW
         BAL   R14,START
         B     LOOKCON
LOOKDONE CLI   ATEND,X'00'         nothing to print: nothing more?
         BE    LOOKCON
         CLI   DONE,X'00'
         BNE   LOOKCON
         MVI   DONE,X'01'          say so
         MVC   TOTCARDS,PATTERN
         ED    TOTCARDS,CARDS
         MVC   TOTPAGES,PATTERN
         ED    TOTPAGES,PAGES
         LA    R3,CONTOTAL
         ST    R3,CONNEXT
*
* The console, if there is something to say.
*
LOOKCON  LA    R1,CON
         CLI   DEVSTATE,FREE
         BNE   LOOKPEND
         L     R3,CONNEXT
         LTR   R3,R3
         BZ    LOOKPEND
         ST    R0,CONNEXT
         ST    R3,DEVCCW
         BAL   R14,START
*
* What SIO could not start before.
*
LOOKPEND LA    R1,RDR
         BAL   R14,AGAIN
         LA    R1,PRT
         BAL   R14,AGAIN
         LA    R1,CON
         BAL   R14,AGAIN
         CLI   DONE,X'00'
         BE    WAIT
         CLI   CON+DEVSTATE-DEV,FREE
         BNE   WAIT
         LPSW  WELL                the totals are typed
WAIT     LPSW  ENABLED
*
* ----- START: the device at R1 --------------------------------------
*
AGAIN    CLI   DEVSTATE,PENDING
         BNER  R14
START    MVC   CAW(4),DEVCCW
         LH    R2,DEVCUU
         MVI   DEVSTATE,PENDING
         SIO   0(R2)
         BC    1,FAILED            3: there is no such device
         BCR   2,R14               2: busy: after an interruption
         MVI   DEVSTATE,WORKING
         BCR   8,R14               0: started
         TM    CSW+4,BUSY          1: the status was stored:
         BO    START               busy, or old status, now gone
         B     STATUS              as in an interruption
*
* ----- An interruption ----------------------------------------------
*
IOINT    LA    R1,RDR              which device?
         CLC   IOOLD+2(2),DEVCUU
         BE    STATUS
         LA    R1,PRT
         CLC   IOOLD+2(2),DEVCUU
         BE    STATUS
         LA    R1,CON
         CLC   IOOLD+2(2),DEVCUU
         BNE   LOOK                none of ours
STATUS   TM    CSW+5,CHANERR
         BNZ   FAILED
         CLI   DEVSTATE,NOTREADY
         BNE   EVENT
         TM    CSW+4,DEVEND        is it ready now?
         BZ    LOOK
         MVI   DEVSTATE,FREE
         B     LOOK
EVENT    L     R2,DEVEVENT
         BAL   R14,0(R2)           let it take note
         CLI   DEVSTATE,WORKING
         BNE   LOOK
         TM    CSW+4,DEVEND
         BZ    LOOK
         MVI   DEVSTATE,FREE
         B     LOOK
*
* The reader. Unit check: ask why (SENSE), and look at the answer when
* that has ended.
*
RDREVENT CLI   DEVSENSE,X'01'
         BE    RDRWHY
         TM    CSW+4,UNITCHK
         BO    RDRASK
         TM    CSW+4,UNITEXC
         BO    RDREND
         TM    CSW+4,CHANEND
         BZR   R14
         L     R2,FILLING          the card is in storage
         MVI   0(R2),X'01'
         L     R2,84(,R2)          the other buffer
         ST    R2,FILLING
         BR    R14
RDREND   MVI   ATEND,X'01'
         BR    R14
RDRASK   MVI   DEVSENSE,X'01'
         MVI   DEVSTATE,PENDING    started again below
         LA    R2,RDRSENSE
         ST    R2,DEVCCW
         BR    R14
RDRWHY   TM    CSW+4,DEVEND
         BZR   R14
         MVI   DEVSENSE,X'00'
         TM    SENSED,X'40'        intervention required?
         BZ    FAILED
         MVI   DEVSTATE,NOTREADY
         LA    R2,CONASK
         ST    R2,CONNEXT
         BR    R14
*
* The printer.
*
PRTEVENT TM    CSW+4,UNITCHK
         BO    FAILED
         TM    CSW+4,CHANEND
         BZR   R14
         L     R2,PRINTING         the line is in the printer
         MVI   0(R2),X'00'
         L     R2,84(,R2)
         ST    R2,PRINTING
         BR    R14
*
* The console. Attention by itself means nothing here.
*
CONEVENT TM    CSW+4,UNITCHK
         BO    FAILED
         BR    R14
FAILED   LPSW  BAD
*
ENABLED  DC    0D'0',X'80020000',A(0)         wait; channel 0 enabled
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
*
RDR      DC    0F'0',AL2(READER),AL1(FREE,0),A(0,RDREVENT)
PRT      DC    0F'0',AL2(PRINTER),AL1(FREE,0),A(0,PRTEVENT)
CON      DC    0F'0',AL2(CONSOLE),AL1(FREE,0),A(0,CONEVENT)
*
* Channel programs. PRTPAGE goes on with PRTLINE, which is where one
* begins that stays on the page.
*
RDRREAD  CCW   READ,0,0,80
RDRSENSE CCW   SENSE,SENSED,SLI,1
PRTPAGE  CCW   SKIP1,0,CC+SLI,1
         CCW   PRINT2,HEADING,CC+SLI,L'HEADING
PRTLINE  CCW   PRINT1,NUMBER,CD,L'NUMBER+2
PRTCARD  CCW   0,0,SLI,80
CONASK   CCW   WRITEACR,ASKLINE,SLI,L'ASKLINE
CONTOTAL CCW   WRITEACR,TOTLINE,SLI,L'TOTLINE
*
* Buffers: 00 empty or 01 full, the card, where the other one is.
*
BUFFER1  DC    0F'0',X'00',CL83' ',A(BUFFER2)
BUFFER2  DC    0F'0',X'00',CL83' ',A(BUFFER1)
FILLING  DC    A(BUFFER1)          is filled, or will be filled next
PRINTING DC    A(BUFFER1)          is printed, or will be
CONNEXT  DC    A(0)                what the console has to say
LEFT     DC    F'1'                lines left on the page, plus 1
CARDS    DC    PL4'0'
PAGES    DC    PL4'0'
PATTERN  DC    X'4020202020202120'
SENSED   DC    X'00'
ATEND    DC    X'00'               01: no more cards
DONE     DC    X'00'               01: the totals are said
HEADING  DC    C'CARDS IN THE READER                   PAGE 12345678'
         ORG   HEADING+43
PAGENO   DS    CL8
         ORG
NUMBER   DS    CL8                 (and two blanks after it)
         DC    C'  '
ASKLINE  DC    C'SPOOLER: PUT CARDS INTO READER 00C'
TOTLINE  DC    C'SPOOLER: 12345678 CARDS, 12345678 PAGES'
         ORG   TOTLINE+9
TOTCARDS DS    CL8
         ORG   TOTLINE+25
TOTPAGES DS    CL8
         ORG
         LTORG
         END
