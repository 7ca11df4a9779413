*  Prints 70 lines, START I/O and TEST I/O only. At the end of the
*  form (unit exception) it goes on at the top of the next one;
*  channel 9 (unit check) only matters to programs that stop there.
LINES    START 0
         COPY  LOW
         BALR  12,0
         USING *,12
         LA    4,70
NEXT     CVD   4,WORK
         UNPK  TEXT+5(2),WORK
         OI    TEXT+6,X'F0'
         LA    1,PRINT
         BAL   14,IO
         TM    SEEN,X'01'
         BZ    SAME
         LA    1,SKIP
         BAL   14,IO
SAME     BCT   4,NEXT
         LPSW  DONE
IO       ST    1,X'48'
         MVI   SEEN,0
         SIO   X'00E'
         BC    8,POLL
         BC    3,BAD
         OC    SEEN,X'44'
         TM    X'44',X'04'
         BOR   14
POLL     TIO   X'00E'
         BC    2,POLL
         BC    8,OVER
         OC    SEEN,X'44'
         TM    SEEN,X'04'          device end?
         BZ    POLL
OVER     BR    14
BAD      LPSW  FAILED
         DS    0D
PRINT    CCW   9,TEXT,X'20',7
SKIP     CCW   X'8B',0,X'20',1
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
WORK     DS    D
SEEN     DC    X'00'
TEXT     DC    C'LINE 00'
         END
