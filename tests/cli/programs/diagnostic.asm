*  A console of System/360 as its CPU diagnostics use it, and
*  brackets of code page 1047.
DIAGNOS  START 0
         COPY  LOW
         BALR  12,0
         USING *,12
         LA    1,PUT
         BAL   14,IO
         LA    1,GET
         BAL   14,IO
         LA    1,PUT
         BAL   14,IO
         LPSW  DONE
IO       ST    1,X'48'
         SIO   X'01F'
         BC    7,BAD
POLL     TIO   X'01F'
         BC    2,POLL
         CLC   X'44'(2),=X'0C00'
         BCR   8,14
BAD      LPSW  FAILED
         DS    0D
PUT      CCW   X'89',LINE,0,5
GET      CCW   X'8A',LINE,X'20',5
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
LINE     DC    X'ADD9C4E8BD'       RDY in brackets
         END
