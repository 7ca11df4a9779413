**********************************************************************
* KEEPER: has a disk by START I/O, before and after somebody else.
*
* Parameters, words:
*   3F0  1 writes blocks, 2 looks whether they were copied
*   3F4  how many blocks of 512 bytes, 32 at most, should be copied
*   3FC  with what the data begin
* Word w of block n is the fourth parameter + 4096 n + w. The copy of
* block n is block 32 + n; all of those are zeros before.
* Ends in a disabled wait: 000000: well; 00BAD1: the disk does not
* work; 00BAD2: the console says which block is not a copy.
* Needs: a 3370 at 191.
**********************************************************************
KEEPER   START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+IONEW
         DC    X'00080000',A(ENDED)
         ORG   LOWCORE+PARM1
ROLE     DC    F'1'
HOWMANY  DC    F'32'
         ORG   LOWCORE+PARM4
SEED     DC    X'01000000'
         ORG   LOWCORE+X'400'
BEGIN    CLI   ROLE+3,2
         BE    LOOK
         SLR   R2,R2          block
         L     R3,=A(DATA)
FILL     LR    R4,R2
         SLL   R4,12
         A     R4,SEED
         LA    R5,128
FILLWORD ST    R4,0(,R3)
         LA    R4,1(,R4)
         LA    R3,4(,R3)
         BCT   R5,FILLWORD
         LA    R2,1(,R2)
         C     R2,=F'32'
         BL    FILL
         BAL   R14,GO
         LPSW  WELL
*
LOOK     MVI   LOCATE,X'06'   read
         MVI   CCWS+16,X'42'
         BAL   R14,GO
         SLR   R2,R2
         L     R3,=A(DATA+16384)
LOOKAT   LR    R4,R2
         SLL   R4,12
         A     R4,SEED
         LA    R5,128
LOOKWORD C     R4,0(,R3)
         BNE   OTHER
         LA    R4,1(,R4)
         LA    R3,4(,R3)
         BCT   R5,LOOKWORD
         LA    R2,1(,R2)
         C     R2,HOWMANY
         BL    LOOKAT
         LA    R2,ALLTEXT
         LA    R3,L'ALLTEXT
         BAL   R14,CONWRITE
         LPSW  WELL
OTHER    LA    R2,32(,R2)
         CVD   R2,PACKED
         UNPK  NUMBER,PACKED
         OI    NUMBER+3,X'F0'
         LA    R2,NOTTEXT
         LA    R3,L'NOTTEXT
         BAL   R14,CONWRITE
         LPSW  BADCOPY
*
GO       LA    R1,CCWS
         ST    R1,CAW
         SIO   X'191'
         BNZ   FAILED
         LPSW  IOWAIT
ENDED    CLI   CSW+4,CHANEND+DEVEND
         BER   R14
FAILED   LPSW  BADDISK
*
         COPY  ECCON
WELL     DC    0D'0',X'000A0000',A(0)
BADDISK  DC    0D'0',X'000A0000',A(X'00BAD1')
BADCOPY  DC    0D'0',X'000A0000',A(X'00BAD2')
IOWAIT   DC    0D'0',X'020A0000',A(0)
PACKED   DC    D'0'
CCWS     DC    0D'0',X'63',AL3(EXTENT),X'4000',H'16'
         DC    X'43',AL3(LOCATE),X'4000',H'8'
         DC    X'41',AL3(DATA),X'0000',H'32768'
EXTENT   DC    X'C0000000',F'0',F'0',F'63'
LOCATE   DC    X'01000040',F'0'
ALLTEXT  DC    C'EVERY BLOCK WAS COPIED'
NOTTEXT  DC    C'BLOCK 0000 IS NOT THE COPY THAT IT SHOULD BE'
NUMBER   EQU   NOTTEXT+6,4
         LTORG
         ORG   LOWCORE+X'1000'
DATA     DS    32768X
         END   BEGIN
