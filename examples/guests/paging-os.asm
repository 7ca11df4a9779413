**********************************************************************
* PAGING-OS: a small operating system of the virtual-storage kind. It
* has address spaces of its own and its own demand paging.
*
* Every address space has its own segment table. Its program lies at
* X'010000' and its data at X'030000'; segments 0 and 2 do not exist.
* All spaces use the same addresses, and all run the same program, but
* in each it finds other data. There are fewer page frames than pages:
* who touches a page that has none gets a page-translation exception,
* and the kernel takes a frame for it, in the order in which they were
* given out (FIFO). It invalidates the page that was in the frame and
* saves it, if it was changed, in an area of storage that stands for a
* paging device. There the programs lie when they begin.
*
* The kernel runs in EC mode with translation off, in supervisor state
* with key 0, disabled. The programs run translated, in problem state.
*
*   SVC 0  end           SVC 1  type a line: R1: address, R0: length
*   SVC 2  let another space run
*
* The interval timer ends a slice; then the next space runs. What they
* have to say is typed at the end, space by space, so that the output
* depends neither on how fast the machine is nor on the slices.
*
* Each program fills its data with pseudo-random numbers, one in every
* 256 bytes. In each round it adds to each number the next one. Then it
* makes a checksum, undoes all rounds in reverse, and sees whether the
* first numbers are back. Right are for space A (seed 1, step 1) and B
* (seed 2, step 3), by another program:
*
*   python3 -c "
*   for seed, step in (1, 1), (2, 3):
*     x = seed; d = []; s = 0
*     for i in range(256):
*       x = (x * 1103515245 + 12345) % 2**32; d.append(x)
*     for r in range(4):
*       for i in range(256):
*         j = i * step % 256; d[j] += d[(j + 1) % 256]
*     for i in range(256): s = (s * 31 + d[i]) % 2**32
*     print(hex(s))"
*
* which prints 0x9eb1a50c and 0xeed1bbf2.
*
* Parameters, words:
*   3F0  rounds (4)
*   3F4  length of a slice in 1/76800 second (768: 10 ms). 0: no timer,
*        only SVC 2, once a round, gives the CPU away. Then nothing
*        depends on time, and the numbers of page faults and of pages
*        saved are typed as well.
*   3F8  0: pages are invalidated by IPTE; 1: in storage, then PTLB
*   3FC  address spaces (2), 1 to 16
*   3E0  page frames (8), 2 to 64
*   3E4  pages of data in a space (16): 1, 2, 4, 8 or 16
*
* Watch for: all these exceptions are the guest's own business. As a
* guest they reach the control program first. With shadow tables it
* walks the guest's page tables, finds that the guest has no page there
* either, and reflects the exception; and each page that the guest has
* given a frame takes another exception, to fill the shadow. Under
* nested translation the hardware walks the guest's tables itself, and
* there are no shadows to fill. IPTE, LCTL and the rest are privileged
* and simulated in either case.
*
* Ends in a disabled wait: address 000000: all data were right; 00DEAD:
* some were not; DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, the facilities translation and extended (IPTE);
* storage: 16K, and 4K for each frame, and 4K for each page of each
* space, that of the program included: 192K as it stands.
**********************************************************************
PAGINGOS START 0
         COPY  EQUATES
         COPY  ECLOW
*
* An address space: task control block.
*
TCB      DSECT
TCBREGS  DS    16F                 registers while it does not run
TCBPSW   DS    D                   PSW likewise
TCBNEXT  DS    A                   next one, in a ring
TCBSTD   DS    A                   segment-table designation, for CR1
TCBPT    DS    A                   page table of program; then of data
TCBSTORE DS    A                   its pages in the paging store
TCBNAME  DS    C
TCBSTATE DS    X
READY    EQU   0
ENDED    EQU   1
TCBCODE  DS    H                   ended by: program interruption code
TCBLEN   DS    F                   its line: length (0: none yet),
TCBLINE  DS    CL48                text
TCBSIZE  EQU   *-TCB
*
* A page frame.
*
FRAME    DSECT
FROWNER  DS    A                   whose page lies in it; 0: it is free
FRADDR   DS    A                   real address
FRPT     DS    A                   page table that leads to it
FRPTE    DS    A                   and the entry
FRPAGE   DS    A                   virtual address of the page
FRSLOT   DS    A                   its place in the paging store
FRSIZE   EQU   *-FRAME
*
SEGTABS  EQU   X'3000'             16 segment tables of 64 bytes
PAGETABS EQU   X'3400'             16 times two page tables of 32 bytes
FRAMES   EQU   X'3800'             up to 64 frames' entries
POOL     EQU   X'4000'             the frames, then the paging store
PAGINGOS CSECT
         ORG   LOWCORE+EXTNEW
         DC    X'00080000',A(EXTINT)
         DC    X'00080000',A(SVCINT)
         DC    X'00080000',A(PGMINT)
         ORG   LOWCORE+PARM5
