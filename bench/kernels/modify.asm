MODIFY   TITLE 'Kernel: a program that changes itself'
* Each of COUNT rounds executes, 16 times, a move whose byte the
* instruction before it has put in, a branch that is one every other
* time, and a move whose length is put in; then it calls two routines
* that it writes to the same place, one after the other.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
MODIFY   START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   MODIFY+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
*
ROUND    LA    5,16
         XR    7,7                    the result
         XR    0,0
LOOP     STC   5,PUT+1
PUT      MVI   CELL,0
         IC    0,CELL
         AR    7,0
         XI    SWITCH+1,X'F0'
SWITCH   NOP   OTHER                  first it is a branch
         LA    7,100(,7)
         B     ON
OTHER    LA    7,1000(,7)
ON       LR    4,5
         BCTR  4,0
         STC   4,MOVE+1
MOVE     MVC   TO(0),FROM
         BCT   5,LOOP
         CLC   TO,FROM
         BNE   BAD
         XC    TO,TO
*
         MVC   ROOM(8),FIRST          ---- a routine, and another one
         BAL   14,ROOM
         MVC   ROOM(8),SECOND
         BAL   14,ROOM
         C     7,EXPECTED
         BNE   BAD
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
*
ROOM     DC    4H'0'
FIRST    SLL   7,3
         AR    7,5                    5 is zero
         BR    14
SECOND   AH    7,SEVEN
         LR    0,7
         BR    14
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
EXPECTED DC    F'71495'               (136 + 8 * 1100) * 8 + 7
SEVEN    DC    H'7'
CELL     DC    X'00'
FROM     DC    C'MOVED IN PIECES.'
TO       DC    XL16'00'
         END   BEGIN
