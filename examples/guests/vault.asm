**********************************************************************
* VAULT: copies records of one disk to another one, and reads them
* back from there.
*
* Each record that PLACES names is read from the disk at 350, with
* count-key-data tracks, and written as a block of the disk at 191, a
* disk of blocks. When all are there, the blocks are read and compared
* with the records once more.
*
*   PARM1 (word at location 3F0)  rounds, 1 or more
*
* Shows: a thin monitor (docs/thin-monitor.md). The first disk is
* passed through to the machine; the control program enciphers the
* blocks of the second one on their way. This program cannot know.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: a disk
* reported an error, or a block was another one (a line says which);
* DEADxx: unexpected interruption (see LOWCORE), DEAD09: console.
* Needs: console 009; examples/disks/demo.cckd at 350; a 3370 at 191;
* 8K of storage.
**********************************************************************
VAULT    START 0
         COPY  EQUATES
         COPY  LOWCORE
SOURCE   EQU   X'350'
TARGET   EQU   X'191'
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'10'               PARM1: rounds
         ORG   LOWCORE+X'400'
*
BEGIN    TIO   SOURCE              what they had to tell before
         BC    7,BEGIN
CLEARED  TIO   TARGET
         BC    7,CLEARED
         L     R8,ROUNDS
ROUND    SR    R9,R9               ---- to the vault: number of block
         LA    R7,PLACES
PUT      BAL   R10,GETREC
         MVC   BLOCK,BUFFER
         ST    R9,LOCATE+4
         MVI   LOCATE,X'01'        to write
         MVI   MOVE,X'41'
         BAL   R10,GOVAULT
         LA    R9,1(,R9)
         LA    R7,9(,R7)
         CLI   0(R7),X'FF'
         BNE   PUT
*
         SR    R9,R9               ---- and back
         LA    R7,PLACES
GET      BAL   R10,GETREC
         XC    BLOCK,BLOCK
         ST    R9,LOCATE+4
         MVI   LOCATE,X'06'        to read
         MVI   MOVE,X'42'
         BAL   R10,GOVAULT
         LA    R2,SAMELINE
         LA    R3,L'SAMELINE
         CLC   BLOCK,BUFFER
         BNE   WRONG
         LA    R9,1(,R9)
         LA    R7,9(,R7)
         CLI   0(R7),X'FF'
         BNE   GET
         BCT   R8,ROUND
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
WRONG    BAL   R14,CONWRITE
         LPSW  BAD
*
* The record at R7. BAL R10.
*
GETREC   MVC   CYLINDER,0(R7)
         MVC   IDENT,4(R7)
         LA    R1,PROGRAM
         LA    R2,SOURCE
         B     GO
*
* The block that LOCATE names, to or from BLOCK. BAL R10.
*
GOVAULT  LA    R1,CHAIN
         LA    R2,TARGET
GO       MVC   IONEW(8),DONEPSW
         STH   R2,ADDRESS
         ST    R1,CAW
         LA    R3,L'DISKLINE
         SIO   0(R2)
         BC    7,FAILED
HOLD     LPSW  WAITPSW
DONE     CLC   IOOLD+2(2),ADDRESS
         BNE   HOLD                of another device
         TM    CSW+4,X'F3'         anything but channel and device end
         BNZ   FAILED
         CLI   CSW+5,X'00'
         BNE   FAILED
         TM    CSW+4,X'04'         the device has not ended yet
         BZ    HOLD
         BR    R10
FAILED   LA    R2,DISKLINE
         LA    R3,L'DISKLINE
         B     WRONG
*
PROGRAM  CCW   X'07',SEEK,X'40',6        seek
SEARCH   CCW   X'31',IDENT,X'40',5       is it this record?
         CCW   X'08',SEARCH,0,0          no: the next one
         CCW   X'06',BUFFER,X'20',L'BUFFER  read its data
CHAIN    CCW   X'63',EXTENT,X'40',16     define extent
         CCW   X'43',LOCATE,X'40',8      locate
MOVE     CCW   X'42',BLOCK,X'20',512      read or write
EXTENT   DC    X'00000000',F'0',F'0',F'63'
LOCATE   DC    X'06000001',F'0'
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
WAITPSW  DC    0D'0',X'FE020000',A(0)
DONEPSW  DC    0D'0',X'00000000',A(DONE)
SEEK     DC    H'0'
CYLINDER DS    XL4
IDENT    DS    XL5
ADDRESS  DC    H'0'
PASSLINE DC    C'VAULT: ALL RECORDS ARE AS THEY WERE'
SAMELINE DC    C'VAULT: A BLOCK IS ANOTHER ONE'
DISKLINE DC    C'VAULT: A DISK REPORTED AN ERROR'
         COPY  CONSOLE
         LTORG
* Cylinder and head for the arm; cylinder, head and record as they are
* written on the disk.
PLACES   DC    X'00010001',X'0000000101'  a line of the system's help
         DC    X'00030000',X'0001000001'  of Anna's notes
         DC    X'00020000',X'0000000001'  an entry of her directory
         DC    X'00030001',X'0001000101'  a line of her shopping list
         DC    X'FF'
BUFFER   DS    0F,XL80
         DS    XL432
BLOCK    DS    XL80
         DS    XL432
         END
