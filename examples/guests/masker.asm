**********************************************************************
* MASKER: an operating system in small that counts under a mask.
*
* A counter is changed in two places: the main loop loads it, thinks
* for a while and stores it one higher; and each interruption of the
* CPU timer adds one. The main loop masks interruptions meanwhile:
* STNSM in front of LOAD, SSM behind STORE. So no update can be lost.
*
* It says by STIDP which CPU it is on (version, serial number, model,
* length of the machine-check logout), at the end how often it was
* interrupted, and how many updates are missing.
*
* Parameters, words:
*   3F0  rounds of the main loop (20000)
*   3F4  microseconds between two interruptions (1000)
*
* Watch for: on a System/370, natively and as a guest, none is missing,
* and as a guest the version of the CPU is FF. On a machine model whose
* problem state executes STNSM and SSM without effect, all is well
* natively; as a guest, whose supervisor state is real problem state,
* the section is not masked. docs/virtualizable.md.
*
* Ends in a disabled wait: address 000000: no update was lost; 00DEAD:
* some were; DEADxx: see LOWCORE; DEAD09: console.
* Needs: console 009, 8K of storage.
**********************************************************************
MASKER   START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+EXTNEW
         DC    X'00000000',A(TICK)
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'20000'
PERIOD   DC    F'1000'
         ORG   LOWCORE+X'400'
*
BEGIN    STIDP CPUID
         UNPK  HEXLEFT(9),CPUID(5)
         TR    HEXLEFT,DIGITS-240
         UNPK  HEX(9),CPUID+4(5)
         TR    HEX(8),DIGITS-240
         MVC   IDRIGHT,HEX
         MVC   IDLEFT,HEXLEFT
         LA    R2,IDLINE
         LA    R3,L'IDLINE
         BAL   R14,CONWRITE
*
         L     R1,PERIOD           in units of the timer: times 4096
         SLDL  R0,32
         SRDL  R0,20
         STM   R0,R1,INTERVAL
         LCTL  R0,R0,CONTROL
         SPT   INTERVAL
         LPSW  ENABLED             from here on interruptions come
*
COUNTING L     R6,ROUNDS
LOOP     STNSM OLDMASK,X'00'       not while this goes on:
         L     R1,COUNTER
         LA    R2,10
         BCT   R2,*
         LA    R1,1(,R1)
         ST    R1,COUNTER
         SSM   OLDMASK
         LA    R2,10
         BCT   R2,*
         BCT   R6,LOOP
         LPSW  DISABLED
*
RESULT   L     R1,TICKS
         CVD   R1,PACKED
         MVC   TICKNUM,PATTERN
         ED    TICKNUM,PACKED+4
         A     R1,ROUNDS           so many there should be
         S     R1,COUNTER
         LR    R5,R1
         CVD   R1,PACKED
         MVC   LOSTNUM,PATTERN
         ED    LOSTNUM,PACKED+4
         LA    R2,LINE
         LA    R3,LINEEND-LINE
         BAL   R14,CONWRITE
         LTR   R5,R5
         BNZ   FAILED
         LPSW  WELL
FAILED   LPSW  BAD
*
* The CPU timer: count, and set it again.
*
TICK     ST    R1,SAVE1
         L     R1,COUNTER
         LA    R1,1(,R1)
         ST    R1,COUNTER
         L     R1,TICKS
         LA    R1,1(,R1)
         ST    R1,TICKS
         SPT   INTERVAL
         L     R1,SAVE1
         LPSW  EXTOLD
*
CPUID    DS    D
         DS    X                   (a byte for UNPK)
INTERVAL DS    D
PACKED   DS    D
ENABLED  DC    0D'0',X'01000000',A(COUNTING)  external
DISABLED DC    0D'0',X'00000000',A(RESULT)
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
CONTROL  DC    X'00000400'         CR0: CPU timer
COUNTER  DC    F'0'
TICKS    DC    F'0'
SAVE1    DS    F
OLDMASK  DS    X
DIGITS   DC    C'0123456789ABCDEF'
PATTERN  DC    X'4020202020202120'  7 digits
HEXLEFT  DS    CL8,X
HEX      DS    CL9
IDLINE   DC    C'MASKER: CPU 0123456789ABCDEF'
         ORG   IDLINE+12
IDLEFT   DS    CL8
IDRIGHT  DS    CL8
         ORG
LINE     DC    C'MASKER:'
TICKNUM  DS    CL8
         DC    C' INTERRUPTIONS,'
LOSTNUM  DS    CL8
         DC    C' UPDATES LOST'
LINEEND  EQU   *
         COPY  CONSOLE
         LTORG
         END
