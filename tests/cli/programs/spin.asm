*  Reads with I/O interruptions enabled, and computes meanwhile: the
*  interruption sets a switch that the loop looks at.
SPIN     START 0
         COPY  LOW
         ORG   SPIN+X'78'
         DC    X'00000000',A(TAKEN)
         ORG   SPIN+X'200'
         BALR  12,0
         USING *,12
         LA    1,GET
         ST    1,X'48'
         SIO   X'009'
         BC    7,BAD
         SSM   ON
SPINNING A     3,=F'1'
         CLI   SWITCH,0
         BE    SPINNING
         LPSW  DONE
BAD      LPSW  FAILED
TAKEN    CLC   X'44'(2),=X'0C00'
         BNE   WRONG
         MVI   SWITCH,1
         LPSW  X'38'
WRONG    LPSW  FAILED
         DS    0D
GET      CCW   10,LINE,X'20',8
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
ON       DC    X'80'
SWITCH   DC    X'00'
LINE     DC    CL8' '
         END
