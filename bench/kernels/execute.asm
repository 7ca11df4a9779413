EXECUTE  TITLE 'Kernel: EXECUTE'
* Each of COUNT rounds takes the words of a list, each with its length
* before it, and puts them into a line: EXECUTE puts in the lengths and
* masks of moves, compares and tests, picks register instructions from
* a table, and makes a call and a branch.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
EXECUTE  START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   EXECUTE+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         L     10,=A(X'73')           registers 7 and 3, for an RR
*
ROUND    LA    9,LIST
         LA    8,LINE
         LA    5,WORDS
         LA    6,OPERATE
         XR    7,7                    the result
         XR    3,3
WORD     IC    3,0(,9)
         BCTR  3,0                    length code
         EX    3,MOVE
         EX    3,SAME
         BNE   BAD
         EX    3,TEST                 any of the length code's bits?
         BZ    CLEAR
         LA    7,16(,7)
CLEAR    EX    10,0(,6)               AR, XR, SLR or ALR of 7 and 3
         LA    6,2(,6)
         EX    0,CALL
         LA    8,2(3,8)               a blank between words
         LA    9,2(3,9)
         EX    0,AGAIN
         CLC   LINE,WANTED
         BNE   BAD
         C     7,EXPECTED
         BNE   BAD
         XC    LINE,LINE
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
*
MOVE     MVC   0(0,8),1(9)
SAME     CLC   0(0,8),1(9)
TEST     TM    1(9),0
CALL     BAL   14,BLANK
AGAIN    BCT   5,WORD
*
BLANK    LA    4,1(3,8)               behind the word
         MVI   0(4),C' '
         BR    14
*
OPERATE  AR    0,0                    one for each word
         XR    0,0
         SLR   0,0
         ALR   0,0
         AR    0,0
         XR    0,0
         SLR   0,0
         ALR   0,0
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
EXPECTED DC    F'104'                 computed elsewhere
         LTORG
LIST     DC    AL1(1),C'A',AL1(7),C'VIRTUAL',AL1(7),C'MACHINE'
         DC    AL1(2),C'IS',AL1(2),C'AN',AL1(8),C'ISOLATED'
         DC    AL1(9),C'DUPLICATE',AL1(12),C'OF A REAL ON'
WORDS    EQU   8
WANTED   DC    C'A VIRTUAL MACHINE IS AN ISOLATED '
         DC    C'DUPLICATE OF A REAL ON '
ENDED    EQU   *
LINE     DC    XL(ENDED-WANTED)'00'
         END   BEGIN
