// The control program.