NFRAMES  DC    F'8'
NDATA    DC    F'16'
         ORG   LOWCORE+PARM1
NROUNDS  DC    F'4'
SLICE    DC    F'768'
PURGEHOW DC    F'0'
NSPACES  DC    F'2'
*
* ----- The start ----------------------------------------------------
*
BEGIN    MVC   TIMER(4),=X'7FFFFF00'
         LA    R2,HAIL
         LA    R3,L'HAIL
         BAL   R14,CONWRITE
         LCTL  0,0,CR0             4K pages, 64K segments; timer
*
* The frames.
*
         L     R2,=A(FRAMES)
         USING FRAME,R2
         ST    R2,NEXTFR
         L     R3,NFRAMES
         L     R4,=A(POOL)
MAKEFR   ST    R4,FRADDR
         A     R4,PAGE
         LA    R2,FRSIZE(,R2)
         BCT   R3,MAKEFR
         ST    R2,LASTFR           behind the last one
         DROP  R2
*
* The spaces. R4: where in the paging store; R5, R6: segment table and
* page tables.
*
         L     R13,=A(TCBS)
         USING TCB,R13
         L     R5,=A(SEGTABS)
         L     R6,=A(PAGETABS)
         SR    R7,R7               number of the space, from 0
MAKESP   ST    R5,TCBSTD           (length 0: 16 segments)
         ST    R6,TCBPT
         ST    R4,TCBSTORE
         LA    R1,LETTERS(R7)
         MVC   TCBNAME,0(R1)
         MVC   TCBPSW,STARTPSW
         LA    R1,1(,R7)           its registers: R7: name, R8: seed,
         ST    R1,TCBREGS+8*4      R9: step, R10: rounds, R11: data,
         SR    R1,R1               R12: program, R5: mask that keeps an
         IC    R1,TCBNAME          offset in the data, R6: how many
         ST    R1,TCBREGS+7*4      numbers there are
         LA    R1,1
         LA    R2,1
         NR    R2,R7
         BZ    *+8
         LA    R1,3                step: 1, or 3 if its number is odd
         SLL   R1,8                (in bytes)
         ST    R1,TCBREGS+9*4
         MVC   TCBREGS+10*4(12),RUNREGS
         MVC   TCBREGS+10*4(4),NROUNDS
         L     R1,NDATA
         SLL   R1,4
         ST    R1,TCBREGS+6*4
         SLL   R1,8
         BCTR  R1,0
         ST    R1,TCBREGS+5*4
*
* Segment 1: the program, one page. Segment 3: the data. All other
* segments, and at first all pages, are invalid.
*
         MVC   0(4,R5),INVSEG
         MVC   4(60,R5),0(R5)
         ST    R6,4(,R5)           length 0: 1/16 of 16 pages
         LA    R1,32(,R6)
         L     R2,NDATA
         BCTR  R2,0
         SLL   R2,28
         OR    R1,R2               length: pages less one
         ST    R1,12(,R5)
         MVC   0(2,R6),INVPAGE
         MVC   2(62,R6),0(R6)
*
* Its program goes to the paging store.
*
         LR    R8,R4
         L     R9,PAGE
         L     R10,=A(PROGRAM)
         LR    R11,R9
         MVCL  R8,R10
         LR    R4,R8               (the data come behind it: zeroes)
         L     R1,NDATA
         SLL   R1,12
         AR    R4,R1
         LA    R5,64(,R5)
         LA    R6,64(,R6)
         LA    R1,TCBSIZE(,R13)
         ST    R1,TCBNEXT
         LR    R2,R13
         LR    R13,R1
         LA    R7,1(,R7)
         C     R7,NSPACES
         BL    MAKESP
         DROP  R13
         USING TCB,R2
         L     R1,=A(TCBS)
         ST    R1,TCBNEXT          the ring is closed
         DROP  R2
         USING TCB,R13
         ST    R2,LASTRAN
