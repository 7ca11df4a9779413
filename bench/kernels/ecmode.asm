ECMODE   TITLE 'Kernel: a supervisor in EC mode, with translation on'
* In each of COUNT rounds masks and control registers are stored and
* loaded, an address is translated, the supervisor is called, a page
* moves to another frame and back, and a page that is invalid is used:
* the program that the exception interrupts to makes it valid.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
ECMODE   START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   ECMODE+X'60'
         DC    X'04080000',A(CALLED)  supervisor-call new PSW
         DC    X'04080000',A(CHECKED) program new PSW
         ORG   ECMODE+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     2,=A(SEGTAB)           ---- all pages are where they say
         L     3,=A(X'F0000000'+PAGETAB)
         LA    1,32                   bytes of a page table
         LA    4,16
SEGMENT  ST    3,0(,2)
         ALR   3,1
         LA    2,4(,2)
         BCT   4,SEGMENT
         L     2,=A(PAGETAB)
         XR    3,3
         LA    4,256
PAGE     STH   3,0(,2)
         LA    3,X'10'(,3)
         LA    2,2(,2)
         BCT   4,PAGE
         LCTL  0,1,CONTROL
         LPSW  MAPPED
*
MAP      L     11,COUNT
         L     8,=A(ONE)              a page, and another one
         L     9,=A(OTHER)
         L     10,=A(PAGETAB)
         MVI   3(8),1                 what stands in their frames
         MVI   3(9),2
*
ROUND    XR    7,7                    the result
         SSM   ONLYDAT                ---- masks, control registers
         STOSM MASKS,X'00'
         STNSM MASKS+1,X'FC'
         CLC   MASKS,WANTED
         BNE   BAD
         STCTL 0,1,SAVED
         LCTL  0,1,SAVED
         CLC   SAVED(8),CONTROL
         BNE   BAD
         LA    5,4                    ---- calls
CALL     SVC   9
         BCT   5,CALL
*
         LH    6,2*(ONE/4096)(,10)    ---- one page, in either frame
         LH    2,2*(OTHER/4096)(,10)
         STH   2,2*(ONE/4096)(,10)
         PTLB
         A     7,0(,8)                2
         LRA   3,0(,8)
         BNZ   BAD
         CR    3,9
         BNE   BAD
         STH   6,2*(ONE/4096)(,10)
         PTLB
         A     7,0(,8)                1
*
         OI    2*(OTHER/4096)+1(10),INVALID
         PTLB
         A     7,0(,9)                2, and what CHECKED adds
         C     7,=F'1041'             4 * 9 + 5 + 1000
         BNE   BAD
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
*
CALLED   ST    2,SAVED
         XR    2,2
         IC    2,X'8B'                the number
         AR    7,2
         L     2,SAVED
         LPSW  X'20'
*
CHECKED  CLI   X'8F',X'11'            a page-translation exception?
         BNE   BAD
         CLC   X'91'(3),AT            of that page?
         BNE   BAD
         NI    2*(OTHER/4096)+1(10),255-INVALID
         LA    7,1000(,7)
         LPSW  X'28'                  once more
*
         DS    0D
MAPPED   DC    X'04080000',A(MAP)     EC, translation on
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
CONTROL  DC    X'008000E0',X'00',AL3(SEGTAB)
SAVED    DS    2F
COUNT    DC    F'1'
ONLYDAT  DC    X'04'
MASKS    DS    XL2
WANTED   DC    X'0404'
AT       DC    AL3(OTHER)
         LTORG
INVALID  EQU   X'08'
SEGTAB   EQU   X'2000'
PAGETAB  EQU   X'3000'
ONE      EQU   X'40000'
OTHER    EQU   X'41000'
         END   BEGIN
