**********************************************************************
* MANY: a short computation, then a wait, again and again.
*
* Behaves like somebody at a terminal: computes for some milliseconds,
* then thinks. PARM1 (word at location 3F0) says how many times, PARM2
* (3F4) how long it thinks, in milliseconds, PARM3 (3F8) how long it
* computes, in steps of a random number generator. The result
* of the computation is checked against 1000 steps done elsewhere:
*
*   python3 -c "
*   x = 1
*   for i in range(1000): x = (x * 1103515245 + 12345) % 2**32
*   print(hex(x))"
*
* which prints 0xc8ac6b59. (With another PARM3 nothing is checked.)
*
* Shows: what it takes to serve many such users at once: queues, time
* slices, response times. It touches one page of 4K only.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: a result was
* wrong, or the time-of-day clock does not run; DEADxx: unexpected
* interruption (see LOWCORE).
* Needs: clock comparator. No devices.
**********************************************************************
MANY     START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
TIMES    DC    F'10'               PARM1: how many times
APART    DC    F'100'              PARM2: milliseconds between them
STEPS    DC    F'1000'             PARM3: length of the computation
         ORG   LOWCORE+EXTNEW
         DC    X'00000000',A(AWAKE)
         ORG   LOWCORE+X'400'
*
BEGIN    LCTL  0,0,CLOCKBIT        clock comparator interrupts only
         L     R5,TIMES
         LTR   R5,R5
         BNP   DONE
COMPUTE  LA    R3,1                R3: the number
         L     R4,STEPS
STEP     M     R2,=F'1103515245'
         A     R3,=F'12345'
         BCT   R4,STEP
         CLC   STEPS,=F'1000'
         BNE   THINK
         C     R3,=X'C8AC6B59'
         BNE   WRONG
THINK    STCK  NOW
         BC    2+1,WRONG           the clock is in error or absent
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
AWAKE    BCT   R5,COMPUTE
DONE     LPSW  WELL
WRONG    LPSW  BAD
*
ASLEEP   DC    0D'0',X'01020000',A(0)         wait; external enabled
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
NOW      DS    D
CLOCKBIT DC    X'00000800'         control register 0, bit 20
         LTORG
         END
