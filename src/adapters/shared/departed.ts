// An application whose sender has gone before a word of the answer. What it does from here on is seen where it touches the response; what
// it does without, such as returning where `req.destroyed`, is not. So its breaking off is heard, and there is an end to waiting.

import type { ServerResponse } from 'node:http'
import { later } from './later.ts'

interface Destroyable {
  destroy: (this: unknown, ...given: unknown[]) => unknown
}

/** Returns what ends the waiting. */
export function attend(
  response: ServerResponse,
  abandonedMs: number,
  heard: { readonly brokenOff: () => void; readonly silence: () => void },
): () => void {
  const { req } = response // not there on a made-up response
  for (const end of [response, req, req?.socket]) if (end) hearDestroy(end as unknown as Destroyable, heard.brokenOff)
  const patience = later(heard.silence, abandonedMs)
  return () => clearTimeout(patience)
}

/**
 * The connection is closed already, so that nobody but the application has a reason to destroy either end of it: a server's time-outs went
 * with it. Whatever cleans up as it closes does so at once, and means nothing by it.
 */
function hearDestroy(end: Destroyable, brokenOff: () => void): void {
  const { destroy } = end
  let isCleaningUp = true
  setImmediate(() => {
    isCleaningUp = false
  })
  end.destroy = (...given) => {
    if (!isCleaningUp) brokenOff()
    return destroy.apply(end, given)
  }
}
