T        START 0
&I       SETA  0
.A       ANOP
&I       SETA  &I+1
         NONE  &I
         AIF   (&I LT 4000).A
         END
