**********************************************************************
* IDLE: next to nothing.
*
* Loads an enabled wait at once, and lets the clock comparator wake it
* PARM1 times (word at location 3F0), PARM2 milliseconds apart (word at
* 3F4).
*
* Shows: what a virtual machine costs that does nothing. It touches one
* page of 4K only. Thousands of them should cost a control program
* their wake-ups and nothing else.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: the clock does
* not run; DEADxx: unexpected interruption (see LOWCORE).
* Needs: clock comparator. No devices.
**********************************************************************
IDLE     START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
TIMES    DC    F'5'                PARM1: how often it wakes up
APART    DC    F'200'              PARM2: milliseconds
         ORG   LOWCORE+EXTNEW
         DC    X'00000000',A(AWAKE)
         ORG   LOWCORE+X'400'
*
BEGIN    LCTL  0,0,CLOCKBIT        clock comparator interrupts only
         L     R5,TIMES
         LTR   R5,R5
         BNP   DONE
SLEEP    STCK  NOW
         BC    2+1,NOCLOCK         the clock is in error or absent
         LM    R2,R3,NOW           bit 51 counts microseconds: a
         L     R7,APART            millisecond is 4,096,000 units
         M     R6,=F'4096000'      R6, R7: the interval
         ALR   R3,R7
         BC    12,*+8              no carry
         AL    R2,=F'1'
         ALR   R2,R6
         STM   R2,R3,NOW
         SCKC  NOW
         LPSW  ASLEEP
AWAKE    BCT   R5,SLEEP
DONE     LPSW  WELL
NOCLOCK  LPSW  BAD
*
ASLEEP   DC    0D'0',X'01020000',A(0)         wait; external enabled
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
NOW      DS    D
CLOCKBIT DC    X'00000800'         control register 0, bit 20
         LTORG
         END
