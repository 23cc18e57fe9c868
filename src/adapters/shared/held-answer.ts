// Express and Fastify: the application decides about a delivery by the response that it writes. The end of that response is held back until
// the delivery's claim is committed or released. So no sender hears of a success that may still be undone, and no retry meets a claim that
// is about to be released.
//
// The phases, and what the application's calls do in each:
//
//   phase       write       end                  writeHead     flushHeaders   a mistake
//   open        delayed     held back -> held    prepared      passed on      declines -> broken
//   held        refused     refused              ignored       ignored        logged
//   broken      refused     refused              ignored       ignored        logged
//   released    passed on   passed on            passed on     passed on      thrown
//
// `settle` is the last step. Once the claim is settled, it sends what was held, or another answer instead, and the phase is `released`.
//
// The decision is kept apart from the phase. It is made when the answer ends. If the sender disconnects, it is made by the first sign of an
// answer.
//
// A mistake, such as a chunk that cannot be sent, is not thrown at the application. In an `async` handler of Express 4, in a timer or in a
// library nobody would catch it, and one request would end the whole process.

import type { ServerResponse } from 'node:http'
import type { AdapterOutcome } from '../../webhook/receiving/outcome.ts'
import { awaitAbandoned } from './abandoned-answer.ts'
import type { Answer } from './answer.ts'
import { abandoned, listenerThrew, NOT_SENT_ANSWER, PROBLEMS, pointAtCaller } from './answer-problems.ts'
import { applicationDeclined, Decision } from './decision.ts'
import { PendingAnswer, type ResponseMethods } from './pending-answer.ts'
import { clearHead, isHeadWritten, isHttp2 } from './response-head.ts'
import { argumentsOf, readWriteCall, type WriteCall, writeAfterEnd } from './write-call.ts'

export interface HoldSettings {
  /** How long to wait for the application after its sender has disconnected. */
  readonly abandonedMs: number
  /** Gets the errors that the application cannot catch. */
  readonly log: (message: string, error: unknown) => void
}

type Phase = 'open' | 'held' | 'broken' | 'released'

/** An answer that an application is about to write. If it writes several, the first one counts, as it does in plain Node. */
export class HeldAnswer {
  readonly #response: ServerResponse
  readonly #settings: HoldSettings
  readonly #original: ResponseMethods
  readonly #pending: PendingAnswer
  readonly #decision = new Decision()
  #phase: Phase = 'open'
  #isSenderGone = false
  #hasBegun = false // the application is answering, although it may not have written anything yet
  #isPiped = false
  #stopWaiting: (() => void) | undefined

