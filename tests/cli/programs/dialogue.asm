*  Asks and answers on the console, START I/O and TEST I/O only. No
*  write suppresses incorrect length, and the status must be 0C00
*  each time.
DIALOGUE START 0
         COPY  LOW
         BALR  12,0
         USING *,12
         LA    1,ASK
         BAL   14,IO
         LA    1,GET
         BAL   14,IO
         LA    1,GREET
         BAL   14,IO
         LPSW  DONE
IO       ST    1,X'48'
         SIO   X'009'
         BC    7,BAD
POLL     TIO   X'009'
         BC    2,POLL
         BC    8,BAD               the status was never shown
         CLC   X'44'(2),=X'0C00'
         BCR   8,14
BAD      LPSW  FAILED
         DS    0D
ASK      CCW   1,QUERY,0,7
GET      CCW   10,NAME,X'20',8
GREET    CCW   1,HELLO,X'40',6
         CCW   9,NAME,0,8
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
QUERY    DC    C'ENTER: '
HELLO    DC    C'HELLO '
NAME     DC    CL8' '
         END
