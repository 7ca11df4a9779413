MOVES    TITLE 'Kernel: 256 bytes moved at once'
* COUNT rounds that move 4K by 16 moves of 256 bytes.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
MOVES    START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   MOVES+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         L     8,=A(SOURCE)
         MVI   4095(8),X'5A'
ROUND    L     5,=A(SOURCE)
         L     6,=A(TARGET)
         LA    4,16
MOVE     MVC   0(256,6),0(5)
         LA    5,256(,5)
         LA    6,256(,6)
         BCT   4,MOVE
         BCT   11,ROUND
         BCTR  6,0
         CLI   0(6),X'5A'
         BNE   BAD
         LPSW  GOOD
BAD      LPSW  WRONG
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
         LTORG
SOURCE   EQU   X'4000'
TARGET   EQU   X'6080'
         END   BEGIN
