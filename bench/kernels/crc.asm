CRC      TITLE 'Kernel: a CRC by table'
* Each of COUNT rounds takes the CRC-32 of 256 bytes, X'00' to X'FF':
* shifts, masks, and words of a table that the data choose.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
CRC      START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   CRC+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         L     8,=A(TABLE)
         L     9,=A(DATA)
         L     10,=X'000000FF'
*
         XR    2,2                    ---- make table and data
ENTRY    LR    3,2
         STC   2,0(2,9)
         LA    4,8
BIT      LR    5,3
         SRL   3,1
         N     5,=F'1'
         BZ    ZERO
         X     3,=X'EDB88320'
ZERO     BCT   4,BIT
         LR    5,2
         SLL   5,2
         ST    3,0(5,8)
         LA    2,1(,2)
         CR    2,10
         BNH   ENTRY
*
ROUND    L     3,=X'FFFFFFFF'
         LR    5,9
         LA    4,256
         XR    2,2
BYTE     IC    2,0(,5)
         XR    2,3
         NR    2,10
         SLL   2,2
         SRL   3,8
         X     3,0(2,8)
         LA    5,1(,5)
         BCT   4,BYTE
         X     3,=X'FFFFFFFF'
         C     3,=X'29058C73'         computed elsewhere
         BNE   BAD
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
         LTORG
TABLE    EQU   X'1000'
DATA     EQU   X'2000'
         END   BEGIN
