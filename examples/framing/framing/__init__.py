"""Message framing of the AWS Encryption SDK, proved end to end.

Read from the bytes up: `wire` (integers), `frames` (one frame), `sequence` (all
frames of a body), `split` (cutting plaintext), `bound` (what a frame is
bound to), `seal` (the cipher), `keys` (which data key), `header`, `message`.

Names of the specification are kept; what it says is quoted beside the code that
does it, in lines that start with `# =` and `# |`.

`PROBATUM_CONTRACTS=all` makes the package check, while it runs, all that is proved of it.
"""

from probatum.spec import install

install(__name__)
