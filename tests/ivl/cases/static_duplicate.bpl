// Two of one name.
// expect: resolution 1
function f(int): int;
function f(int): int;  // error: 9
