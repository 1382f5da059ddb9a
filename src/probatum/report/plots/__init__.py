"""Pictures of numbers as SVG: pure functions of values, for pages that load nothing.

A picture is a tree of `Shape`s in the colour of the text around it. What must be
told apart differs by shape, dash or place, so that it is read in grey and on paper.
Each picture has a title and a description; its numbers belong in a table below it.
"""
