// How an adapter tells the receiver, and the receiver its log, that the application has answered with something else than a 2xx.

import type { OutcomeReport } from '../../webhook/receiving/outcome.ts'
import type { WebhookAdapterOptions } from './options.ts'

/** What a receiver's `onOutcome` finds as `error` where the application did not answer with a 2xx. */
export interface ApplicationDeclined extends Error {
  readonly name: 'ApplicationDeclined'
  /** The status that was sent; 0 where the application sent none. */
  readonly status: number
}

export function declined(status: number, why?: string): ApplicationDeclined {
  const message = why ?? (status ? `The application answered ${status}.` : 'The application broke its answer off.')
  return Object.assign(new Error(message), { name: 'ApplicationDeclined' as const, status })
}

/** Adapters tell of an application's own refusal by the status that it sent. */
export function withSentStatus<Options extends WebhookAdapterOptions>(options: Options): Options {
  const onOutcome = options?.onOutcome
  if (typeof onOutcome !== 'function') return options
  const told = (report: OutcomeReport): unknown => {
    const { error } = report
    return onOutcome(isDeclined(error) ? { ...report, status: error.status, message: error.message } : report)
  }
  // What the options inherit is read too.
  return Object.setPrototypeOf({ ...options, onOutcome: told }, Object.getPrototypeOf(options))
}

function isDeclined(error: unknown): error is ApplicationDeclined {
  return error instanceof Error && error.name === 'ApplicationDeclined'
}
