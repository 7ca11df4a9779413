**********************************************************************
* NEIGHBOR: lies right behind another guest, waits until that has done
* what it does, and looks whether its own storage is what it was: its
* first locations, and all behind page zero. Types one line either way.
*
*   PARM1 (word at location 3F0)  its storage
*
* Ends in a disabled wait at 000000, or 00DEAD: they are not.
* Needs: console 009, clock comparator, 4K of storage.
**********************************************************************
NEIGHBOR START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
SIZE     DC    F'4096'
         ORG   LOWCORE+X'400'
BEGIN    L     R2,=F'60000'
         BAL   R14,TIMWAIT         milliseconds
         LA    R2,WHOLE
         LA    R3,L'WHOLE
         CLC   0(24,0),WASHERE
         BNE   NOTOWN
         L     R4,=F'4096'
         L     R5,SIZE
         SR    R5,R4
         SR    R6,R6
         SR    R7,R7               all zeros
         CLCL  R4,R6
         BE    SAY
NOTOWN   LA    R2,BROKEN
         LA    R3,L'BROKEN
         BAL   R14,CONWRITE
         LPSW  BAD
SAY      BAL   R14,CONWRITE
         LPSW  WELL
*
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
WASHERE  DC    X'00000000',A(BEGIN),16X'00'
WHOLE    DC    C'MY STORAGE IS MY OWN'
BROKEN   DC    C'SOMEBODY HAS STORED INTO MY STORAGE'
         COPY  TIMER
         COPY  CONSOLE
         LTORG
         END