*
* ----- The dispatcher: which space runs next? -----------------------
*
DISPATCH L     R13,LASTRAN         begin behind the one that ran last
         L     R2,NSPACES
SEARCH   L     R13,TCBNEXT
         CLI   TCBSTATE,READY
         BE    CHOSEN
         BCT   R2,SEARCH
         B     FINISH              all have ended
CHOSEN   ST    R13,LASTRAN
         LCTL  1,1,TCBSTD          its address space
         MVC   TIMER(4),SLICE
         CLC   SLICE,=F'0'
         BNE   RESUME
         MVC   TIMER(4),=X'7FFFFF00'
RESUME   MVC   RUNPSW,TCBPSW
         LM    R0,R15,TCBREGS      (R13, too)
         LPSW  RUNPSW
*
* ----- Interval timer: the slice is over ----------------------------
*
EXTINT   STM   R0,R15,SAVE
         L     R13,LASTRAN
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,EXTOLD
         B     DISPATCH
*
* ----- Program interruption: a page, or an error --------------------
*
PGMINT   TM    PGMOLD+1,X'01'      problem state?
         BZ    KERNBAD             no: the kernel itself
         STM   R0,R15,SAVE
         L     R13,LASTRAN
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,PGMOLD       (of a page exception: the address of
         LH    R1,PGMCODE          the instruction itself, which is to
         CH    R1,=H'17'           be executed again)
         BNE   PGMBAD
         L     R2,TEA
         BAL   R14,PAGEIN
         B     PGMBAD              there is no such page
         B     RESUME              its slice goes on
PGMBAD   LH    R1,PGMCODE
         STH   R1,TCBCODE
TASKEND  MVI   TCBSTATE,ENDED
         B     DISPATCH
KERNBAD  LPSW  KERNPSW
*
* ----- Supervisor call ----------------------------------------------
*
SVCINT   STM   R0,R15,SAVE
         L     R13,LASTRAN
         MVC   TCBREGS(64),SAVE
         MVC   TCBPSW,SVCOLD
         LH    R2,SVCCODE          its number
         LTR   R2,R2
         BZ    TASKEND
         BCT   R2,*+8
         B     SVCTYPE             1
         BCT   R2,SVCBAD
         B     DISPATCH            2
SVCBAD   LA    R1,256
         STH   R1,TCBCODE
         B     TASKEND
*
* SVC 1. The text must lie in one page; it may have to be brought in.
* LRA translates by the space of the caller: control register 1 is
* still its own.
*
SVCTYPE  LTR   R0,R0
         BNP   SVCBAD
         CH    R0,=H'48'
         BH    SVCBAD
         LR    R2,R1
         N     R2,=F'4095'
         AR    R2,R0
         C     R2,PAGE
         BH    SVCBAD
         LR    R2,R1
TYPELRA  LRA   R4,0(,R1)
         BC    8,TYPECOPY          0: there
         BC    5,SVCBAD            1, 3: no segment, or table too short
         LR    R2,R1
         STM   R0,R1,TYPESAVE
         BAL   R14,PAGEIN          2: page invalid
         B     SVCBAD
         LM    R0,R1,TYPESAVE
         B     TYPELRA
TYPECOPY ST    R0,TCBLEN
         LR    R1,R0
         BCTR  R1,0
         EX    R1,TYPEMVC
         B     RESUME
TYPEMVC  MVC   TCBLINE(0),0(R4)
TYPESAVE DS    2F
*
* ----- PAGEIN: brings in a page of the space at R13 -----------------
*
* R2: virtual address. Returns to 4(R14), or to 0(R14) if the space has
* no such page. Changes all registers but R12 to R14.
*
PAGEIN   N     R2,=X'00FFF000'     R2: the page's address
         LR    R3,R2
         SRL   R3,16               R3: segment
         LR    R4,R2
         SRL   R4,12
         N     R4,=F'15'           R4: page
         L     R5,TCBPT            R5: page table
         L     R6,TCBSTORE         R6: place in the paging store
         CH    R3,=H'1'
         BE    PAGEPROG
         CH    R3,=H'3'
         BNER  R14
         C     R4,NDATA
         BNLR  R14
         LA    R5,32(,R5)
         A     R6,PAGE
         LR    R1,R4
         SLL   R1,12
         AR    R6,R1
         B     PAGEFIND
