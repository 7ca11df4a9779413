SIEVE    TITLE 'Kernel: the sieve of Eratosthenes'
* COUNT rounds of the sieve over the odd numbers from 3 to 16383, of
* which 1899 are prime.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
SIEVE    START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   SIEVE+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
*
ROUND    L     8,=A(FLAGS)            ---- all flags on: 3, 5, 7, ...
         L     3,=A(FLAGS+NUMBERS-1)  last one
         LA    2,1                    step
         LR    4,8
         LA    0,1
FILL     STC   0,0(,4)
         BXLE  4,2,FILL               4 := 4 + 1 up to register 3
*
         XR    7,7                    ---- primes found
         XR    6,6                    index
SCAN     LA    5,0(6,8)
         CLI   0(5),0
         BE    NEXT
         LR    1,6                    the prime: 2 * index + 3
         AR    1,6
         LA    2,3(,1)
         LA    7,1(,7)
         LA    4,0(2,5)               strike out its odd multiples
         XR    0,0
         CR    4,3
         BH    NEXT
STRIKE   STC   0,0(,4)
         BXLE  4,2,STRIKE             4 := 4 + prime up to register 3
NEXT     LA    6,1(,6)
         C     6,=A(NUMBERS)
         BL    SCAN
         C     7,=F'1899'
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
NUMBERS  EQU   8191
         ORG   SIEVE+X'1000'
FLAGS    DS    (NUMBERS)X
         END   BEGIN
