DECIMAL  TITLE 'Kernel: packed decimal'
* Each of COUNT rounds reckons a bill of 8 items: packs prices and
* numbers, multiplies, divides by 12, rounds to hundreds, sums up all
* of that, edits the sum, and converts to binary and back.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
DECIMAL  START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   DECIMAL+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
*
ROUND    ZAP   TOTAL,NOTHING
         XR    7,7                    the same in binary, amounts only
         LA    9,BILL
         LA    5,ITEMS
ITEM     PACK  PRICE,0(5,9)
         PACK  NUMBER,5(3,9)
         ZAP   AMOUNT,PRICE
         MP    AMOUNT,NUMBER
         CVB   2,AMOUNT
         ALR   7,2
         ZAP   SHARE,AMOUNT
         DP    SHARE,DOZEN            6 bytes, and 2 that remain
         AP    TOTAL,SHARE(6)
         SP    TOTAL,SHARE+6(2)
         SRP   AMOUNT,64-2,5          rounded
         AP    TOTAL,AMOUNT
         CP    AMOUNT,LIMIT
         BL    CHEAP
         SP    TOTAL,FEE
CHEAP    MVC   LINE,PATTERN
         ED    LINE,TOTAL
         LA    9,8(,9)
         BCT   5,ITEM
*
         CP    TOTAL,WANTED
         BNE   BAD
         CLC   LINE,EDITED
         BNE   BAD
         CVD   7,AMOUNT
         CP    AMOUNT,SUM
         BNE   BAD
         UNPK  DIGITS,TOTAL
         OI    DIGITS+L'DIGITS-1,X'F0'
         CLC   DIGITS,ZONED
         BNE   BAD
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
AMOUNT   DS    D
COUNT    DC    F'1'
BILL     DC    C'01999012',C'00450144',C'12500003',C'00075500'
         DC    C'34999001',C'00020250',C'07725040',C'99999999'
ITEMS    EQU   8
NOTHING  DC    P'0'
DOZEN    DC    PL2'12'
LIMIT    DC    P'1000'
FEE      DC    P'250'
WANTED   DC    P'9371241'             computed elsewhere, as are these
SUM      DC    P'100411788'
ZONED    DC    C'009371241'
EDITED   DC    C'   9,371,241'
PATTERN  DC    X'402020206B2020206B202120'
PRICE    DS    PL3
NUMBER   DS    PL2
SHARE    DS    PL8
TOTAL    DS    PL5
DIGITS   DS    CL9
LINE     DS    CL12
         END   BEGIN
