**********************************************************************
* STRAYER: has a disk of its own, and tries what it must not.
*
* It reads from its disk into storage that is not there, hands a list
* of data addresses to the channel that leads there as well, and starts
* a unit of the same control unit that is somebody else's (351).
*
*   PARM1 (word at location 3F0)  rounds, 1 or more
*   PARM2 (word at location 3F4)  where it reads to: 00080000
*
* Shows: what a channel refuses that translates addresses by tables
* (docs/pass-through.md). The program check is the one that the channel
* of a machine of its own would tell; the unit is not operational.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: something was
* not refused (a line says what); DEADxx: unexpected interruption (see
* LOWCORE), DEAD09: console.
* Needs: console 009; a 3330 at 350; 8K of storage.
**********************************************************************
STRAYER  START 0
         COPY  EQUATES
         COPY  LOWCORE
DISK     EQU   X'350'
OTHERS   EQU   X'351'
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'3'                PARM1: rounds
TARGET   DC    A(X'080000')        PARM2: where to
         ORG   LOWCORE+X'400'
*
BEGIN    TIO   DISK                what it had to tell before
         BC    5,BEGIN
         BC    2,BEGIN
         MVC   IONEW(8),DONEPSW
         MVC   READING+1(3),TARGET+1
         MVC   LIST(4),TARGET
         L     R8,ROUNDS
ROUND    LA    R1,PROGRAM
         LA    R2,DATALINE
         BAL   R14,TRY
         LA    R1,LISTED
         LA    R2,LISTLINE
         BAL   R14,TRY
         LA    R1,PROGRAM
         ST    R1,CAW
         LA    R2,UNITLINE
         SIO   OTHERS
         BC    14,WRONG            not operational, and nothing else
         BCT   R8,ROUND
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
WRONG    LA    R3,L'DATALINE
         BAL   R14,CONWRITE
         LPSW  BAD
*
* Starts the program at R1, which must end with program check.
*
TRY      MVC   IONEW(8),DONEPSW
         ST    R1,CAW
         MVI   STATUS,0
         SIO   DISK
         BC    3,WRONG
         BC    4,STORED            the status came at once
HOLD     LPSW  WAITPSW
DONE     OC    STATUS,CSW+5
         TM    CSW+4,X'04'         the device has not ended yet
         BZ    HOLD
         B     LOOK
STORED   OC    STATUS,CSW+5
LOOK     TM    STATUS,X'20'        program check
         BNO   WRONG
         BR    R14
*
PROGRAM  CCW   X'07',SEEK,X'40',6        seek
READING  CCW   X'1A',0,X'20',5           read home address, somewhere
LISTED   CCW   X'07',SEEK,X'40',6
         CCW   X'1A',LIST,X'24',5        the same, by a list
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
WAITPSW  DC    0D'0',X'FE020000',A(0)         all channels
DONEPSW  DC    0D'0',X'00000000',A(DONE)
LIST     DC    A(0)
SEEK     DC    H'0',H'1',H'0'      bin, cylinder, head
STATUS   DC    X'00'
PASSLINE DC    C'STRAYER: WHAT IS NOT ITS OWN WAS REFUSED: PASS'
DATALINE DC    CL48'STRAYER: FAIL: DATA WENT WHERE NOTHING IS'
LISTLINE DC    CL48'STRAYER: FAIL: A LIST LED WHERE NOTHING IS'
UNITLINE DC    CL48'STRAYER: FAIL: A UNIT OF OTHERS ANSWERED'
         COPY  CONSOLE
         LTORG
         END
