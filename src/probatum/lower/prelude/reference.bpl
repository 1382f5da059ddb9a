// Objects that have an identity.

type Ref;
const null: Ref;
