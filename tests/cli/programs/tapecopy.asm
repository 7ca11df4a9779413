*  Copies the blocks of the tape at 180 to the one at 181, up to a
*  mark.
COPY     START 0
         COPY  LOW
         BALR  12,0
         USING *,12
NEXT     LA    1,READ
         LA    2,X'180'
         BAL   14,IO
         TM    SEEN,X'01'
         BO    MARK
         LH    3,=H'1000'
         SH    3,X'46'
         STH   3,WRITE+6
         LA    1,WRITE
         LA    2,X'181'
         BAL   14,IO
         B     NEXT
MARK     LA    1,ENDS
         LA    2,X'181'
         BAL   14,IO
         LPSW  DONE
IO       ST    1,X'48'
         MVI   SEEN,0
         SIO   0(2)
         BC    2+1,BAD
         BC    8,POLL
         OC    SEEN,X'44'          immediate
POLL     TIO   0(2)
         BC    2,POLL
         BC    8,OVER
         OC    SEEN,X'44'
         B     POLL
OVER     TM    SEEN,X'02'
         BCR   8,14
BAD      LPSW  FAILED
         DS    0D
READ     CCW   2,BUFFER,X'20',1000
WRITE    CCW   1,BUFFER,0,0
ENDS     CCW   X'1F',0,X'20',1
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
SEEN     DC    X'00'
BUFFER   DS    1000C
         END
