MVCL     TITLE 'Kernel: MOVE LONG and COMPARE LOGICAL LONG'
* Each of COUNT rounds fills 8K, copies the most of it with a filler
* behind, compares both, and finds the one byte that differs then.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
LONG     START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   LONG+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         L     8,=A(SOURCE)
         L     9,=A(TARGET)
         L     10,=A(SIZE)
*
ROUND    LR    2,8                    ---- all of it is the filler
         LR    3,10
         XR    4,4
         L     5,=X'A5000000'         no second operand
         MVCL  2,4
         BNH   BAD                    the first one is not longer
         MVI   MARK(8),X'11'          ---- but one byte
         LR    2,9                    ---- a copy, filled up
         LR    3,10
         LR    4,8
         L     5,=A(X'A5000000'+PART)
         MVCL  2,4
         BNH   BAD
         C     2,=A(TARGET+SIZE)      both have moved on
         BNE   BAD
         C     4,=A(SOURCE+PART)
         BNE   BAD
         LR    2,9                    ---- is as its source
         LR    3,10
         LR    4,8
         LR    5,10
         CLCL  2,4
         BNE   BAD
         MVI   MARK(8),X'A5'          ---- and now is not
         LR    2,9
         LR    3,10
         LR    4,8
         LR    5,10
         CLCL  2,4
         BNL   BAD                    X'11' is lower than X'A5'
         C     2,=A(TARGET+MARK)
         BNE   BAD
         C     3,=A(SIZE-MARK)        what was left to compare
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
SIZE     EQU   8192
PART     EQU   6001
MARK     EQU   3001
SOURCE   EQU   X'4000'
TARGET   EQU   X'8003'
         END   BEGIN