PAGEPROG LTR   R4,R4
         BNZR  R14
PAGEFIND AR    R4,R4
         AR    R4,R5               R4: page-table entry
         L     R7,FAULTS
         LA    R7,1(,R7)
         ST    R7,FAULTS
*
* The frame that was given out longest ago.
*
         L     R7,NEXTFR
         USING FRAME,R7
         LA    R1,FRSIZE(,R7)
         C     R1,LASTFR
         BL    *+8
         L     R1,=A(FRAMES)
         ST    R1,NEXTFR
         CLC   FROWNER,=F'0'
         BE    PAGEREAD            free
*
* Take the page away that lies in it. IPTE turns the entry's invalid
* bit on and clears what the TLB made of it.
*
         CLC   PURGEHOW,=F'0'
         BNE   PAGEPTLB
         L     R1,FRPT
         L     R3,FRPAGE
         IPTE  R1,R3
         B     PAGEGONE
PAGEPTLB L     R1,FRPTE
         OI    1(R1),X'08'
         PTLB
PAGEGONE L     R8,FRADDR           has either half been changed?
         SR    R1,R1
         ISK   R1,R8
         LA    R8,2048(,R8)
         SR    R3,R3
         ISK   R3,R8
         OR    R1,R3
         N     R1,=X'00000002'     change bit
         BZ    PAGEREAD
         L     R8,FRSLOT           yes: save it
         L     R9,PAGE
         L     R10,FRADDR
         LR    R11,R9
         MVCL  R8,R10
         L     R1,SAVED
         LA    R1,1(,R1)
         ST    R1,SAVED
*
* Read the new page, and set its keys: that of all programs, fetch
* protection, not referenced, not changed.
*
PAGEREAD ST    R13,FROWNER
         ST    R5,FRPT
         ST    R4,FRPTE
         ST    R2,FRPAGE
         ST    R6,FRSLOT
         L     R8,FRADDR
         L     R9,PAGE
         LR    R10,R6
         LR    R11,R9
         MVCL  R8,R10
         L     R8,FRADDR
         LA    R1,X'18'
         SSK   R1,R8
         LA    R9,2048(,R8)
         SSK   R1,R9
         SRL   R8,8                the frame's number, 12 bits, and the
         STH   R8,0(,R4)           entry is valid
         B     4(,R14)
         DROP  R7
*
* ----- The end ------------------------------------------------------
*
FINISH   L     R13,=A(TCBS)
         L     R4,NSPACES
         SR    R5,R5               errors
FINTYPE  LA    R2,TCBLINE
         L     R3,TCBLEN
         LTR   R3,R3
         BZ    FINBAD
         BAL   R14,CONWRITE
         LH    R1,TCBCODE
         LTR   R1,R1
         BZ    FINNEXT
FINBAD   UNPK  BADHEX(5),TCBCODE(3)
         TR    BADHEX(4),DIGITS-240
         MVI   BADHEX+4,C' '
         MVC   BADNAME,TCBNAME
         LA    R2,BADLINE
         LA    R3,L'BADLINE
         BAL   R14,CONWRITE
         LA    R5,1
FINNEXT  L     R13,TCBNEXT
         BCT   R4,FINTYPE
         DROP  R13
         CLC   SLICE,=F'0'
         BNE   FINEND
         L     R1,FAULTS
         CVD   R1,PACKED
         MVC   COUNT1,PATTERN
         ED    COUNT1,PACKED+4
         L     R1,SAVED
         CVD   R1,PACKED
         MVC   COUNT2,PATTERN
         ED    COUNT2,PACKED+4
         LA    R2,COUNTS
         LA    R3,COUNTEND-COUNTS
         BAL   R14,CONWRITE
FINEND   LTR   R5,R5
         BNZ   FAILED
         LPSW  WELL
