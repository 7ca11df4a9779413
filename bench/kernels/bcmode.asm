BCMODE   TITLE 'Kernel: privileged instructions in BC mode'
* Each of COUNT rounds is what a small supervisor does: masks, the keys
* of a block of storage and of the PSW, the CPU timer, supervisor calls
* and the way back. Nothing is ever enabled that could interrupt.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
BCMODE   START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   BCMODE+X'60'
         DC    A(0,CALLED)            supervisor-call new PSW
         DC    X'00020000',A(X'BAD')  program new PSW
         ORG   BCMODE+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         SPT   BEFORE
         L     8,=A(BLOCK)
         L     9,=X'000000F8'
         XR    0,0
*
ROUND    SSM   NONE                   ---- masks of idle channels
         STOSM MASKS,X'60'
         STNSM MASKS+1,X'DF'
         STOSM MASKS+2,X'10'
         SSM   NONE
         STNSM MASKS+3,X'FF'
         CLC   MASKS,WANTED
         BNE   BAD
*
         LA    2,X'30'                ---- storage keys
         SSK   2,8
         XR    4,4
         ISK   4,8
         NR    4,9
         CR    4,2
         BNE   BAD
         SSK   0,8
         ISK   4,8
         NR    4,9
         BNZ   BAD
*
         SPKA  X'30'                  ---- the PSW's key
         IPK
         SPKA  0
         N     2,=F'240'
         C     2,=F'48'
         BNE   BAD
*
         STPT  NOW                    ---- the CPU timer runs down
         CLC   NOW,BEFORE
         BH    BAD
         MVC   BEFORE,NOW
*
         XR    7,7                    ---- calls add their number
         LA    5,4
CALL     SVC   9
         BCT   5,CALL
         C     7,=F'36'
         BNE   BAD
         LPSW  AGAIN
AFTER    BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
*
CALLED   STM   2,4,SAVED
         XR    2,2
         IC    2,X'23'                the number, in the old PSW
         AR    7,2
         LM    2,4,SAVED
         LPSW  X'20'
*
         DS    0D
AGAIN    DC    A(0,AFTER)
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
BEFORE   DC    X'7FFFFFFF00000000'
NOW      DS    D
COUNT    DC    F'1'
SAVED    DS    3F
NONE     DC    X'00'
MASKS    DS    XL4
WANTED   DC    X'00604000'
         LTORG
BLOCK    EQU   X'4000'
         END   BEGIN
