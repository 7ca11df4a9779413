*  Counts three expirations of the interval timer in the wait state.
TIMER    START 0
         COPY  LOW
         ORG   TIMER+X'58'
         DC    X'00000000',A(TICK)
         ORG   TIMER+X'200'
         BALR  12,0
         USING *,12
         LA    4,3
         LCTL  0,0,MASK
AGAIN    MVC   X'50'(4),=A(X'3000')
         LPSW  WAIT
TICK     BCT   4,NEXT
         LPSW  DONE
NEXT     MVC   X'50'(4),=A(X'3000')
         LPSW  WAIT
         DS    0D
WAIT     DC    X'01020000',A(0)
DONE     DC    X'00020000',A(0)
MASK     DC    X'000000E0'
         END
