**********************************************************************
* WALKER: walks through its storage with as much locality as it is
* told to have.
*
* Of its pages, some that lie one behind the other are its working set.
* At each step a pseudo-random number chooses a page: mostly one of the
* working set, now and then any page at all. After so many steps the
* working set moves by its own length.
*
* Even pages are changed: what is added to the word that is touched is
* added to a sum, too. Odd pages are read only, and must have the word
* that was stored there at the beginning. At the end, all that stands
* in the even pages must be that sum, and the odd pages must be
* unchanged. A checksum of all touched pages in their order is typed:
* it depends on nothing but the parameters. Another program that makes
* it is tests/vmcp/guests/storage_guests_test.cpp.
*
* Parameters, words:
*   3F0  pages (64), 1 to 2048
*   3F4  pages of the working set (8)
*   3F8  steps (20000)
*   3FC  steps until the working set moves (2000)
*   3E0  steps of 256 that go into the working set (240): 0 to 256
*   3E4  0: translation off; 1: on: page p lies at virtual address
*        X'800000' plus p times 4096, in the frames in reverse order
*   3E8  seed of the random numbers (1)
*
* Watch for: with less real storage than pages, page reads follow the
* working set as long as it fits, and every step pages when it does
* not: thrashing. With translation on and a working set of more pages
* than the TLB has entries, see tlb-misser, too.
*
* Ends in a disabled wait: address 000000: all was right; 00DEAD: it
* was not; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, 12K of storage and 4K for every page; translation
* on: the facility translation.
**********************************************************************
WALKER   START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+PARM5
LOCAL    DC    F'240'
DATON    DC    F'0'
SEED     DC    F'1'
         ORG   LOWCORE+PARM1
NPAGES   DC    F'64'
NSET     DC    F'8'
NSTEPS   DC    F'20000'
NMOVE    DC    F'2000'
*
* R2, R3: random number, R4: page, R5: address in it, R6: where page 0
* is, R7: page at which the working set begins, R8: steps until it
* moves, R9: sum of what was added, R10: checksum, R11: steps to go.
*
         ORG   LOWCORE+X'400'
BEGIN    L     R6,=A(POOL)
         CLC   DATON,=F'0'
         BE    FILL
         BAL   R14,TABLES
         L     R6,VIRTUAL
         LCTL  0,1,CR0
         PTLB
         STOSM SYSMASK,X'04'       translation on
FILL     SR    R4,R4               a mark of its own into one word of
         LR    R5,R6               every 64 bytes
FILLPAGE SR    R1,R1
FILLWORD BAL   R14,MARK
         ST    R2,0(R1,R5)
         LA    R1,64(,R1)
         C     R1,PAGE
         BL    FILLWORD
         A     R5,PAGE
         LA    R4,1(,R4)
         C     R4,NPAGES
         BL    FILLPAGE
*
         L     R3,SEED
         SR    R7,R7
         L     R8,NMOVE
         SR    R9,R9
         SR    R10,R10
         L     R11,NSTEPS
STEP     M     R2,MULT
         A     R3,INCR
         LR    R1,R3               into the working set?
         SRL   R1,24
         LR    R5,R3               16 bits for the page
         SRL   R5,4
         N     R5,=X'0000FFFF'
         C     R1,LOCAL
         BNL   FAR
         M     R4,NSET             times what there is to choose from,
         SRL   R5,16               by 65536
         LA    R4,0(R5,R7)
         C     R4,NPAGES           the working set wraps around
         BL    FOUND
         S     R4,NPAGES
         B     FOUND
FAR      M     R4,NPAGES
         SRL   R5,16
         LR    R4,R5
FOUND    LR    R5,R4
         SLL   R5,12
         AR    R5,R6
         LR    R1,R3               and one of its 64 words
         SRL   R1,14
         N     R1,=X'00000FC0'
         LA    R2,1                (R2 is free until the next number)
         NR    R2,R4
         BNZ   READONLY            odd
         L     R2,0(R1,R5)         even: add the number of the step
         AR    R2,R11
         ST    R2,0(R1,R5)
         AR    R9,R11
         B     NEXT
READONLY BAL   R14,MARK
         C     R2,0(R1,R5)
         BNE   WRONG
