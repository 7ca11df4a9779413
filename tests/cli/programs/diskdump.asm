*  Reads everything of the first 19 tracks of a 3330, a track after
*  SET SECTOR 0: home address, record 0 and the count of the first
*  record.
DUMP     START 0
         COPY  LOW
         BALR  12,0
         USING *,12
NEXT     LA    1,TRACK
         ST    1,X'48'
         SIO   X'150'
         BC    7,BAD
POLL     TIO   X'150'
         BC    2,POLL
         TM    X'44',X'02'
         BO    BAD
         CLC   HOME+3(2),SEEK+4    the head that was sought
         BNE   BAD
         LH    3,SEEK+4
         LA    3,1(,3)
         STH   3,SEEK+4
         CH    3,=H'19'
         BL    NEXT
         LPSW  DONE
BAD      LPSW  FAILED
         DS    0D
TRACK    CCW   X'07',SEEK,X'40',6
         CCW   X'23',ZERO,X'40',1
         CCW   X'1A',HOME,X'40',5
         CCW   X'16',RECORD0,X'20',16
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
SEEK     DC    3H'0'
ZERO     DC    X'00'
HOME     DS    5C
RECORD0  DS    16C
         END
