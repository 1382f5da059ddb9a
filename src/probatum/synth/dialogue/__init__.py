"""Conversations that never took place, with users, homes and an assistant that is really run, and the truth about each turn.

Whoever learns gets the log and never the truth. Nothing here knows what the systems of probatum do with
logs, and none of them may import it: of `probatum.dialogue`, only the turn is known here.

Start reading at `simulation`; what chance depends on is in `parameters`, what is measured of it in `bench/dialogue/simulator.py`.
"""
