// The limits that hold under every policy.

/** The longest text that is read, in UTF-16 code units. Longer text is refused without reading it. */
export const MAX_LENGTH = 128

/** The most decimals that a policy may have. The other two characters are a digit and the point. */
export const MAX_SCALE: number = MAX_LENGTH - 2
