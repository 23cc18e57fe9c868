// Statistics for benchmarks and scripts.

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** How time grows with size: the slope of log time over log size, by least squares. 1 is linear, 2 is quadratic. */
export function growthExponent(sizes, times) {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)]
  const [meanX, meanY] = [mean(x), mean(y)]
  return mean(x.map((value, i) => (value - meanX) * (y[i] - meanY))) / mean(x.map((value) => (value - meanX) ** 2))
}
