"""Other people's formats of annotated pictures: one file each, with `read_...` and `write_...`."""