  /** Takes over a response's methods. */
  constructor(response: ServerResponse, settings: HoldSettings) {
    this.#response = response
    this.#settings = settings
    const methods = response as unknown as ResponseMethods
    const { write, end, writeHead, flushHeaders, destroy, emit } = methods
    this.#original = { write, end, writeHead, flushHeaders, destroy, emit }
    this.#pending = new PendingAnswer(response, this.#original)
    // One by one: assigning them as a set makes each request several times as slow.
    methods.write = (...args) => this.#guard(() => this.#write(args), false)
    methods.end = (...args) => this.#guard(() => this.#end(args), response)
    methods.writeHead = (...args) => this.#guard(() => this.#writeHead(args), response)
    methods.flushHeaders = () => this.#guard(() => this.#flushHeaders(), undefined)
    methods.destroy = (...args) => this.#destroy(args)
    methods.emit = (...args) => this.#emit(args)
    response.prependListener('close', () => this.#onClose())
  }

  /** Whether the connection is closed, so that nothing that is written reaches the sender. */
  get isSenderGone(): boolean {
    return this.#isSenderGone
  }

  /**
   * Hands the delivery over to the application. Resolves when it answers with a 2xx, and returns undefined if it has already done so.
   * Rejects with an `ApplicationDeclined` for any other answer, or with the error of a write that cannot be sent.
   */
  decideBy(handOver: () => void): Promise<void> | undefined {
    const { made } = this.#decision
    try {
      handOver()
    } catch (error) {
      if (this.#decision.state !== 'accepted') {
        made.catch(() => {}) // nobody waits for it any more
        throw error
      }
      this.#settings.log(PROBLEMS.threwAfterAnswer, error)
    }
    return this.#decision.state === 'accepted' ? undefined : made
  }

  /** Decides for the application, if it is known to have finished without an answer. */
  decide(status: number): void {
    this.#stopWaiting?.()
    this.#decision.decideByStatus(status)
  }

  /** Notes that the application is answering, although it has not written anything yet. */
  begin(): void {
    this.#hasBegun = true
    if (this.#isSenderGone) this.decide(this.#pending.status) // the sender will not hear more of it than that
  }

  /**
   * Sends the answer once the claim is settled. `makeAnother` makes the one to send instead if the application did not finish its own, or
   * accepted a delivery that could not be committed. It is not called if the sender has disconnected before an answer.
   */
  settle(outcome: AdapterOutcome, makeAnother: () => Answer): void {
    if (this.#phase === 'held') {
      const isUndone = this.#decision.state === 'accepted' && !outcome.ok
      if (isUndone) this.#sendInstead(makeAnother())
      else this.#sendHeld()
    } else if (!this.#isSenderGone && !this.#response.destroyed) this.#sendInstead(makeAnother())
  }

  #sendHeld(): void {
    this.#phase = 'released'
    try {
      this.#pending.send()
    } catch (error) {
      this.#settings.log(PROBLEMS.notSent, error)
      this.#sendInstead(NOT_SENT_ANSWER)
    }
  }

  /** Sends another answer. If part of the application's own has left already, the connection can only be closed. */
  #sendInstead({ status, headers, body }: Answer): void {
    this.#phase = 'released'
    const response = this.#response
    try {
      if (isHeadWritten(response)) {
        this.#original.destroy.call(response)
        return
      }
      clearHead(response)
      this.#original.writeHead.call(response, status, headers)
      this.#original.end.call(response, body)
    } catch (error) {
      this.#settings.log(PROBLEMS.nothingSent, error)
      this.#destroyOrLog()
    }
  }

  #destroyOrLog(): void {
    try {
      this.#original.destroy.call(this.#response)
    } catch (error) {
      this.#settings.log(PROBLEMS.notDestroyed, error)
    }
  }

  /** Runs a call of the application's. If it throws, that is a mistake, and `fallback` is returned. */
  #guard<T>(call: () => T, fallback: T): T {
    if (this.#phase === 'released') return call() // Node itself may be calling, and needs the error
    try {
      return call()
    } catch (error) {
      pointAtCaller(error)
      this.#noteMistake(error, PROBLEMS.invalidWrite)
      return fallback
    }
  }

