// How the cost of each call grows with each of its inputs: `npm run growth`. Prints the slope of log time over log size below the input's
// limit (about 1 is linear, 2 would be quadratic) and above it (0, because a longer input is refused without being read). It only reports;
// it never fails.

import { growthExponent } from '../shared/statistics.mjs'
import { record } from './figures.mjs'
import { inputs } from './growth-inputs.mjs'

const found = inputs.map(([name, [least, most], make]) => {
  const sizes = []
  for (let size = least; size < most * 1.5; size *= Math.max(2, (most / least) ** 0.25)) sizes.push(Math.round(size))
  const times = sizes.map((size) => best(make(size)))
  const slope = growthExponent(sizes, times)
  const [from, to] = [times[0], times.at(-1)].map(nice)
  console.log(`${slope.toFixed(2).padStart(6)}  ${name}: ${least} to ${sizes.at(-1)}, ${from} to ${to}`)
  return { name, slope: Number(slope.toFixed(2)) }
})
const steepest = found.reduce((one, other) => (other.slope > one.slope ? other : one))
console.log(`${found.length} inputs, steepest: ${steepest.slope} (${steepest.name})`)
record('growth', 'npm run growth', {
  inputs: found.length,
  steepest: steepest.slope,
  steepestInput: steepest.name,
  slopes: Object.fromEntries(found.map(({ name, slope }) => [name, slope])),
})

/** Nanoseconds per call, in the fastest of several batches: other load on the machine can only add time. */
function best(call) {
  let times = 1
  for (;;) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < times; i++) call()
    if (process.hrtime.bigint() - start > 1_000_000n || times > 20_000) break
    times *= 2
  }
  let least = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < 15; batch++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < times; i++) call()
    least = Math.min(least, Number(process.hrtime.bigint() - start) / times)
  }
  return least
}

function nice(nanoseconds) {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`
  return nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toFixed(1)} us` : `${(nanoseconds / 1e6).toFixed(1)} ms`
}
