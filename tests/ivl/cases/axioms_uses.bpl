// A fact that is needed only with a constant.
// expect: verified 1 errors 0
const limit: int uses { axiom limit == 10; }
procedure P() { assert limit > 9; }
