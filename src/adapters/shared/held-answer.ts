// Express and Fastify: the application decides by the answer that it writes. The answer's end is held back until the claim is settled,
// so that no sender is told of a success that may yet be forgotten, and a retry never meets a claim that is about to be released.
//
//   open ── the application ends its answer ──> held ── letGo, answerInstead ──> free
//     ├──── it writes what cannot be sent ───> broken ───── answerInstead ─────────^
//     └───────────── settled without an end: letGo, answerInstead ─────────────────^
//
// Beside it stands the decision. It is made by the end, or, where the sender has gone, by the first word of an answer.
//
// What cannot be sent is not thrown where it is written: an `async` handler of Express 4, a timer or a library would have nobody to catch
// it, and the process would end for one request.

import type { ServerResponse } from 'node:http'
import type { Outcome } from '../../webhook/receiving/outcome.ts'
import { type Answer, answerOf } from './answer.ts'
import { Decision } from './decision.ts'
import { attend } from './departed.ts'
import { clearHead, isHeadWritten } from './head.ts'
import { type Methods, PendingAnswer } from './pending-answer.ts'
import { argumentsOf, isHttp2, sortWritten, type Written, writeAfterEnd } from './written.ts'

export interface HoldSettings {
  /** How long an application may be silent once its sender has gone. */
  readonly abandonedMs: number
  /** Told of what the application threw where it cannot catch it any more. */
  readonly log: (message: string, error: unknown) => void
}

/** An answer that an application is about to write. Of several the first one stands, as it would have without us. */
export class HeldAnswer {
  readonly #response: ServerResponse
  readonly #settings: HoldSettings
  readonly #found: Methods
  readonly #pending: PendingAnswer
  readonly #decision = new Decision()
  #phase: 'open' | 'held' | 'broken' | 'free' = 'open'
  #isBegun = false // the application has said that it answers, though no byte of that may have left
  #isPiped = false
  #isGone = false
  #stopWaiting: (() => void) | undefined

