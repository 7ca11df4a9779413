**********************************************************************
* SCANNER: reads a track of a disk, over and over again.
*
* It formats a track with one long record, and reads it so often. Each
* time the channel program seeks, searches and reads; the guest waits
* for the interruption, and does next to nothing else. From the first
* search to the end of the record the disk's control unit works for
* this disk alone, most of the time.
*
* Parameters, words:
*   3F0  how often it reads (64)
*
* Watch for: whoever else has a disk on the same control unit (device
* addresses that differ in the last three bits only) waits for it.
* Beside a paging volume that is every machine whose pages are there.
*
* Ends in a disabled wait: address 000000: each time the record was
* what had been written; 00DEAD: it was not, or the disk reported an
* error; DEADxx: see LOWCORE; DEAD09: console.
* Needs: console 009, a disk 191 of two cylinders or more that it may
* write to, whose tracks hold 12,288 bytes (3330, 3350); 24K of
* storage.
**********************************************************************
SCANNER  START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
NREADS   DC    F'64'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         LA    R2,HAIL
         LA    R3,L'HAIL
         BAL   R14,CONWRITE
         L     R1,=A(DATA)         a number in each word
         L     R3,=A(NWORDS)
         SR    R2,R2
FILL     LA    R2,1(,R2)
         ST    R2,0(,R1)
         LA    R1,4(,R1)
         BCT   R3,FILL
         MVC   CAW(4),=A(FORMAT)
         BAL   R14,DOIO
*
         L     R5,NREADS
         L     R6,=A(DATA)
         L     R7,=A(DATA+4*NWORDS-4)
AGAIN    XC    0(4,R6),0(R6)       what is read must bring these back
         XC    0(4,R7),0(R7)
         MVC   CAW(4),=A(READIT)
         BAL   R14,DOIO
         CLC   0(4,R6),=F'1'
         BNE   BAD
         CLC   0(4,R7),=A(NWORDS)
         BNE   BAD
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
DOIO     MVC   IONEW(8),DISKPSW    the console has had it for itself
         SIO   DISK
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
DISK     EQU   X'191'
NWORDS   EQU   3072
WELL     DC    0D'0',X'00020000',A(0)
ILL      DC    0D'0',X'00020000',A(X'DEAD')
RESTING  DC    0D'0',X'FE020000',A(0)       all channels enabled
DISKPSW  DC    0D'0',X'00000000',A(ENDED)   I/O new PSW
FORMAT   CCW   X'07',SEEKTO,CC,6        seek
         CCW   X'31',TRACK0,CC,5        search ID equal: record 0
         CCW   X'08',FORMAT+8,0,1       transfer in channel
         CCW   X'1D',RECORD,0,8+4*NWORDS  write count, key and data
READIT   CCW   X'07',SEEKTO,CC,6
         CCW   X'31',RECORD,CC,5        search ID equal: record 1
         CCW   X'08',READIT+8,0,1
         CCW   X'06',DATA,0,4*NWORDS    read data
SEEKTO   DC    X'000000010001'          cylinder 1, head 1
TRACK0   DC    X'0001000100'
HAIL     DC    C'SCANNER: THERE IS ALWAYS SOMETHING TO READ'
BYE      DC    C'SCANNER: THE SAME EVERY TIME'
         COPY  CONSOLE
         LTORG
         DS    0D
RECORD   DC    X'0001000101',X'00',AL2(4*NWORDS)
DATA     DS    (NWORDS)F
         END
