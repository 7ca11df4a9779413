*  Tests the idle console until somebody presses the request key,
*  then reads. Interruptions stay disabled.
ATTN     START 0
         COPY  LOW
         BALR  12,0
         USING *,12
LOOK     TIO   X'009'
         BC    11,LOOK             until the CSW is stored
         TM    X'44',X'80'         attention?
         BZ    LOOK
         LA    1,GET
         ST    1,X'48'
         SIO   X'009'
         BC    7,BAD
POLL     TIO   X'009'
         BC    2,POLL
         LA    1,PUT
         ST    1,X'48'
         SIO   X'009'
         BC    7,BAD
POLL2    TIO   X'009'
         BC    2,POLL2
         LPSW  DONE
BAD      LPSW  FAILED
         DS    0D
GET      CCW   10,LINE,X'20',8
PUT      CCW   9,LINE,0,8
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
LINE     DC    CL8' '
         END
