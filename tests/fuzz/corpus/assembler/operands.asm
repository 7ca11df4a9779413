         MACRO
&L       M     &A,&B,&K=(1,(2,3)),&Z=
         LCLC  &X,&Y(3)
         N     &A,(&B,&K),&K,Q&A
&X       SETC  'A''B'.'&SYSDATE'(1,2).'&SYSTIME'
&Y(1)    SETC  T'&A
         AIF   (N'&SYSLIST(2) EQ 3 AND T'&A NE 'U').OUT
         AIF   (S'&A GT I'&B).OUT
* COMMENT &X                                                           -
               CONTINUED
.* HIDDEN                                                              X
               HIDDEN TOO
         MHELP 1
.OUT     MEND
         MACRO
         N
         DC    C'&SYSLIST(2,1)&SYSLIST(2,2,1)&SYSLIST(0)'
         MEND
LAB      M     P,(P,(2,3),,'A,B'),K=(L'P,,4),                  REMARK  X
               Z==F'1,2'
P        DC    P'1.23'
         M     P,P
         ACTR  5
.A       AGO   .A
         END
