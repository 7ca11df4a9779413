**********************************************************************
* DISKBOUND: reads records of a disk, one after the other.
*
* In a round it reads each of the records that PLACES names, with the
* arm going from cylinder to cylinder, and adds up what it read. Every
* round must come to the same sum.
*
*   PARM1 (word at location 3F0)  rounds, 1 or more
*
* Shows: what input and output costs under a control program. Each
* read is a channel program of four commands: SEEK, SEARCH, TRANSFER
* IN CHANNEL, READ. The control program makes a copy with real
* addresses of it, keeps a copy that it has made before, or need not
* look, as it was asked to ("io" of the device, docs/virtual-io.md).
* Between a start and its interruption the CPU has nothing to do.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: the disk
* reported an error, or a sum differed (a line says which); DEADxx:
* unexpected interruption (see LOWCORE), DEAD09: console.
* Needs: console 009; examples/disks/demo.cckd at 350; 8K of storage.
**********************************************************************
DISKBND  START 0
         COPY  EQUATES
         COPY  LOWCORE
DISK     EQU   X'350'
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'50'               PARM1: rounds
         ORG   LOWCORE+X'400'
*
BEGIN    TIO   DISK                what it had to tell before
         BC    5,BEGIN
         BC    2,BEGIN
         L     R8,ROUNDS
         SR    R10,R10             the sum of the first round
ROUND    SR    R9,R9               of this one
         LA    R7,PLACES
RECORD   MVC   CYLINDER,0(R7)
         MVC   IDENT,4(R7)
         XC    BUFFER,BUFFER
         BAL   R14,GETREC
         LA    R2,BUFFER
         LA    R3,L'BUFFER/4
ADD      AL    R9,0(R2)
         LA    R2,4(R2)
         BCT   R3,ADD
         LA    R7,9(R7)
         CLI   0(R7),X'FF'
         BNE   RECORD
         LTR   R10,R10
         BNZ   COMPARE
         LR    R10,R9
COMPARE  LA    R2,SUMLINE
         CR    R9,R10
         BNE   WRONG
         BCT   R8,ROUND
*
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
WRONG    LA    R3,L'SUMLINE
         BAL   R14,CONWRITE
         LPSW  BAD
*
* Reads the record that IDENT names, and waits until it is there.
*
GETREC   MVC   IONEW(8),DONEPSW
         LA    R1,PROGRAM
         ST    R1,CAW
         SIO   DISK
         LA    R2,DISKLINE
         BC    7,WRONG
HOLD     LPSW  WAITPSW
DONE     CLC   IOOLD+2(2),ADDRESS
         BNE   HOLD                of another device
         LA    R2,DISKLINE
         TM    CSW+4,X'F3'         anything but channel and device end
         BNZ   WRONG
         CLI   CSW+5,X'00'
         BNE   WRONG
         TM    CSW+4,X'04'         the device has not ended yet
         BZ    HOLD
         BR    R14
*
PROGRAM  CCW   X'07',SEEK,X'40',6        seek
SEARCH   CCW   X'31',IDENT,X'40',5       is it this record?
         CCW   X'08',SEARCH,0,0          no: the next one
         CCW   X'06',BUFFER,X'20',L'BUFFER  read its data
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
WAITPSW  DC    0D'0',X'FE020000',A(0)         all channels
DONEPSW  DC    0D'0',X'00000000',A(DONE)
ADDRESS  DC    AL2(DISK)
SEEK     DC    H'0'                bin, cylinder, head
CYLINDER DS    XL4
IDENT    DS    XL5
* Cylinder and head for the arm; cylinder, head and record as they are
* written on the disk, on which minidisks count from 0.
PLACES   DC    X'00010001',X'0000000101'  a line of the system's help
         DC    X'00030000',X'0001000001'  of Anna's notes
         DC    X'00020000',X'0000000001'  an entry of her directory
         DC    X'00030001',X'0001000101'  a line of her shopping list
         DC    X'FF'
BUFFER   DS    0F,XL80
PASSLINE DC    C'DISKBOUND: EVERY ROUND HAD THE SAME SUM: PASS'
SUMLINE  DC    CL48'DISKBOUND: FAIL: A ROUND HAD ANOTHER SUM'
DISKLINE DC    CL48'DISKBOUND: FAIL: DISK 350 REPORTED AN ERROR'
         COPY  CONSOLE
         LTORG
         END
