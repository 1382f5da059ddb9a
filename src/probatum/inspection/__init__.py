"""Goods in pictures: which product it is, what is wrong with it, and whether it goes on, at a false-alarm rate that holds.

A manifest (`artefacts`) names the pictures of each unit, RGB and depth, and what is known of it. `semantics` looks at one unit: is the
picture good enough, where is the item, which product is it, what differs from pristine references, what does a trained score say; what
checks a finding again computes the same. `fit` trains the score and chooses the threshold, from pristine units that were seen by
nothing before; it refuses where they are too few for what is asked. `model` looks at many units: leaks, shortcuts, a gallery that ages.
`recheck` computes scores and certificates again from the digests that a finding names.

What cannot be decided goes to a person, and counts against the budget of what may be put aside.
"""
