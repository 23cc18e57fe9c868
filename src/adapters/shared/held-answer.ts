// Express and Fastify: the application decides by the answer that it writes. The answer's end is held back until the claim is settled,
// so that no sender is told of a success that may yet be forgotten, and a retry never meets a claim that is about to be released.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { OutcomeReport } from '../../webhook/outcome.ts'
import type { WebhookAdapterOptions } from './options.ts'

/** An answer that the application is about to write. */
export interface HeldAnswer {
  /**
   * Hands over to the application. Resolves once it has decided on a 2xx, and returns nothing where it has done so at once; rejects with
   * an `ApplicationDeclined` on anything else.
   */
  decideBy(handOver: () => void): Promise<void> | undefined
  /** Decides in the application's place, where it was seen to be done without an answer. */
  decide(status: number): void
  /** Lets what was written go to the sender, now and from now on. False where the application has written no end. */
  letGo(): boolean
}

/** What a receiver's `onOutcome` finds as `error` where the application did not answer with a 2xx. */
export interface ApplicationDeclined extends Error {
  readonly name: 'ApplicationDeclined'
  /** The status that was sent; 0 where the application broke the connection off. */
  readonly status: number
}

/** Watches a response from here on. Of several answers the first one stands, as it would have without us. */
export function holdAnswer(response: ServerResponse): HeldAnswer {
  // What stands here may be another middleware's own wrapper, so each is called as found.
  const methods = response as unknown as Record<'write' | 'end' | 'writeHead' | 'destroy', Method>
  const { write, end, writeHead, destroy } = methods
  let state: 'open' | 'held' | 'free' = 'open'
  let isAccepted: boolean | undefined // undefined until the application has decided
  let sentStatus: number | undefined // what is said once the head was written changes nothing for the sender
  let isContested = false // whether somebody wrote a second answer over the one that stands
  let behind: unknown[] | undefined // writes are passed on one late, for with the last byte the sender has its answer
  let depart: (() => void) | undefined
  let accept!: () => void
  let decline!: (error: ApplicationDeclined) => void
  const decision = new Promise<void>((resolve, reject) => {
    accept = resolve
    decline = reject
  })

  function decide(status: number): void {
    if (isAccepted !== undefined) return
    isAccepted = isSuccess(status)
    if (isAccepted) accept()
    else decline(declined(status))
  }

  function contest(): ServerResponse {
    isContested = true
    return response
  }

  // One by one: assigned as a set, they cost each request several times as much.
  methods.write = (...given) => {
    if (state !== 'open') return state === 'free' && write.apply(response, given)
    if (!response.headersSent) response.writeHead(response.statusCode) // as write itself would, first of all
    const former = behind
    behind = given
    return former === undefined || write.apply(response, former)
  }
  methods.end = (...given) => {
    if (state === 'free') return end.apply(response, given)
    if (state === 'held') return contest()
    state = 'held'
    const head = response.headersSent ? undefined : takeHead(response)
    depart = () => {
      if (head) putHead(response, head, isContested)
      if (behind) write.apply(response, behind)
      end.apply(response, given)
    }
    decide(sentStatus ?? response.statusCode)
    return response
  }
  // Called between the end and its leaving, as it is by flushHeaders too, it would write another answer's head over the one that stands.
  methods.writeHead = (...given) => {
    if (state === 'held') return contest()
    const result = writeHead.apply(response, given)
    sentStatus ??= response.statusCode
    return result
  }
  methods.destroy = (...given) => {
    decide(0)
    return destroy.apply(response, given)
  }

  response.on('close', () => {
    if (!response.headersSent) return // a sender that went away decides nothing
    // The head was written, the end never came. Whoever broke off here leaves no other trace: Express, told of an error this late,
    // destroys the connection.
    decide(isBrokenOffHere(response) ? 0 : (sentStatus ?? response.statusCode))
  })

  return {
    decideBy(handOver) {
      try {
        handOver()
      } catch (error) {
        decision.catch(() => {}) // nobody waits for it any more
        throw error
      }
      return isAccepted ? undefined : decision
    },
    decide,
    letGo() {
      state = 'free'
      depart?.()
      return depart !== undefined
    },
  }
}

/** Adapters tell of an application's own refusal by the status that it sent. */
export function withSentStatus<Options extends WebhookAdapterOptions>(options: Options): Options {
  const onOutcome = options?.onOutcome
  if (typeof onOutcome !== 'function') return options
  const told = (report: OutcomeReport): unknown => {
    const { error } = report
    return onOutcome(isDeclined(error) ? { ...report, status: error.status, message: error.message } : report)
  }
  return { ...options, onOutcome: told }
}

type Method = (this: unknown, ...given: unknown[]) => unknown

interface Head {
  readonly status: number
  readonly statusMessage: string
  readonly headers: OutgoingHttpHeaders
}

function takeHead(response: ServerResponse): Head {
  return { status: response.statusCode, statusMessage: response.statusMessage, headers: response.getHeaders() }
}

function putHead(response: ServerResponse, { status, statusMessage, headers }: Head, isContested: boolean): void {
  if (response.headersSent) return
  // Node's responses have no message of their own until one is set, and setting one costs more than looking.
  if (response.statusCode !== status) response.statusCode = status
  if (response.statusMessage !== statusMessage) response.statusMessage = statusMessage
  if (!isContested) return
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string)
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function declined(status: number): ApplicationDeclined {
  const message = status ? `The application answered ${status}.` : 'The application broke its answer off.'
  return Object.assign(new Error(message), { name: 'ApplicationDeclined' as const, status })
}

function isDeclined(error: unknown): error is ApplicationDeclined {
  return error instanceof Error && error.name === 'ApplicationDeclined'
}

/** Whether a closed connection was closed by this process: then the peer has neither ended it nor reset it. */
function isBrokenOffHere({ req }: ServerResponse): boolean {
  const socket = req?.socket // not there on a made-up response
  return !(socket?.readableEnded || socket?.errored)
}
