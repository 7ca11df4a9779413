**********************************************************************
* SHARER: loads the named segment TABLES, which is one copy in real
* storage for all machines that load it, and adds up its 4096 words.
*
* Each word of the segment (shared-tables.asm) is 7. If the parameter
* asks for it, one word is changed before they are added: then this
* machine gets a copy of its own and the message DMKVMA181E, and what
* the others see stays as it was.
*
* Parameters, words:
*   3F0  rounds of adding (20)
*   3F4  1: change a word first (0)
*
* Natively there is no control program to ask (STIDP does not tell
* version X'FF'): it says so, and ends.
*
* Watch for: resident pages. Machines that share have those of their
* own program only.
*
* Ends in a disabled wait: address 000000: all was right; 00DEAD: it
* was not; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009 and 8K of storage.
**********************************************************************
SHARER   START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+PARM1
NROUNDS  DC    F'20'
CHANGE   DC    F'0'
*
* R4: the segment, R5: words to go, R6: sum, R7: word, R8: what the sum
* must be, R9: rounds to go
*
         ORG   LOWCORE+X'400'
BEGIN    STIDP CPUID
         CLI   CPUID,X'FF'         a virtual machine?
         BE    LOAD
         LA    R2,ALONE
         LA    R3,L'ALONE
         BAL   R14,CONWRITE
         LPSW  GOOD
LOAD     LA    R2,NAME
         SR    R3,R3               LOADSYS, shared
         DIAG  R2,R3,X'64'
         BC    3,BAD               2: there is no such segment
         LR    R4,R2
         L     R8,=F'28672'        4096 times 7
         CLC   CHANGE,=F'0'
         BE    *+14
         MVC   64(4,R4),=F'8'      one more
         LA    R8,1(,R8)
         L     R9,NROUNDS
ROUND    LR    R7,R4
         LA    R5,2048
         AR    R5,R5
         SR    R6,R6
ADD      A     R6,0(,R7)
         LA    R7,4(,R7)
         BCT   R5,ADD
         CR    R6,R8
         BNE   BAD
         BCT   R9,ROUND
         LA    R2,NAME
         LA    R3,8                PURGESYS
         DIAG  R2,R3,X'64'
         BNZ   BAD
         LA    R2,RIGHT
         LA    R3,L'RIGHT
         BAL   R14,CONWRITE
         LPSW  GOOD
BAD      LPSW  WRONG
CPUID    DC    D'0'
GOOD     DC    0D'0',X'000A0000',A(0)
WRONG    DC    0D'0',X'000A0000',A(X'DEAD')
NAME     DC    0D'0',CL8'TABLES'
ALONE    DC    C'SHARER: NO CONTROL PROGRAM, NOTHING TO SHARE'
RIGHT    DC    C'SHARER: SEGMENT TABLES, ALL SUMS RIGHT: PASS'
         COPY  ECCON
         LTORG
         END   BEGIN
