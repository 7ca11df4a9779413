BYTECODE TITLE 'Kernel: an interpreter'
* Each of COUNT rounds interprets a program for a small stack machine,
* which sums the squares of 1 to 20: every instruction of it takes a
* branch to an address out of a table.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
BYTECODE START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   BYTECODE+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         LA    8,CELLS
         XR    3,3                    an operation code
         XR    2,2                    an operand
*
ROUND    LA    9,CODE
         LA    10,STACK
NEXT     IC    3,0(,9)
         IC    2,1(,9)
         LA    9,2(,9)
         L     15,TABLE(3)
         BR    15
*
PUSHED   ST    2,0(,10)
         LA    10,4(,10)
         B     NEXT
LOADED   L     0,0(2,8)
         ST    0,0(,10)
         LA    10,4(,10)
         B     NEXT
STORED   SH    10,FOUR
         L     0,0(,10)
         ST    0,0(2,8)
         B     NEXT
ADDED    SH    10,FOUR
         LR    1,10
         SH    1,FOUR
         L     0,0(,1)
         A     0,0(,10)
         ST    0,0(,1)
         B     NEXT
TIMES    SH    10,FOUR
         LR    4,10
         SH    4,FOUR
         L     1,0(,4)
         M     0,0(,10)
         ST    1,0(,4)
         B     NEXT
LESS     L     0,0(2,8)               a cell less 1, kept and pushed
         BCTR  0,0
         ST    0,0(2,8)
         ST    0,0(,10)
         LA    10,4(,10)
         B     NEXT
UNLESS0  SH    10,FOUR                branch to an operand
         L     0,0(,10)
         LTR   0,0
         BZ    NEXT
         LA    9,CODE(2)
         B     NEXT
ENDED    L     0,4(,8)
         C     0,=F'2870'
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
FOUR     DC    H'4'
*
TABLE    DC    A(ENDED,PUSHED,LOADED,STORED,ADDED,TIMES,LESS,UNLESS0)
END      EQU   0
PUSH     EQU   4
LOAD     EQU   8
STORE    EQU   12
ADD      EQU   16
TIME     EQU   20
DOWN     EQU   24
JUMP     EQU   28
*                                     cell 0 counts, cell 4 is the sum
CODE     DC    AL1(PUSH,20,STORE,0,PUSH,0,STORE,4)
AGAIN    DC    AL1(LOAD,0,LOAD,0,TIME,0,LOAD,4,ADD,0,STORE,4)
         DC    AL1(DOWN,0,JUMP,AGAIN-CODE,END,0)
CELLS    DS    2F
STACK    DS    8F
         END   BEGIN
