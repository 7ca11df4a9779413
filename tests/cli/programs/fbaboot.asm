*  Block 0 of a fixed-block disk, and the program in block 1. Initial
*  program loading reads 24 bytes; the chain reads block 0 again as a
*  whole, goes on with locate, for which no extent was defined, and
*  read.
BOOT     START 0
         DC    X'00000000',A(X'600')
         CCW   2,X'400',X'60',512
         CCW   8,X'400'+X'20',0,1
         ORG   BOOT+X'20'
         CCW   X'43',X'400'+X'40',X'40',8
         CCW   X'42',X'600',X'20',512
         ORG   BOOT+X'40'
         DC    X'06000001',A(1)    locate: read block 1
         ORG   BOOT+X'200'
         BALR  12,0
         BC    15,X'600'+X'10'
         ORG   BOOT+X'210'
         LPSW  X'600'+X'20'
         ORG   BOOT+X'220'
         DC    X'00020000',A(X'FBA')
         ORG   BOOT+X'400'
         END
