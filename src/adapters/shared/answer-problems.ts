// What can go wrong with an answer that is held back, as the application's log and its sender read it.

import { answerOf, type TextAnswer } from './answer.ts'

/** The log messages of errors that the application cannot catch. */
export const PROBLEMS = {
  threwAfterAnswer: 'The application threw an error after it had answered.',
  invalidWrite: 'The application wrote something that cannot be sent.',
  callbackThrew: 'A callback that was passed to response.write() or response.end() threw an error.',
  notSent: "The application's answer could not be sent.",
  nothingSent: 'No answer could be sent.',
  notDestroyed: 'The response could not be destroyed.',
} as const

export function listenerThrew(event: unknown): string {
  return `A listener for '${String(event)}' on the response threw an error.`
}

export function abandoned(afterMs: number): string {
  return `The sender disconnected, and the application did not answer within ${afterMs / 1000} seconds.`
}

/** What the sender gets if the application's answer could not be sent. */
export const NOT_SENT_ANSWER: TextAnswer = /* @__PURE__ */ answerOf({
  ok: false,
  status: 500,
  code: 'handler_failed',
  message: 'The answer could not be sent; the delivery may be sent again.',
  headers: {},
})

/** Makes a stack begin where the application made the mistake: Node throws deep inside this library, and a stack shows ten frames only. */
export function pointAtCaller(error: unknown): void {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return
  if (error.code.startsWith('ERR_')) Error.captureStackTrace?.(error, pointAtCaller)
}
