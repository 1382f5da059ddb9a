"""Reading logs of conversations: any format to turns, turns to tables, and the policy that names them."""