NEXT     LR    R2,R10              checksum: times 31, plus the page
         SLL   R10,5
         SR    R10,R2
         AR    R10,R4
         BCT   R8,STAY
         L     R8,NMOVE
         A     R7,NSET
         C     R7,NPAGES
         BL    STAY
         S     R7,NPAGES
STAY     BCT   R11,STEP
*
* Is everything as it should be?
*
         SR    R4,R4
         LR    R5,R6
TESTPAGE SR    R1,R1
TESTWORD BAL   R14,MARK
         LA    R0,1
         NR    R0,R4
         BNZ   TESTODD
         S     R9,0(R1,R5)
         AR    R9,R2
         B     TESTNEXT
TESTODD  C     R2,0(R1,R5)
         BNE   WRONG
TESTNEXT LA    R1,64(,R1)
         C     R1,PAGE
         BL    TESTWORD
         A     R5,PAGE
         LA    R4,1(,R4)
         C     R4,NPAGES
         BL    TESTPAGE
         LTR   R9,R9
         BNZ   WRONG
         STNSM SYSMASK,X'00'       translation off
         ST    R10,CHECK
         UNPK  HEX(9),CHECK(5)
         TR    HEX(8),DIGITS-240
         MVI   HEX+8,C':'
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
WRONG    STNSM SYSMASK,X'00'
         LA    R2,FAILLINE
         LA    R3,L'FAILLINE
         BAL   R14,CONWRITE
         LPSW  BAD
*
* MARK: what stands in page R4 at offset R1 at the beginning: R2.
*
MARK     LR    R2,R4
         SLL   R2,12
         AR    R2,R1
         X     R2,=X'5A000000'
         BR    R14
*
* TABLES: makes the page tables.
*
TABLES   L     R2,=A(SEGMENTS)
         MVC   0(4,R2),=X'00000001'
         LA    R3,255
TABINV   MVC   4(4,R2),0(R2)
         LA    R2,4(,R2)
         BCT   R3,TABINV
         L     R2,=A(SEGMENTS)
         L     R3,=A(ITSELF)
         ST    R3,0(,R2)           segment 0: this program, 4 pages
         MVI   0(R2),X'30'
         MVC   0(8,R3),=X'0000001000200030'
         LA    R2,512(,R2)         segment 128 and what follows: R2
         L     R3,=A(PAGETABS)     R3: entry in the page table
         L     R4,NPAGES
         LR    R5,R4               R5: real address of the frame
         SLL   R5,12
         A     R5,=A(POOL)
TABPAGE  LR    R1,R3
         N     R1,=F'31'           a new segment?
         BNZ   TABSAME
         ST    R3,0(,R2)
         MVI   0(R2),X'F0'
         LA    R2,4(,R2)
TABSAME  S     R5,PAGE
         LR    R1,R5
         SRL   R1,8
         STH   R1,0(,R3)
         LA    R3,2(,R3)
         BCT   R4,TABPAGE
TABREST  LR    R1,R3               what is left of the last table
         N     R1,=F'31'
         BCR   8,R14
         MVC   0(2,R3),=X'0008'
         LA    R3,2(,R3)
         B     TABREST
*
CR0      DC    0F'0',X'00800000'         4K pages, 64K segments
CR1      DC    X'0F',AL3(SEGMENTS) 256 segments
PAGE     DC    F'4096'
VIRTUAL  DC    X'00800000'
MULT     DC    F'1103515245'
INCR     DC    F'12345'
CHECK    DS    F,X
SYSMASK  DS    X
PASSLINE DC    C'WALKER: CHECKSUM ........: PASS'
         ORG   PASSLINE+17
HEX      DS    CL9
         ORG
FAILLINE DC    C'WALKER: A PAGE HAS OTHER CONTENTS: FAIL'
DIGITS   DC    C'0123456789ABCDEF'
WELL     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'DEAD')
         COPY  ECCON
         LTORG
SEGMENTS EQU   X'1000'             256 entries
ITSELF   EQU   X'1400'             page table of segment 0
PAGETABS EQU   X'2000'             128 page tables of 32 bytes
POOL     EQU   X'3000'             the pages
         END
