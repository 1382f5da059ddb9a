"""A photo booth that never was: goods, what happens to them, and pictures of them from two cameras, with the truth about every pixel.

Goods are height fields: a height, a colour and a gloss for each point of the tray, from which pictures and depth are computed as cameras
see them. Damage changes the height field, so it shows in depth where it would; print changes the colour only, so a smashed screen
that is printed on a box shows in no depth, and shows on the references too. Whoever inspects gets pictures and the
manifest, and never the truth. Nothing here knows what `probatum.inspection` does, and it knows nothing of this.

Start reading at `rendering`; what chance depends on is in `parameters`, a stream of items in `stream`.
"""
