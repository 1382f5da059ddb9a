// A name that nothing declares.
// expect: resolution 2
procedure P()
{
  assert y > 0;  // error: 9
  call Nobody();  // error: 2
}
