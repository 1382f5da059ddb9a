// A loop with two entries.
// expect: verified 0 errors 1
procedure P()
{
  var i: int;
  i := 0;
  goto first, second;
  first: i := i + 1; goto second, end;
  second: i := i + 1; goto first, end;
  end:
  assert i == 1;  // error: 3
}
