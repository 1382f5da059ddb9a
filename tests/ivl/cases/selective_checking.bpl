// Procedures by name.
// options: -proc:P
// expect: verified 1 errors 0
procedure P() { assert true; }
procedure Q() { assert false; }
