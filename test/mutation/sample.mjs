// An estimate of a room's score: mutants chosen at random from all that there are, and how far off the estimate may be.

import { createHash } from 'node:crypto'
import { runStryker } from './break-files.mjs'
import { mutantsOf, placeOf } from './mutants.mjs'
import { rooms } from './rooms.mjs'
import { isExplained, readRows, rowOf } from './survivors.mjs'

/**
 * @param {number} count how many mutants are tried
 * @param {number} seed another seed chooses others
 */
export async function breakSample(room, files, count, seed) {
  const all = []
  for (const file of files) for (const mutant of await mutantsOf(file)) all.push({ ...mutant, file })
  const chosen = all
    .map((mutant) => ({ ...mutant, rank: rankOf(mutant, seed) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, count)
  const undetected = []
  let detected = 0
  let timedOut = 0
  for (const group of groupsOf(room, files)) {
    const own = chosen.filter(({ file }) => group.includes(file))
    if (own.length === 0) continue
    const found = await runStryker(
      room,
      own[0].file,
      own.map(({ range }) => range),
      '.sample',
    )
    for (const mutant of own) {
      const result = found.find((each) => each.fileName.endsWith(mutant.file) && placeOf(each) === mutant.place)
      if (result?.status === 'Killed' || result?.status === 'Timeout') detected++
      else if (result?.status === 'Survived' || result?.status === 'NoCoverage') undetected.push(mutant)
      if (result?.status === 'Timeout') timedOut++
    }
    console.log(`${group[0]} and on: ${detected} of ${detected + undetected.length} detected so far`)
  }
  report(room, { detected, timedOut, undetected, of: all.length })
}

/** Files whose tests are the same are run together. */
function groupsOf(room, files) {
  if (rooms[room].only) return files.map((file) => [file])
  return Array.from({ length: Math.ceil(files.length / 16) }, (_, i) => files.slice(16 * i, 16 * i + 16))
}

/** A hash in place of a random number: the same seed chooses the same mutants. */
function rankOf({ file, place }, seed) {
  return createHash('sha256').update(`${seed} ${file} ${place}`).digest('hex')
}

function report(room, { detected, timedOut, undetected, of }) {
  const rows = readRows()
  for (const { file, key } of undetected) {
    const which = isExplained(rows, file, key) ? 'explained' : 'not explained'
    console.log(`${which}: ${file}: ${rowOf(key)}`)
  }
  const tried = detected + undetected.length
  const [low, high] = intervalOf(detected, tried).map((share) => (100 * share).toFixed(1))
  const share = ((100 * detected) / tried).toFixed(1)
  console.log(`${room}: ${share} % of ${tried} mutants, a random sample of ${of}, were detected (${timedOut} by time);`)
  console.log(`with 95 % confidence the room's score is between ${low} and ${high} %`)
}

/** Wilson's score interval for a share (1927), at 95 %. */
function intervalOf(hits, tries) {
  const z = 1.96
  const share = hits / tries
  const middle = share + (z * z) / (2 * tries)
  const spread = z * Math.sqrt((share * (1 - share)) / tries + (z * z) / (4 * tries * tries))
  return [middle - spread, middle + spread].map((end) => end / (1 + (z * z) / tries))
}
