// `bytes.join` and `bytes.split`.

// Joined with something between, and split where it stands (which is not empty).
function Bytes_join(separator: Seq byte, parts: Seq (Seq byte)): Seq byte;
function Bytes_split(s: Seq byte, separator: Seq byte): Seq (Seq byte);

axiom (forall u: Seq byte, p: Seq (Seq byte) :: {Bytes_join(u, p)}
  (Seq_len(p) == 0 ==> Bytes_join(u, p) == Seq_empty()) && (Seq_len(p) == 1 ==> Bytes_join(u, p) == Seq_at(p, 0)));
axiom (forall u: Seq byte, p: Seq (Seq byte), s: Seq byte :: {Bytes_join(u, Seq_push(p, s))}
  Bytes_join(u, Seq_push(p, s)) == (if Seq_len(p) == 0 then s else Seq_concat(Seq_concat(Bytes_join(u, p), u), s)));
axiom (forall u: Seq byte, p: Seq (Seq byte), q: Seq (Seq byte) :: {Bytes_join(u, Seq_concat(p, q))}
  Seq_len(u) == 0 ==> Bytes_join(u, Seq_concat(p, q)) == Seq_concat(Bytes_join(u, p), Bytes_join(u, q)));
axiom (forall s: Seq byte, u: Seq byte :: {Bytes_split(s, u)}
  0 < Seq_len(u)
  ==> 1 <= Seq_len(Bytes_split(s, u)) && Seq_len(Bytes_split(s, u)) <= Seq_len(s) + 1
    && Bytes_join(u, Bytes_split(s, u)) == s
    && (Seq_len(Bytes_split(s, u)) == 1 <==> Seq_find(s, u) < 0));