  /** The first mistake declines the delivery, unless the application has already answered. */
  #noteMistake(error: unknown, message: string): void {
    if (this.#decision.state === 'pending' && this.#phase === 'open') {
      this.#phase = 'broken'
      this.#decision.decline(error)
    } else this.#settings.log(message, error)
  }

  #write(args: unknown[]): unknown {
    const call = this.#readCall(args)
    switch (this.#phase) {
      case 'open':
        return this.#tellCallback(call, () => this.#holdWrite(call))
      case 'held':
      case 'broken':
        return this.#refuseWrite(call)
      case 'released':
        if (this.#response.writableEnded) return this.#refuseWrite(call)
        return this.#original.write.apply(this.#response, argumentsOf(call))
    }
  }

  #holdWrite(call: WriteCall): unknown {
    if (!this.#isSenderGone) return this.#pending.write(call)
    this.begin()
    return this.#original.write.apply(this.#response, argumentsOf(call)) // Node calls back, and sends nothing
  }

  #end(args: unknown[]): unknown {
    const response = this.#response
    const call = this.#readCall(args)
    switch (this.#phase) {
      case 'open':
        this.#tellCallback(call, () => this.#pending.end(call))
        this.#phase = 'held'
        this.decide(this.#pending.status)
        break
      case 'held':
      case 'broken':
        this.#refuseWrite(call)
        break
      case 'released':
        if (response.writableEnded) this.#refuseWrite(call)
        else this.#original.end.apply(response, argumentsOf(call))
    }
    return response
  }

  #writeHead(args: unknown[]): unknown {
    switch (this.#phase) {
      case 'open':
        this.#pending.writeHead(args)
        this.begin()
        break
      case 'held':
      case 'broken':
        this.#pending.noteChangedHead()
        break
      case 'released':
        this.#original.writeHead.apply(this.#response, args)
    }
    return this.#response
  }

  #flushHeaders(): void {
    switch (this.#phase) {
      case 'open':
        this.#pending.flushHeaders()
        break
      case 'held':
      case 'broken':
        this.#pending.noteChangedHead()
        break
      case 'released':
        this.#original.flushHeaders.call(this.#response)
    }
  }

  #destroy(args: unknown[]): unknown {
    if (!this.#isSenderGone) this.decide(0) // after that, `awaitAbandoned` listens for it
    return this.#original.destroy.apply(this.#response, args)
  }

  /** Node emits a response's events deep inside, where an error that a listener throws would end the process. */
  #emit(args: unknown[]): unknown {
    const [event] = args
    if (event === 'pipe') this.#onPipe()
    if (event === 'unpipe') this.#isPiped = false
    try {
      return this.#original.emit.apply(this.#response, args)
    } catch (error) {
      this.#noteMistake(error, listenerThrew(event))
      return true
    }
  }

  #onPipe(): void {
    this.#isPiped = true
    if (this.#isSenderGone) this.begin()
  }

  /** The connection was closed, by its sender or by somebody in this process. */
  #onClose(): void {
    this.#isSenderGone = true
    if (this.#decision.state !== 'pending') return
    const { hasHead, status } = this.#pending
    // The head was written, but not the end. Nothing else shows that the answer was broken off here: Express destroys the connection if
    // it gets an error this late.
    if (hasHead && isClosedHere(this.#response)) this.decide(0)
    else if (hasHead || this.#hasBegun || this.#isPiped) this.decide(status)
    else this.#awaitAbandoned()
  }

  #awaitAbandoned(): void {
    const { abandonedMs } = this.#settings
    this.#stopWaiting = awaitAbandoned(this.#response, abandonedMs, {
      onDestroy: () => this.decide(0),
      onTimeout: () => this.#decision.decline(applicationDeclined(0, abandoned(abandonedMs))),
    })
  }

  /** Refuses a write after the end. Node would emit an error that nobody may listen for. */
  #refuseWrite({ callback }: WriteCall): boolean {
    this.#pending.noteChangedHead()
    if (callback) queueMicrotask(() => callback(writeAfterEnd()))
    return false
  }

  /** Runs a write. If it throws, its callback gets the error, too. */
  #tellCallback<T>({ callback }: WriteCall, write: () => T): T {
    try {
      return write()
    } catch (error) {
      if (callback) queueMicrotask(() => callback(error))
      throw error
    }
  }

  #readCall(args: readonly unknown[]): WriteCall {
    return readWriteCall(args, (error) => this.#settings.log(PROBLEMS.callbackThrew, error))
  }
}

/** Whether this process closed the connection: otherwise the peer has ended or reset it. */
function isClosedHere(response: ServerResponse): boolean {
  if (isHttp2(response)) return false // a closed stream does not say who closed it, and a call of `destroy` was noticed
  const socket = response.req?.socket // a host's own response may have none
  return !socket?.readableEnded && !socket?.errored
}
