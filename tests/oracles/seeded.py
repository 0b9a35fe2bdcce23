"""Random numbers of the oracle scripts: the same on every machine and for every release of Python."""


def generator(state):
    """A fixed linear congruence."""

    def draw(limit):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % limit

    return draw
