// The schemes of other senders that a delivery may be signed by: those whose signature it bears.

import { visitHeaders } from '../../webhook/pipeline/headers.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import type { DiagnoseRequest } from '../input.ts'
import type { SearchSpace } from './search.ts'
import { readAllSecrets } from './secrets.ts'
import { readSubject } from './subject.ts'

/** For each such scheme, the same search with its own view of the delivery and the secrets. */
export function senderSpaces(space: SearchSpace, request: DiagnoseRequest): SearchSpace[] {
  const { headers, target, secrets, otherSecrets, otherSchemes } = request
  const names = new Set<string>()
  visitHeaders(headers, (name) => names.add(name.toLowerCase()))
  const isBorne = ({ headers: { signature }, bodyFields }: WebhookScheme): boolean =>
    signature.some((name) => names.has(name)) || bodyFields?.read(space.subject.body.bytes).signature !== undefined
  return otherSchemes.filter(isBorne).map((scheme) => ({
    ...space,
    subject: readSubject(scheme, headers, space.subject.body, target),
    secrets: [...readAllSecrets('secrets', secrets, scheme), ...readAllSecrets('otherSecrets', otherSecrets, scheme)],
  }))
}
