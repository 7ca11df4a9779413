**********************************************************************
* MONITOR: a control program of a few screens that has the machine
* execute its guest (START INTERPRETIVE EXECUTION), twice: first the
* machine keeps masks to itself, then each change of a mask comes out
* and is simulated here. It types how often the guest came out.
*
* Shows: the state description, the tables of guest storage, what comes
* out and how it is told, CALL HOST. docs/interpretive-execution.md.
*
* Ends in a disabled wait: address 000000: well; 000BAD: something came
* out that it does not know; DEADxx: unexpected interruption (LOWCORE).
* Needs: console 009, a machine with facility interpretive_execution.
**********************************************************************
MONITOR  START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+X'400'
BEGIN    BAL   R14,TABLES
         LA    R9,INSIDE           what is to be typed
         SR    R8,R8               intercepts: none
         BAL   R12,RUN
         LA    R9,OUTSIDE
         L     R8,=X'80000000'     intercepts: SSM, STNSM, STOSM
         BAL   R12,RUN
         LPSW  WELL
*
* Guest storage is 64K of ours at GUEST: one segment of 16 pages.
*
TABLES   L     R1,=A(GUEST)
         SRL   R1,8                a page-table entry: 12 bits of it
         LA    R2,PAGES
         LA    R3,16
PAGE     STH   R1,0(,R2)
         LA    R1,16(,R1)
         LA    R2,2(,R2)
         BCT   R3,PAGE
         BR    R14
*
* R8: the intercepts. R9: the line's text. Returns by R12.
*
RUN      CLSD  DESC                a CPU after initial reset
         MVI   DESC+2,X'80'        its addresses go through our tables
         ST    R8,DESC+4
         MVC   DESC+8(4),=A(SEGMENTS)   16 segments of 64K
         MVC   DESC+12(4),=F'65536'
         MVC   DESC+16(8),=X'00000000000001F8'   where GUEST begins
         SR    R7,R7               how often it came out
ENTER    SIE   DESC
         BNZ   LOST                no interruption, and nothing missing
         LA    R7,1(,R7)
         CLI   DESC+28,7           why?
         BE    CALLED
         CLI   DESC+28,1
         BNE   LOST
         CLI   DESC+31,X'80'       an instruction: which?
         BE    SSM
         CLI   DESC+31,X'AC'
         BE    STNSM
         CLI   DESC+31,X'83'       DIAGNOSE: the end
         BNE   LOST
         CVD   R7,PACKED
         MVC   COUNT,=X'4020206B202120'
         ED    COUNT,PACKED+5
         MVC   WHAT,0(R9)
         LA    R2,LINE
         LA    R3,COUNT+L'COUNT-LINE
         BAL   R14,CONWRITE
         BR    R12
*
* The instruction has not been executed; the guest's PSW is behind it.
* Its operand address is told, which is real there: ours is GUEST on.
*
SSM      L     R1,DESC+32
         A     R1,=A(GUEST)
         MVC   DESC+16(1),0(R1)
         B     ENTER
STNSM    L     R1,DESC+32
         A     R1,=A(GUEST)
         MVC   0(1,R1),DESC+16
         NC    DESC+16(1),DESC+36  the second byte of the instruction
         B     ENTER
*
* CALL HOST: a line. Registers 2 and 3 say where it is, and how long.
*
CALLED   L     R2,DESC+64+8
         A     R2,=A(GUEST)
         L     R3,DESC+64+12
         BAL   R14,CONWRITE
         B     ENTER
LOST     LPSW  ILL
*
WELL     DC    0D'0',X'00020000',A(0)
ILL      DC    0D'0',X'00020000',A(X'BAD')
PACKED   DC    D'0'
INSIDE   DC    CL12'STAY INSIDE:'
OUTSIDE  DC    CL12'COME OUT:'
LINE     DC    C'MASKS '
WHAT     DS    CL12
COUNT    DS    CL7                 five digits and a comma
         COPY  CONSOLE
         LTORG
PAGES    DC    0D'0',16H'0'
         ORG   MONITOR+X'B00'       a boundary of 64
SEGMENTS DC    X'F0',AL3(PAGES),15X'00000001'
         ORG   MONITOR+X'C00'       a boundary of 256
DESC     DC    XL256'00'
         ORG   MONITOR+X'20000'
**********************************************************************
* The guest. Its addresses begin at 0: it is at home at GUEST.
**********************************************************************
GUEST    DS    0D
         DROP
         USING GUEST,R10           which is 0 there, as all registers
         ORG   GUEST+SVCNEW
         DC    X'00000000',A(SUPER-GUEST)
         ORG   GUEST+X'1F8'
         LA    R2,GREETING
         LA    R3,L'GREETING
         CALLH 1                   would need SIO and an interruption
         LA    R4,1000
ROUND    STNSM MASK,X'00'          nothing may interrupt here
         SVC   1
         SSM   MASK
         BCT   R4,ROUND
         DIAG  0,0,0               the end
SUPER    LPSW  SVCOLD
MASK     DC    X'00'
GREETING DC    C'GUEST: HERE I AM'
         ORG   GUEST+X'FFF'
         DC    X'00'
         END
