T        START 0
         USING T,12
         DC    BL.3'101,110',FL.12'-1',CL.20'AB',PL.12'-12',XL.4'A'
         DC    EL.20'1.5',AL.3(7),YL.13(5),ZL.16'-0',DL7S2'-0'
A        DS    0D,3F,CL.12
         DC    S(A),S(4(15)),A(L'F)
F        DC    FS4E2'1.25'
         END   A,(TRANSLATOR,0201,98001)
