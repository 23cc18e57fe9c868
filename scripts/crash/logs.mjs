// Reads the logs of a crash run's workers, and checks what they show.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * When each handler ran, and which claims were in flight when a worker was killed or a connection was cut.
 *
 * @param {string} folder The folder with the logs.
 * @param {Map<string, bigint>} ends For each log, when its worker was gone.
 */
export function readLogs(folder, ends) {
  const runs = new Map() // id -> [{ start, end }]
  const figures = { starts: 0, ends: 0, throws: 0, problems: {}, codes: {} }
  for (const file of readdirSync(folder)) {
    const log = join(folder, file)
    for (const run of readLog(log, runs, figures)) {
      run.isInFlight = true
      run.end ??= ends.get(log)
    }
  }
  return { ...figures, ...compareRuns([...runs.values()]) }
}

/**
 * Adds the runs of one log to the others and to the figures. Returns the runs for which the log has no outcome. If the store was away and a
 * worker lost a lease, it may take its own delivery over, so an id can have several runs at once, each with a number.
 */
function readLog(log, runs, figures) {
  const open = []
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [time, what, id, code, problem] = line.split(' ')
    if (what === 'start') {
      const run = { id, number: code, start: BigInt(time), end: undefined }
      figures.starts++
      open.push(run)
      runs.set(id, [...(runs.get(id) ?? []), run])
    } else if (what === 'end' || what === 'throw') {
      figures[`${what}s`]++
      const run = open.find((each) => each.id === id && each.number === code)
      run.end = BigInt(time)
      run.isThrown = what === 'throw'
    } else if (what === 'outcome') {
      figures.codes[code] = (figures.codes[code] ?? 0) + 1
      if (problem !== '-') figures.problems[problem] = (figures.problems[problem] ?? 0) + 1
      const at = open.findIndex((each) => each.id === id && each.end !== undefined)
      if (at >= 0 && (code === 'ok' || code === 'handler_failed')) {
        if (problem !== '-') open[at].isInFlight = true
        open.splice(at, 1)
      }
    }
  }
  return open
}

/** Compares the runs of each delivery with one another. */
function compareRuns(all) {
  const figures = { inFlight: 0, handled: 0, overlaps: 0, overlapsTold: 0, reruns: 0, unexplained: 0 }
  for (const runs of all) {
    if (runs.some(({ end, isThrown }) => end !== undefined && !isThrown)) figures.handled++
    runs.sort((a, b) => (a.start < b.start ? -1 : 1))
    for (const [at, run] of runs.entries()) {
      if (run.isInFlight) figures.inFlight++
      if (at === 0) continue
      const before = runs[at - 1]
      // A handler that ignores its signal keeps running after its lease could not be renewed. Its outcome says that the claim was lost.
      if (run.start < before.end) figures[before.isInFlight ? 'overlapsTold' : 'overlaps']++
      if (before.isThrown) continue
      figures.reruns++
      if (!before.isInFlight) figures.unexplained++
    }
  }
  return figures
}
