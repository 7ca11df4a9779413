*  Sets, reads and resets the key of a 4K block.
KEYS     START 0
         COPY  LOW
         BALR  12,0
         USING *,12
         LA    1,X'56'
         L     2,=A(X'3000')
         SSKE  1,2
         ISKE  3,2
         STC   3,GOT
         CLI   GOT,X'56'
         BNE   BAD
         RRBE  0,2
         BC    14,BAD              it was referenced and changed
         LPSW  DONE
BAD      LPSW  FAILED
         DS    0D
DONE     DC    X'00020000',A(0)
FAILED   DC    X'00020000',A(X'BAD')
GOT      DC    X'00'
         END
