// Constructors, fields and tests.
// expect: verified 2 errors 1
datatype Shape { Circle(radius: int), Square(side: int), Point() }
procedure P(s: Shape)
{
  assert Circle(3)->radius == 3;
  assert Square(2) != Point();
  assert s is Circle || s is Square || s is Point;
}
procedure Q(s: Shape)
{
  var t: Shape;
  t := Circle(4);
  t->radius := 5;
  assert t == Circle(5);
  assert t->(radius := 6) == Circle(6);
}
procedure R(s: Shape)
{
  assert s is Circle;  // error: 3
}
