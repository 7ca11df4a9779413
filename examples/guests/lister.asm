**********************************************************************
* LISTER: prints lines, as fast as they are taken.
*
* It chains the commands for a form of 58 lines, starts the printer,
* waits for the interruption at the end, and begins again. Under a
* control program each line becomes a record of a spool file: 29 of
* them fill a page of it.
*
* Parameters, words:
*   3F0  how many forms it prints (16)
*
* Watch for: the spool in the report. With a spool volume
* (docs/spooling.md) each page is written to a real disk, and whoever
* has a disk on the same control unit or channel waits for it.
*
* Ends in a disabled wait: address 000000: all is printed; 00DEAD: the
* printer reported an error; DEADxx: see LOWCORE; DEAD09: console.
* Needs: console 009, printer 00E; 8K of storage.
**********************************************************************
LISTER   START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
NFORMS   DC    F'16'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         LA    R2,HAIL
         LA    R3,L'HAIL
         BAL   R14,CONWRITE
         LA    R1,FORM             the same command for every line
         LA    R3,NLINES-1
CHAIN    MVC   8(8,R1),0(R1)
         LA    R1,8(,R1)
         BCT   R3,CHAIN
         MVI   0(R1),X'89'         the last one skips to the next form
         NI    4(R1),255-CC        and ends the chain
*
         L     R5,NFORMS
AGAIN    MVC   CAW(4),=A(FORM)
         BAL   R14,DOIO
         BCT   R5,AGAIN
         LA    R2,BYE
         LA    R3,L'BYE
         BAL   R14,CONWRITE
         LPSW  WELL
BAD      LPSW  ILL
*
* Starts the channel program that the CAW leads to, and returns when
* the device has ended.
*
DOIO     MVC   IONEW(8),DONEPSW    the console has had it for itself
         SIO   PRINTER
         BC    7,BAD
RESTS    LPSW  RESTING
ENDED    TM    CSW+4,UNITCHK
         BO    BAD
         TM    CSW+5,CHANERR
         BNZ   BAD
         TM    CSW+4,DEVEND
         BZ    RESTS
         BR    R14
*
NLINES   EQU   58
WELL     DC    0D'0',X'00020000',A(0)
ILL      DC    0D'0',X'00020000',A(X'DEAD')
RESTING  DC    0D'0',X'FE020000',A(0)       all channels enabled
DONEPSW  DC    0D'0',X'00000000',A(ENDED)   I/O new PSW
HAIL     DC    C'LISTER: THE SAME LINE, AGAIN AND AGAIN'
BYE      DC    C'LISTER: ALL IS PRINTED'
LINE     DC    66C'=-'
         COPY  CONSOLE
         LTORG
         DS    0D
FORM     CCW   X'09',LINE,CC,132
         DS    (NLINES-1)D
         END
