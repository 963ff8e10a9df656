"""The cosine rounded once, which is what glibc's gives: Python's own here is another C library's, a unit of the last place off at times."""

# 2 / π has no place for so large an angle; π to 256 binary places, which leaves more than 100 below a double's last.
_BITS = 256
_PI = 0x3243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89


def cos(x):
    """cos x of `x` in radians, below a million."""
    numerator, denominator = float(x).as_integer_ratio()
    angle = abs((numerator << _BITS) // denominator)
    quarters, rest = divmod(angle + _PI // 4, _PI // 2)
    rest -= _PI // 4
    square = (rest * rest) >> _BITS
    odd = quarters % 2
    term = rest if odd else 1 << _BITS
    total, n = 0, odd
    while term:
        total += term
        term = -((term * square) >> _BITS) // ((n + 1) * (n + 2))
        n += 2
    return (total if quarters % 4 in (0, 3) else -total) / (1 << _BITS)
