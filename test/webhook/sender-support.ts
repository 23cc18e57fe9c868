// Schemes by the name that they are exported under.

import * as exported from '../../src/webhook/schemes/index.ts'
import { isScheme, type WebhookScheme } from '../../src/webhook/schemes/scheme.ts'

export function schemeOf(name: string): WebhookScheme {
  const scheme = Object.entries(exported).find(([each]) => each === name)?.[1]
  if (isScheme(scheme)) return scheme
  throw new Error(`There is no scheme named ${name}.`)
}
