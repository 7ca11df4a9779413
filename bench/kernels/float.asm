FLOAT    TITLE 'Kernel: hexadecimal floating point'
* Each of COUNT rounds sums a harmonic series (short), takes a square
* root by Newton's iteration, an exponential by its series (long), and
* the product of two vectors (short times short is long).
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
FLOAT    START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   FLOAT+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
*
ROUND    SER   0,0                    ---- 1 + 1/2 + ... + 1/16
         SER   4,4
         LA    5,16
SUM      AE    4,ONE
         LE    2,ONE
         DER   2,4
         AER   0,2
         BCT   5,SUM
         STE   0,WORK
         CLC   WORK(4),SERIES
         BNE   BAD
*
         LD    0,LONGONE              ---- the square root of 2
         LA    5,6
NEWTON   LD    2,TWO
         DDR   2,0
         ADR   0,2
         HDR   0,0
         BCT   5,NEWTON
         STD   0,WORK
         CLC   WORK,ROOT
         BNE   BAD
         MDR   0,0
         SD    0,TWO
         LPDR  0,0
         CD    0,SMALL
         BH    BAD
*
         LD    0,TERMS                ---- e to the power of 1/2
         LA    9,TERMS
         LA    5,10
POWER    LA    9,8(,9)
         MD    0,HALF
         AD    0,0(,9)
         BCT   5,POWER
         STD   0,WORK
         CLC   WORK,EXP
         BNE   BAD
*
         SDR   6,6                    ---- a product of vectors
         LA    8,VECTOR
         LA    9,OTHER
         LA    5,8
PRODUCT  LE    0,0(,8)
         ME    0,0(,9)
         ADR   6,0
         LA    8,4(,8)
         LA    9,4(,9)
         BCT   5,PRODUCT
         LRER  0,6
         SE    0,ONE
         DE    0,SEVEN
         CE    0,LIMIT
         BNL   BAD
         LTDR  6,6
         BNP   BAD
         DD    6,SEVENS
         STD   6,WORK
         CLC   WORK,PART
         BNE   BAD
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
WORK     DS    D
LONGONE  DC    D'1'
TWO      DC    D'2'
HALF     DC    D'0.5'
SEVENS   DC    D'7'
SMALL    DC    D'1E-15'
TERMS    DC    D'2.7557319223985891E-7,2.7557319223985891E-6'
         DC    D'2.4801587301587302E-5,1.9841269841269841E-4'
         DC    D'1.3888888888888889E-3,8.3333333333333333E-3'
         DC    D'4.1666666666666667E-2,0.16666666666666667'
         DC    D'0.5,1,1'
ROOT     DC    X'4116A09E667F3BCC'    1.414213562373
EXP      DC    X'411A61298E1D2616'    1.648721270687
PART     DC    X'41B75B6DB6DB6DB6'    80.21875 / 7
SERIES   DC    X'41361773'            3.380725
COUNT    DC    F'1'
ONE      DC    E'1'
SEVEN    DC    E'7'
LIMIT    DC    E'20'
VECTOR   DC    E'1.5,-2.25,3,100.125,-0.0625,7,8.5,1000'
OTHER    DC    E'2,4,-0.5,0.75,16,1.125,-3,0.03125'
         END   BEGIN