FAILED   LPSW  BAD
*
* ----- What the kernel works with -----------------------------------
*
RUNPSW   DS    D
STARTPSW DC    0D'0',X'05190000',A(X'010000')  translation, external
*                                  interruptions, key 1, problem state
WELL     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'DEAD')
KERNPSW  DC    0D'0',X'000A0000',A(X'DEAD68')
PACKED   DS    D
SAVE     DS    16F
CR0      DC    0F'0',X'00800080'         4K, 64K; interval timer
PAGE     DC    F'4096'
LETTERS  DC    C'ABCDEFGHIJKLMNOP'  names of the spaces
RUNREGS  DC    F'0',A(X'030000',X'010000')
INVSEG   DC    X'00000001'
INVPAGE  DC    X'0008'
LASTRAN  DS    A                   the space that runs, or ran last
NEXTFR   DS    A                   frame that is taken next
LASTFR   DS    A                   end of their entries
FAULTS   DC    F'0'
SAVED    DC    F'0'
HAIL     DC    C'PAGING-OS: STARTING'
BADLINE  DC    C'PAGING-OS: SPACE . ENDED BY CODE ....'
         ORG   BADLINE+17
BADNAME  DS    C
         ORG   BADLINE+33
BADHEX   DS    CL4
         ORG
         DS    C                   (UNPK writes one byte more)
DIGITS   DC    C'0123456789ABCDEF'
PATTERN  DC    X'4020202020202120'  7 digits
COUNTS   DC    C'PAGING-OS:'
COUNT1   DS    CL8
         DC    C' PAGE FAULTS,'
COUNT2   DS    CL8
         DC    C' PAGES SAVED'
COUNTEND EQU   *
         COPY  ECCON
         LTORG
         ORG   LOWCORE+X'1000'
TCBS     DS    (16*TCBSIZE)X
*
* ===== The program of every space ===================================
*
* At X'010000', with the registers that the kernel has set.
*
         ORG   LOWCORE+X'2000'
         USING PROGRAM,R12
PROGRAM  STC   R7,NAME
         ST    R5,MASK
         LR    R3,R8
         SR    R5,R5
         LR    R0,R6
FILL     M     R2,MULT
         A     R3,INCR
         ST    R3,0(R5,R11)
         LA    R5,256(,R5)
         BCT   R0,FILL
*
* Forward. In R5 the offset of the number, in R7 of the next one.
*
         LR    R2,R10
         SR    R5,R5
FORWARD  LR    R0,R6
FORWADD  LA    R7,256(,R5)
         N     R7,MASK
         L     R4,0(R5,R11)
         AL    R4,0(R7,R11)
         ST    R4,0(R5,R11)
         AR    R5,R9
         N     R5,MASK
         BCT   R0,FORWADD
         SVC   2                   enough for now: let others run
         BCT   R2,FORWARD
*
         LR    R15,R5              (0 but where the step does not fit)
         SR    R3,R3               checksum
         SR    R5,R5
         LR    R0,R6
SUM      M     R2,=F'31'
         AL    R3,0(R5,R11)
         LA    R5,256(,R5)
         BCT   R0,SUM
         ST    R3,CHECK
         UNPK  HEX(9),CHECK(5)
         TR    HEX(8),HEXDIG-240
         MVI   HEX+8,C','
*
* Back again, in reverse.
*
         LR    R2,R10
         LR    R5,R15
BACK     LR    R0,R6
BACKSUB  SR    R5,R9
         N     R5,MASK
         LA    R7,256(,R5)
         N     R7,MASK
         L     R4,0(R5,R11)
         SL    R4,0(R7,R11)
         ST    R4,0(R5,R11)
         BCT   R0,BACKSUB
         SVC   2
         BCT   R2,BACK
*
         LR    R3,R8
         SR    R5,R5
         LR    R0,R6
VERIFY   M     R2,MULT
         A     R3,INCR
         C     R3,0(R5,R11)
         BNE   WRONG
         LA    R5,256(,R5)
         BCT   R0,VERIFY
         LA    R1,LINE
         LA    R0,L'LINE
         SVC   1
         SVC   0
WRONG    LA    R1,LINEBAD
         LA    R0,L'LINEBAD
         SVC   1
         DC    X'0000'             operation exception: a program check
         ORG   PROGRAM+X'200'      so that R12 reaches HEXDIG-240
MULT     DC    F'1103515245'
INCR     DC    F'12345'
MASK     DS    F
CHECK    DS    F,X
LINE     DC    C'SPACE . CHECKSUM ........, ALL DATA RIGHT'
         ORG   LINE+6
NAME     DS    C
         ORG   LINE+17
HEX      DS    CL9
         ORG
LINEBAD  DC    C'THESE DATA ARE NOT WHAT THEY WERE'
HEXDIG   DC    C'0123456789ABCDEF'
         LTORG
         END
