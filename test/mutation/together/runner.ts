// Runs each test once on the code as it is, and then once more for each mutant that it met and that no test has noticed yet. A process
// tries thousands of mutants this way, where Stryker starts anew for each.

import { appendFileSync, readFileSync } from 'node:fs'
import type { RunnerTask, RunnerTestCase as Test, RunnerTestFile as TestFile } from 'vitest'
import { VitestTestRunner } from 'vitest/runners'

interface Stryker {
  activeMutant: string | undefined
  currentTestId: string | undefined
  hitCount: number | undefined
  hitLimit: number | undefined
  mutantCoverage: { static: Record<string, number>; perTest: Record<string, Record<string, number>> }
}

/** `first` and `again`: unbroken. A test that fails when it is run twice says nothing of mutants. `check`: unbroken, after a mutant. */
type Attempt = 'first' | 'again' | 'check' | { readonly mutant: string }

const GO_ON = { message: 'not over yet' }
const log = process.env.MUTATE_LOG!
const shared = globalThis as unknown as { __stryker__: Stryker }
shared.__stryker__ = {
  activeMutant: undefined,
  currentTestId: undefined,
  hitCount: undefined,
  hitLimit: undefined,
  mutantCoverage: { static: {}, perTest: {} },
}
const stryker = shared.__stryker__

/** What so many tests have not noticed is left to Stryker, which loads the modules anew. */
const MOST_TRIES = 50

let hasTried = false
const detected = new Set<string>()
const tries = new Map<string, number>()
const tried = new Set<string>()
const finished = new Set<string>()
for (const line of readFileSync(log, 'utf8').split('\n')) {
  const [kind, first, second] = line.split('\t')
  if (kind === 'killed' || kind === 'timeout') detected.add(first!)
  else if (kind === 'try') noteTry(first!, second!)
  else if (kind === 'finished' || kind === 'useless') finished.add(first!)
}

const write = (...parts: string[]): void => appendFileSync(log, `${parts.join('\t')}\n`)

export default class MutantRunner extends VitestTestRunner {
  #attempt: Attempt = 'first'
  #left: string[] = []

  /** One test at a time: only one mutant can be active. */
  onCollected(files: TestFile[]): void {
    for (const file of files) onlyOneAtATime(file)
  }

  override async onBeforeRunTask(test: Test): Promise<void> {
    await super.onBeforeRunTask(test)
    if (finished.has(nameOf(test)) || test.fails) test.mode = 'skip'
    this.#attempt = 'first'
    this.#left = []
    test.repeats = 1
    test.retry = 0
  }

  override onBeforeTryTask(test: Test): void {
    super.onBeforeTryTask(test)
    Object.assign(test.result!, { errors: undefined })
    const attempt = this.#attempt
    stryker.currentTestId = nameOf(test)
    stryker.hitCount = undefined
    stryker.activeMutant = undefined
    if (typeof attempt === 'string') return
    write('try', attempt.mutant, nameOf(test))
    noteTry(attempt.mutant, nameOf(test))
    hasTried = true
    stryker.hitCount = 0
    stryker.hitLimit = 100 * stryker.mutantCoverage.perTest[nameOf(test)]![attempt.mutant]!
    stryker.activeMutant = attempt.mutant
  }

  onAfterRetryTask(test: Test): void {
    const { hitCount = 0, hitLimit = 0 } = stryker
    const attempt = this.#attempt
    const result = test.result!
    const isFailed = result.state === 'fail'
    const isLate = hitCount > hitLimit || /timed out/i.test(result.errors?.[0]?.message ?? '')
    Object.assign(stryker, { currentTestId: undefined, activeMutant: undefined, hitCount: undefined })
    if (typeof attempt === 'object') this.#judge(attempt.mutant, isFailed, isLate)
    else if (isFailed) this.#giveUp(attempt, test)
    else this.#pass(attempt, test)
    this.#goOn(attempt, test)
  }

  #judge(mutant: string, isFailed: boolean, isLate: boolean): void {
    if (isLate) this.#detect('timeout', mutant)
    else if (isFailed) this.#detect('killed', mutant)
    this.#attempt = isFailed ? 'check' : this.#next()
  }

  /** Vitest tries again what failed, as long as it has an error; what passed is over, or begins its second round. */
  #goOn(attempt: Attempt, test: Test): void {
    const isOver = this.#attempt === 'first'
    if (isOver) write('finished', nameOf(test))
    test.retry = Number.MAX_SAFE_INTEGER
    const hasPassed = isOver || attempt === 'first'
    Object.assign(test.result!, hasPassed ? { state: 'pass', errors: undefined } : { state: 'fail', errors: [GO_ON] })
  }

  #pass(attempt: Attempt, test: Test): void {
    if (attempt === 'first') {
      const met = Object.keys(stryker.mutantCoverage.perTest[nameOf(test)] ?? {})
      write('met', met.join(','))
      this.#left = met.filter((mutant) => isOpen(mutant) && !tried.has(`${mutant} ${nameOf(test)}`))
      this.#attempt = 'again'
    } else this.#attempt = this.#next()
  }

  #next(): Attempt {
    const mutant = this.#left.shift()
    return mutant === undefined ? 'first' : { mutant }
  }

  #detect(kind: 'killed' | 'timeout', mutant: string): void {
    detected.add(mutant)
    write(kind, mutant)
  }

  /** A test that fails unbroken is of no use; where it did not fail before, a mutant has left something behind, and the process is of none. */
  #giveUp(attempt: Attempt, test: Test): void {
    if (attempt === 'check' || (attempt === 'first' && hasTried)) {
      write('spoilt', nameOf(test))
      process.kill(process.pid, 'SIGKILL')
    }
    write('useless', nameOf(test))
    this.#left = []
    this.#attempt = 'first'
  }

  override onAfterRunFiles(files?: TestFile[]): void {
    super.onAfterRunFiles()
    write('static', Object.keys(stryker.mutantCoverage.static).join(','))
    for (const file of files ?? []) write('file', file.filepath)
  }
}

function noteTry(mutant: string, test: string): void {
  tried.add(`${mutant} ${test}`)
  tries.set(mutant, (tries.get(mutant) ?? 0) + 1)
}

function isOpen(mutant: string): boolean {
  return !detected.has(mutant) && (tries.get(mutant) ?? 0) < MOST_TRIES
}

function onlyOneAtATime(task: RunnerTask): void {
  task.concurrent = false
  if ('tasks' in task) for (const inner of task.tasks) onlyOneAtATime(inner)
}

function nameOf(test: Test): string {
  const names = [test.name]
  for (let { suite } = test; suite; suite = suite.suite) names.unshift(suite.name)
  return `${test.file.name} ${names.join(' ')} ${test.id}`.replace(/\s+/g, ' ')
}
