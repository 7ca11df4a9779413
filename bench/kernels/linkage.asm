LINKAGE  TITLE 'Kernel: calls'
* COUNT rounds of calls that do nothing: with the standard linkage,
* with few registers saved, and with none.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
LINKAGE  START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   LINKAGE+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         LA    13,AREA
ROUND    L     15,=A(FULL)
         BALR  14,15
         BAL   14,FEW
         BAL   14,NONE
         BAL   14,FEW
         BCT   11,ROUND
         LTR   15,15
         BZ    BAD
         LPSW  GOOD
BAD      LPSW  WRONG
*
FEW      STM   2,5,AREA+72
         LM    2,5,AREA+72
NONE     BR    14
*
FULL     STM   14,12,12(13)
         LR    2,15
         LM    14,12,12(13)
         BR    14
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
         LTORG
         ORG   LINKAGE+X'1000'
AREA     DS    20XL72
         END   BEGIN
