**********************************************************************
* CHURNER: changes its page tables all the time.
*
* It runs translated, in EC mode and supervisor state. Segment 0 leads
* to itself: there are this program and its page table. Behind virtual
* address X'100000' lies a window of some pages. In each round every
* page of the window is given another page frame: page p has frame
* (p + round) modulo the number of pages. After that each page is
* touched a few times. Frame f holds in its first word the number f,
* so a page that leads to a wrong frame, by an old entry in the TLB or
* in a shadow table, is noticed at once. Each touch adds 1 to a counter
* in the frame; at the end all of them are added up, with translation
* off, and there must be one for each touch.
*
* Parameters, words:
*   3F0  pages (16), 1 to 16
*   3F4  rounds (200)
*   3F8  touches of a page in a round (4)
*   3FC  how entries are invalidated: 0: one by one, by IPTE (as it
*        stands); 1: all of them in storage, then PTLB, once a round;
*        2: not at all: the window stays where it is, for comparison
*
* Watch for: every IPTE and PTLB is privileged and traps. Under shadow
* tables the first touch of a page behind it traps as well, for its
* shadow is gone; after a PTLB that is every page. Under nested
* translation the hardware finds the new entry itself.
*
* Ends in a disabled wait: address 000000: every touch met the right
* frame; 00DEAD: one did not; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, 128K of storage, the facilities translation and
* extended (IPTE).
**********************************************************************
CHURNER  START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+PARM1
NPAGES   DC    F'16'
NROUNDS  DC    F'200'
NTOUCHES DC    F'4'
HOW      DC    F'0'
*
* R2: entry in the page table, R3: virtual address, R4: page, R5:
* frame, R6: pages, R7: page table, R8: where in the page the touches
* go, R11: rounds to go, R12: round.
*
         ORG   LOWCORE+X'400'
BEGIN    L     R6,NPAGES
         L     R7,=A(WINDOW)
         SR    R5,R5               number the frames
         L     R2,=A(POOL)
NUMBER   ST    R5,0(,R2)
         A     R2,PAGE
         LA    R5,1(,R5)
         CR    R5,R6
         BL    NUMBER
         L     R11,NROUNDS
         SR    R12,R12
         LCTL  0,1,CR0
         PTLB
         STOSM SYSMASK,X'04'       translation on
ROUND    CLC   HOW,=F'1'
         BE    ALLATONE
*
* One by one.
*
         LR    R2,R7
         L     R3,VIRTUAL
         SR    R4,R4
ONE      CLC   HOW,=F'2'
         BNE   ONEIPTE
         LTR   R12,R12             nothing changes after the first
         BNZ   ONENEXT             round
ONEIPTE  IPTE  R7,R3
         BAL   R14,REMAP
ONENEXT  LA    R2,2(,R2)
         A     R3,PAGE
         LA    R4,1(,R4)
         CR    R4,R6
         BL    ONE
         B     TOUCH
*
* All at once.
*
ALLATONE LR    R2,R7
         SR    R4,R4
ALL      BAL   R14,REMAP
         LA    R2,2(,R2)
         LA    R4,1(,R4)
         CR    R4,R6
         BL    ALL
         PTLB
*
* Touch them. Each must be the frame that it should be.
*
TOUCH    L     R3,VIRTUAL
         LR    R5,R12              frame of page 0
         CLC   HOW,=F'2'
         BNE   *+6
         SR    R5,R5
         LR    R4,R6
PAGES    CR    R5,R6
         BL    *+6
         SR    R5,R5
         L     R9,NTOUCHES
TOUCHES  C     R5,0(,R3)
         BNE   WRONG
         L     R1,4(,R3)
         LA    R1,1(,R1)
         ST    R1,4(,R3)
         BCT   R9,TOUCHES
         LA    R5,1(,R5)
         A     R3,PAGE
         BCT   R4,PAGES
         LA    R12,1(,R12)         next round
         CR    R12,R6
         BL    *+6
         SR    R12,R12
         BCT   R11,ROUND
*
* Count.
*
         STNSM SYSMASK,X'00'       translation off
         L     R2,=A(POOL)
         LR    R4,R6
         SR    R1,R1
COUNT    A     R1,4(,R2)
         A     R2,PAGE
         BCT   R4,COUNT
         L     R3,NROUNDS
         M     R2,NTOUCHES
         M     R2,NPAGES
         CR    R1,R3
         BNE   LOST
         CVD   R1,PACKED
         MVC   PASSNUM,PATTERN
         ED    PASSNUM,PACKED+4
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
WRONG    STNSM SYSMASK,X'00'
         LA    R2,WRONGLN
         LA    R3,L'WRONGLN
         BAL   R14,CONWRITE
         LPSW  BAD
LOST     LA    R2,LOSTLN
         LA    R3,L'LOSTLN
         BAL   R14,CONWRITE
         LPSW  BAD
*
* REMAP: gives page R4, whose entry is at R2, its frame of this round.
* Changes R5.
*
REMAP    LA    R5,0(R4,R12)
         CR    R5,R6
         BL    *+6
         SR    R5,R6
         SLL   R5,12
         AL    R5,=A(POOL)
         SRL   R5,8
         STH   R5,0(,R2)
         BR    R14
*
CR0      DC    0F'0',X'00800000'         4K pages, 64K segments
CR1      DC    X'01',AL3(SEGMENTS) 32 segments
PAGE     DC    F'4096'
VIRTUAL  DC    X'00100000'
SYSMASK  DS    X
PACKED   DS    D
PATTERN  DC    X'4020202020202120'  7 digits
PASSLINE DC    C'CHURNER: 12345678 TOUCHES, ALL RIGHT: PASS'
         ORG   PASSLINE+9
PASSNUM  DS    CL8
         ORG
WRONGLN  DC    C'CHURNER: A PAGE LED TO A WRONG FRAME'
LOSTLN   DC    C'CHURNER: TOUCHES ARE MISSING'
WELL     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'DEAD')
         COPY  ECCON
         LTORG
*
* The tables. Segments 0 and 16 exist; 0 leads to itself.
*
         ORG   LOWCORE+X'1000'
SEGMENTS DC    X'F0',AL3(ITSELF)
         DC    15X'00000001'
         DC    X'F0',AL3(WINDOW)
         DC    15X'00000001'
ITSELF   DC    X'0000,0010,0020,0030,0040,0050,0060,0070'
         DC    X'0080,0090,00A0,00B0,00C0,00D0,00E0,00F0'
WINDOW   DC    16X'0008'
POOL     EQU   X'10000'            the frames
         END
