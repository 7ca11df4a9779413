         MACRO
&L       LOOP  &N,&T=(A,B),&X=
         GBLA  &G
         LCLC  &C(3)
&C(2)    SETC  'AB&T(1)'(2,2).T'&N
&I       SETA  K'&X+N'&T*2-L'T
.A       AIF   ('&C(2)' EQ 'BA' AND NOT (&I GT 9)).B,(&G).A
&G       SETB  (&I LE X'1F')
         AGO   (&I).A,.B
.B       DC    C'&SYSNDX&&&SYSECT',A(&N)
         MNOTE 4,'&SYSLIST(1)'
&L&I     MVC   T(3),=CL3'X'
         MEXIT
         MEND
T        START X'100'
         USING *,12
         LOOP  5,T=(Q),X=ABC
         ENTRY T
         EXTRN Y
         DC    A(Y+4,T-T,*),P'-12,3',Z'7',E'1.5E3',DS2'-1',L'3',FS4'2.5',S(T)
A        EQU   *-T,5,C'F'
D        DSECT
         DS    3F,0D,CL(L'A)
T        CSECT
         CNOP  2,4
         CCW   1,T,X'40',80
         LTORG
         PUSH  USING
         DROP  12
         POP   USING
         ORG   T+8
         ORG
         PRINT DATA
         END   T
