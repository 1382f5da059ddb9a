// Only the checks before.
// options: -noVerify
// expect: verified 0 errors 0
procedure P() { assert false; }
