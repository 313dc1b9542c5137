import gc

# Starting makes a million objects, of which all stay: looking through them for garbage every 700 would take a fifth of
# the time that a start takes.
gc.set_threshold(50_000, 20, 50)
