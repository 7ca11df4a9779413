         ICTL  1,71,16
         PUNCH ' NAME A'
         REPRO
 ANY CARD '&
D        DXD   2D,H
         DSECT
X        DS    A(X)
         CSECT
         DC    Q(D),V(T)
         CXD
         COM
         DS    CL10
T        CSECT
         ISEQ  73,80
ADD      OPSYN AR                                                       00000010
SR       OPSYN                                                           00000020
         ADD   1,2                                                      00000015
         ISEQ
         USING T,12
         PUSH  USING,PRINT
         POP   USING,PRINT
         DROP  ,
         MVC   1,2
         ENTRY T
         END   T
