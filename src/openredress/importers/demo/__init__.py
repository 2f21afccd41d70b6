"""虚构的临江市: a made-up city, its people and two years of their matters, the same for the same seed.

Nothing here is real: names, roads, firms and numbers are drawn from word lists beside the code.
"""
