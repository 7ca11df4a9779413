BYTES    TITLE 'Kernel: bytes one by one'
* COUNT rounds that fill a table of 256 bytes, and copy it in reverse.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
BYTES    START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   BYTES+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         L     8,=A(TABLE)
         L     9,=A(COPY)
ROUND    LA    4,256
         LR    5,8
FILL     STC   4,0(,5)
         MVI   256(5),X'FF'
         LA    5,1(,5)
         BCT   4,FILL
         LA    4,256
         LR    5,8
TURN     IC    0,0(,5)
         STC   0,0(4,9)
         LA    5,1(,5)
         BCT   4,TURN
         BCT   11,ROUND
         CLI   1(9),1
         BNE   BAD
         CLI   256(9),0
         BNE   BAD
         LPSW  GOOD
BAD      LPSW  WRONG
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
         LTORG
TABLE    EQU   X'1000'
COPY     EQU   X'2000'
         END   BEGIN
