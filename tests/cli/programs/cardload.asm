*  The loader that two cards bring in, for decks whose other cards
*  have an address in columns 1 to 4, a length in 5 and 6, and bytes
*  from column 9. It begins at the moment at which initial program
*  loading has ended, and starts the reader at once.
LOADER   START X'100'
         BALR  12,0
         USING *,12
NEXT     LA    1,READ
         ST    1,X'48'
         SIO   X'00C'
         BC    7,BAD
POLL     TIO   X'00C'
         BC    2,POLL              until channel end
         TM    X'44',X'01'
         BO    START
         L     2,CARD
         LH    3,CARD+4
         BCTR  3,0
         EX    3,MOVE
BUSY     TIO   X'00C'
         BC    7,BUSY              until device end
         B     NEXT
MOVE     MVC   0(0,2),CARD+8
START    LPSW  0
BAD      LPSW  FAILED
         DS    0D
READ     CCW   2,CARD,X'20',80
FAILED   DC    X'00020000',A(X'BAD')
CARD     EQU   X'300'
         END
