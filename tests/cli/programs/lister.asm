*  Types the cards in the reader. Interruptions only: the program
*  waits for one after each start, and expects the operation to be
*  over then.
LISTER   START 0
         COPY  LOW
         ORG   LISTER+X'78'
         DC    X'00000000',A(TAKEN)
         ORG   LISTER+X'200'
         BALR  12,0
         USING *,12
NEXT     LA    1,READ
         LA    2,X'00C'
         BAL   14,IO
         LA    1,TYPE
         LA    2,X'009'
         BAL   14,IO
         B     NEXT
IO       ST    1,X'48'
         SIO   0(2)
         BC    7,BAD
         LPSW  WAIT
TAKEN    TM    X'44',X'01'         end of file?
         BO    LAST
         CLC   X'44'(2),=X'0C00'
         BNE   BAD
         BR    14
LAST     LPSW  DONE
BAD      LPSW  FAILED
         DS    0D
READ     CCW   2,CARD,0,80
TYPE     CCW   9,CARD,0,20
WAIT     DC    X'80020000',A(0)
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
CARD     DC    CL80' '
         END