  /** Watches a response from here on. */
  constructor(response: ServerResponse, settings: HoldSettings) {
    this.#response = response
    this.#settings = settings
    const methods = response as unknown as Methods
    const { write, end, writeHead, flushHeaders, destroy, emit } = methods
    this.#found = { write, end, writeHead, flushHeaders, destroy, emit }
    this.#pending = new PendingAnswer(response, this.#found)
    // One by one: assigned as a set, they cost each request several times as much.
    methods.write = (...given) => this.#attempt(() => this.#write(given), false)
    methods.end = (...given) => this.#attempt(() => this.#end(given), response)
    methods.writeHead = (...given) => this.#attempt(() => this.#writeHead(given), response)
    methods.flushHeaders = () => this.#attempt(() => this.#flushHeaders(), undefined)
    methods.destroy = (...given) => this.#destroy(given)
    methods.emit = (...given) => this.#emit(given)
    response.prependListener('close', () => this.#close())
  }

  /** Whether the connection is closed, so that nothing that is written reaches anybody. */
  get isGone(): boolean {
    return this.#isGone
  }

  /**
   * Hands over to the application. Resolves once it has decided on a 2xx, and returns nothing where it has done so at once; rejects with
   * an `ApplicationDeclined` on anything else, or with what it wrote wrongly.
   */
  decideBy(handOver: () => void): Promise<void> | undefined {
    const { made } = this.#decision
    try {
      handOver()
    } catch (error) {
      if (!this.#decision.isAccepted) {
        made.catch(() => {}) // nobody waits for it any more
        throw error
      }
      this.#settings.log('The application threw after its answer.', error)
    }
    return this.#decision.isAccepted ? undefined : made
  }

  /** Decides in the application's place, where it was seen to be done without an answer. */
  decide(status: number): void {
    this.#stopWaiting?.()
    this.#decision.byStatus(status)
  }

  /** Says that the application answers, though nothing of that was written yet. */
  begin(): void {
    this.#isBegun = true
    // A sender that has gone will hear no more of it than that.
    if (this.#isGone) this.decide(this.#pending.status)
  }

  /**
   * Lets what was written go to the sender, now and from now on. False where the sender must be told something else: the application has
   * written no end, or what it was about to confirm was undone.
   */
  letGo(outcome: Outcome): boolean {
    if (this.#phase !== 'held') return this.#isGone || this.#response.destroyed
    if (this.#decision.isAccepted && !outcome.ok) return false
    this.#phase = 'free'
    try {
      this.#pending.send()
    } catch (error) {
      this.#settings.log('The answer of the application could not be written.', error)
      this.answerInstead(UNWRITTEN)
    }
    return true
  }

  /** Answers in the application's place. Where something of its own answer has left, all that can be done is to break that off. */
  answerInstead({ status, headers, body }: Answer): void {
    this.#phase = 'free'
    const response = this.#response
    try {
      if (isHeadWritten(response)) {
        this.#found.destroy.call(response)
        return
      }
      clearHead(response)
      this.#found.writeHead.call(response, status, headers)
      this.#found.end.call(response, body)
    } catch (error) {
      this.#settings.log('No answer could be written.', error)
      this.#breakOff()
    }
  }

  #breakOff(): void {
    try {
      this.#found.destroy.call(this.#response)
    } catch (error) {
      this.#settings.log('The answer could not be broken off.', error)
    }
  }

  /** Runs what the application asks of the response. What it asks wrongly is its decision: this answer cannot be sent. */
  #attempt<T>(ask: () => T, instead: T): T {
    if (this.#phase === 'free') return ask() // from inside of Node, which must hear of what fails
    try {
      return ask()
    } catch (error) {
      pointAtCaller(error)
      this.#fail(error, 'The application wrote what cannot be sent.')
      return instead
    }
  }

  #fail(error: unknown, message: string): void {
    if (this.#decision.isAccepted === undefined && this.#phase === 'open') {
      this.#phase = 'broken'
      this.#decision.fail(error)
    } else this.#settings.log(message, error)
  }

  #write(given: unknown[]): unknown {
    const written = this.#sort(given)
    if (this.#isEnded()) return this.#refuse(written)
    if (this.#phase === 'free') return this.#found.write.apply(this.#response, argumentsOf(written))
    return this.#tellIfWrong(written, () => {
      if (!this.#isGone) return this.#pending.write(written)
      this.begin()
      return this.#found.write.apply(this.#response, argumentsOf(written)) // Node calls back, and sends nothing
    })
  }

  #end(given: unknown[]): unknown {
    const response = this.#response
    const written = this.#sort(given)
    if (this.#isEnded()) this.#refuse(written)
    else if (this.#phase === 'free') this.#found.end.apply(response, argumentsOf(written))
    else {
      this.#tellIfWrong(written, () => this.#pending.end(written))
      this.#phase = 'held'
      this.decide(this.#pending.status)
    }
    return response
  }

  #writeHead(given: unknown[]): unknown {
    const response = this.#response
    if (this.#phase === 'free') this.#found.writeHead.apply(response, given)
    else if (this.#phase === 'open') {
      this.#pending.writeHead(given)
      this.begin()
    } else this.#pending.contest() // it would write another answer's head over the one that stands
    return response
  }

  #flushHeaders(): void {
    if (this.#phase === 'free') this.#found.flushHeaders.call(this.#response)
    else if (this.#phase === 'open') this.#pending.flushHeaders()
    else this.#pending.contest()
  }

  #destroy(given: unknown[]): unknown {
    if (!this.#isGone) this.decide(0) // once it has, see attend
    return this.#found.destroy.apply(this.#response, given)
  }

  /** A response tells its events from the depths of Node, where what a listener throws would end the process. */
  #emit(given: unknown[]): unknown {
    const [name] = given
    if (name === 'pipe' || name === 'unpipe') this.#pipe(name === 'pipe')
    try {
      return this.#found.emit.apply(this.#response, given)
    } catch (error) {
      this.#fail(error, `What listens for '${String(name)}' on the response threw.`)
      return true
    }
  }

  #pipe(isPiped: boolean): void {
    this.#isPiped = isPiped
    if (isPiped && this.#isGone) this.begin()
  }

  /** The connection is closed: by its sender, or by whoever broke the answer off here. */
  #close(): void {
    this.#isGone = true
    if (this.#decision.isAccepted !== undefined) return
    const { isHeaded, status } = this.#pending
    // The head was written, the end never came. Whoever broke off here leaves no other trace: Express, told of an error this late,
    // destroys the connection.
    if (isHeaded && isBrokenOffHere(this.#response)) this.decide(0)
    else if (isHeaded || this.#isBegun || this.#isPiped) this.decide(status)
    else this.#attend()
  }

  #attend(): void {
    const { abandonedMs } = this.#settings
    const message = `The sender had gone, and the application did not answer within ${abandonedMs / 1000} seconds.`
    this.#stopWaiting = attend(this.#response, abandonedMs, {
      brokenOff: () => this.decide(0),
      silence: () => this.#decision.decline(0, message),
    })
  }

  #isEnded(): boolean {
    if (this.#phase === 'free') return this.#response.writableEnded
    return this.#phase === 'held' || this.#phase === 'broken'
  }

  /** Node would emit an error that nobody may be listening for. */
  #refuse({ callback }: Written): boolean {
    this.#pending.contest()
    if (callback) queueMicrotask(() => callback(writeAfterEnd()))
    return false
  }

  #tellIfWrong<T>({ callback }: Written, write: () => T): T {
    try {
      return write()
    } catch (error) {
      if (callback) queueMicrotask(() => callback(error))
      throw error
    }
  }

  #sort(given: readonly unknown[]): Written {
    return sortWritten(given, (error) => this.#settings.log('A callback of the response threw.', error))
  }
}

const UNWRITTEN = /* @__PURE__ */ answerOf({
  ok: false,
  status: 500,
  code: 'handler_failed',
  message: 'The answer could not be written; the delivery may be sent again.',
  headers: {},
})

/** Whether a closed connection was closed by this process: then the peer has neither ended it nor reset it. */
function isBrokenOffHere(response: ServerResponse): boolean {
  if (isHttp2(response)) return false // a stream's end tells nothing of who closed it, and its destroy was heard
  const socket = response.req?.socket // not there on a made-up response
  return !(socket?.readableEnded || socket?.errored)
}

/** Node throws its errors deep inside of us, and a stack shows ten frames: they are made to show where the application wrote. */
function pointAtCaller(error: unknown): void {
  const { code } = (error ?? {}) as { code?: unknown }
  if (error instanceof Error && typeof code === 'string' && code.startsWith('ERR_')) {
    Error.captureStackTrace?.(error, pointAtCaller)
  }
}
