"""From facts to scorecards, forward only.

`loading` sums facts over windows for many stores at once, `storeday` is one store on one day with everything that
follows from its sums, `evaluating` makes metric results of it, `batches` does so for all stores of a night.
"""
