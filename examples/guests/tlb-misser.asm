**********************************************************************
* TLB-MISSER: touches more pages than the TLB has entries.
*
* It runs translated, in EC mode and supervisor state, and reads one
* word in each page of its table, one page behind the other, again and
* again. If there are more pages than the TLB holds, each entry has
* gone by the time it is wanted again: every touch is a walk through
* the tables. The tables themselves change never, or, for comparison,
* every so many rounds: then two neighbouring pages are exchanged.
*
* Page p holds the number p + 1 at the beginning, and the numbers of a
* round must add up to what they always do.
*
* Parameters, words:
*   3F0  pages (256), 2 to 1024
*   3F4  rounds (500)
*   3F8  rounds between two changes of the tables (0: none)
*
* Watch for: under shadow tables such a walk is two references to
* storage, as natively, for the hardware sees one set of tables. Under
* nested translation each reference to a table of the guest is
* translated by the host's tables first: up to eight.
*
* Ends in a disabled wait: address 000000: all sums were right; 00DEAD:
* one was not; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, 12K of storage and 4K for every page, the
* facilities translation and extended (IPTE).
**********************************************************************
TLBMISS  START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+PARM1
NPAGES   DC    F'256'
NROUNDS  DC    F'500'
NCHANGE  DC    F'0'
*
* R2: address, R3: sum, R4, R5: step and last address for BXLE, R9:
* what the sum must be, R10: rounds to the next change, R11: rounds to
* go, R12: where the next change is.
*
         ORG   LOWCORE+X'400'
BEGIN    L     R2,=A(SEGMENTS)     make the tables: no segment but 0
         MVC   0(4,R2),=X'00000001'
         LA    R3,255
SEGINV   MVC   4(4,R2),0(R2)
         LA    R2,4(,R2)
         BCT   R3,SEGINV
         L     R2,=A(SEGMENTS)
         L     R3,=A(ITSELF)
         ST    R3,0(,R2)
         MVI   0(R2),X'20'         the first three pages
         MVC   0(6,R3),=X'000000100020'
         LA    R2,64(,R2)          segment 16 and what follows
         L     R3,=A(PAGETABS)
         L     R4,NPAGES
         L     R5,=A(POOL)
         LA    R6,1
         SR    R9,R9
MAKEPAGE LR    R1,R3
         N     R1,=F'31'           a new segment?
         BNZ   MAKESAME
         ST    R3,0(,R2)
         MVI   0(R2),X'F0'
         LA    R2,4(,R2)
MAKESAME LR    R1,R5
         SRL   R1,8
         STH   R1,0(,R3)
         ST    R6,0(,R5)           the page's number
         AR    R9,R6
         LA    R6,1(,R6)
         A     R5,PAGE
         LA    R3,2(,R3)
         BCT   R4,MAKEPAGE
MAKEREST LR    R1,R3               what is left of the last table
         N     R1,=F'31'
         BZ    MADE
         MVC   0(2,R3),=X'0008'
         LA    R3,2(,R3)
         B     MAKEREST
*
MADE     L     R4,PAGE
         L     R5,NPAGES
         BCTR  R5,0
         SLL   R5,12
         A     R5,VIRTUAL          R5: the last page
         L     R10,NCHANGE
         L     R11,NROUNDS
         L     R12,VIRTUAL
         LCTL  0,1,CR0
         PTLB
         STOSM SYSMASK,X'04'       translation on
ROUND    L     R2,VIRTUAL
         SR    R3,R3
TOUCH    A     R3,0(,R2)
         BXLE  R2,R4,TOUCH
         CR    R3,R9
         BNE   WRONG
         S     R10,=F'1'           time for a change? (0: never)
         BZ    CHANGE
NEXT     BCT   R11,ROUND
*
         STNSM SYSMASK,X'00'       translation off
         L     R1,NROUNDS
         CVD   R1,PACKED
         MVC   PASSNUM,PATTERN
         ED    PASSNUM,PACKED+4
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
* CHANGE: exchanges the page at R12 and its neighbour in the table.
* The pages come in pairs that
* lie in one page table. (Their number is even here, or the last one
* is left alone.)
*
CHANGE   L     R10,NCHANGE
         LR    R6,R12
         S     R6,VIRTUAL
         SRL   R6,11
         A     R6,=A(PAGETABS)     R6: the entry
         LR    R7,R6
         N     R7,=X'FFFFFFE0'     R7: its page table
         LH    R0,0(,R6)
         LH    R1,2(,R6)
         LR    R8,R12
         IPTE  R7,R8
         AR    R8,R4
         IPTE  R7,R8
         STH   R1,0(,R6)
         STH   R0,2(,R6)
         AR    R12,R4              the next pair
         AR    R12,R4
         CR    R12,R5
         BL    NEXT
         L     R12,VIRTUAL
         B     NEXT
*
CR0      DC    0F'0',X'00800000'         4K pages, 64K segments
CR1      DC    X'0F',AL3(SEGMENTS) 256 segments
PAGE     DC    F'4096'
VIRTUAL  DC    X'00100000'
SYSMASK  DS    X
PACKED   DS    D
PATTERN  DC    X'4020202020202120'  7 digits
PASSLINE DC    C'TLB-MISSER: 12345678 ROUNDS, ALL RIGHT: PASS'
         ORG   PASSLINE+12
PASSNUM  DS    CL8
         ORG
FAILLINE DC    C'TLB-MISSER: A SUM IS WRONG: FAIL'
WELL     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'DEAD')
         COPY  ECCON
         LTORG
SEGMENTS EQU   X'1000'             256 entries
ITSELF   EQU   X'1400'             page table of segment 0
PAGETABS EQU   X'2000'             up to 64 page tables of 32 bytes
POOL     EQU   X'3000'             the pages
         END
