// What the application decided about its delivery: a 2xx accepts it, anything else declines it. And how `onOutcome` learns about that.

import type { OutcomeReport } from '../../webhook/receiving/outcome.ts'
import type { WebhookAdapterOptions } from './options.ts'

/** A decision that is made once. Later ones change nothing. */
export class Decision {
  /** Resolves when the delivery is accepted, and rejects with the reason when it is declined. */
  readonly made: Promise<void>
  #state: 'pending' | 'accepted' | 'declined' = 'pending'
  #resolve!: () => void
  #reject!: (error: unknown) => void

  constructor() {
    this.made = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get state(): 'pending' | 'accepted' | 'declined' {
    return this.#state
  }

  /** Decides by the status that the application answers with; 0 if it sends none. */
  decideByStatus(status: number): void {
    if (this.#state !== 'pending') return
    if (status < 200 || status > 299) {
      this.decline(applicationDeclined(status))
      return
    }
    this.#state = 'accepted'
    this.#resolve()
  }

  decline(error: unknown): void {
    if (this.#state !== 'pending') return
    this.#state = 'declined'
    this.#reject(error)
  }
}

/** The `error` of a report to `onOutcome` when the application did not answer with a 2xx. */
export interface ApplicationDeclined extends Error {
  readonly name: 'ApplicationDeclined'
  /** The status that was sent; 0 if the application sent none. */
  readonly status: number
}

export function applicationDeclined(status: number, message: string = describeDeclined(status)): ApplicationDeclined {
  return Object.assign(new Error(message), { name: 'ApplicationDeclined' as const, status })
}

function describeDeclined(status: number): string {
  if (status === 0) return 'The application broke off its answer.'
  return `The application answered ${status}.`
}

/** Has `onOutcome` report the status that the application sent, instead of the receiver's own 500. */
export function withSentStatus<Options extends WebhookAdapterOptions>(options: Options): Options {
  const onOutcome = options?.onOutcome
  if (typeof onOutcome !== 'function') return options
  const reportSentStatus = (report: OutcomeReport): unknown => {
    const { error } = report
    if (!isApplicationDeclined(error)) return onOutcome(report)
    return onOutcome({ ...report, status: error.status, message: error.message })
  }
  // Options may be inherited, too.
  return Object.setPrototypeOf({ ...options, onOutcome: reportSentStatus }, Object.getPrototypeOf(options))
}

function isApplicationDeclined(error: unknown): error is ApplicationDeclined {
  return error instanceof Error && error.name === 'ApplicationDeclined'
}
