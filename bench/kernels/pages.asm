PAGES    TITLE 'Kernel: a working set of 500 pages under translation'
* COUNT rounds over 500 pages of 4K: a word of each is added to, and
* stored. They lie one behind another, so that a translation-lookaside
* buffer of fewer entries holds none of them when it is needed again.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
PAGES    START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   PAGES+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     2,=A(SEGTAB)           ---- all pages are where they say
         L     3,=A(X'F0000000'+PAGETAB)
         LA    1,32                   bytes of a page table
         LA    4,256
SEGMENT  ST    3,0(,2)
         ALR   3,1
         LA    2,4(,2)
         BCT   4,SEGMENT
         L     2,=A(PAGETAB)
         XR    3,3
         L     4,=F'4096'
PAGE     STH   3,0(,2)
         LA    3,X'10'(,3)
         LA    2,2(,2)
         BCT   4,PAGE
         LCTL  0,1,CONTROL
         LPSW  MAPPED
*
TOUCH    L     11,COUNT
         L     8,=F'4096'
         XR    7,7                    what is added to
ROUND    L     5,=A(FIRST)
         LR    6,5
         L     9,=A(FIRST+499*4096)   the last
STEP     L     1,8(,5)
         AR    1,11
         ST    1,8(,5)
         ALR   7,1
         BXLE  5,8,STEP
         BCT   11,ROUND
         C     1,8(,6)                the last page is as the first
         BNE   BAD
         LPSW  GOOD
BAD      LPSW  WRONG
*
         DS    0D
MAPPED   DC    X'04080000',A(TOUCH)   EC, translation on
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
CONTROL  DC    X'008000E0',X'0F',AL3(SEGTAB)
COUNT    DC    F'1'
         LTORG
SEGTAB   EQU   X'2000'
PAGETAB  EQU   X'4000'
FIRST    EQU   X'100000'
         END   BEGIN
