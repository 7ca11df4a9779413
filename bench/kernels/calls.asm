CALLS    TITLE 'Kernel: recursion with the standard linkage'
* COUNT rounds of fibonacci(12) = 144 by double recursion: 465 calls,
* each of which saves and restores the registers in a save area of its
* own.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
CALLS    START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   CALLS+X'200'
BEGIN    BALR  12,0
         USING *,12
         LA    13,AREA
         L     11,COUNT
ROUND    LA    1,12
         L     15,=A(FIB)
         BALR  14,15
         C     0,=F'144'
         BNE   BAD
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
         DROP  12
*
* FIB: register 0 := fibonacci(register 1). Save areas follow one
* another in storage: the next one lies behind the caller's.
         USING FIB,15
FIB      STM   14,12,12(13)
         LR    12,15
         DROP  15
         USING FIB,12
         LR    2,13
         LA    13,72(,13)
         ST    2,4(,13)               chain back
         ST    13,8(,2)               and forward
         LR    3,1
         LR    0,1
         C     1,=F'2'
         BL    RETURN                 of 0 it is 0, of 1 it is 1
         BCTR  1,0
         LR    15,12
         BALR  14,15                  fibonacci(n - 1)
         LR    4,0
         LR    1,3
         SH    1,=H'2'
         LR    15,12
         BALR  14,15                  fibonacci(n - 2)
         AR    0,4
RETURN   L     13,4(,13)
         L     14,12(,13)
         LM    1,12,24(13)
         BR    14
         DROP  12
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
         LTORG
         ORG   CALLS+X'1000'
AREA     DS    20XL72
         END   BEGIN
