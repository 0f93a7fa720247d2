"""Second, naive implementations of the rules with numbers and days, written from their text alone.

They know nothing of the server's code: slow, day by day, in exact fractions. Tests hold the real rules
against them. Each docstring quotes the sentence that the function stands for.
"""
