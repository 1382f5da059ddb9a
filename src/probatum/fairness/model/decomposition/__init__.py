"""Where a gap between two groups comes from, arithmetically: which part goes with which characteristic.

Nothing here is about causes. A decomposition says what the gap would be if groups
had equal characteristics *and* each characteristic stayed worth what it is worth
in the data. Whether it would, a table cannot say.

Start reading at `oaxaca.py`.
"""
