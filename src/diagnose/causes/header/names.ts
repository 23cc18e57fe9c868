// Headers under other names: as CGI and WSGI write them, with underscores, without their x-.

import type { HeaderField } from '../../../webhook/pipeline/header-fields.ts'
import { visitHeaders } from '../../../webhook/pipeline/headers.ts'
import type { WebhookScheme } from '../../../webhook/schemes/scheme.ts'

/** A header that stands under another name than the scheme's. */
export interface RenamedHeader {
  readonly field: HeaderField
  /** Only characters that are safe to repeat. */
  readonly name: string
  readonly value: string
}

/** Of each field, the first header whose name differs only in how it is written. */
export function findRenamed(headers: unknown, names: WebhookScheme['headers']): RenamedHeader[] {
  const fields: readonly HeaderField[] = ['signature', 'timestamp', 'deliveryId']
  const wanted = new Map<string, HeaderField>()
  for (const field of fields) {
    for (const name of names[field as keyof typeof names]) wanted.set(coreOf(name), field)
  }
  const found = new Map<HeaderField, RenamedHeader>()
  visitHeaders(headers, (given, value) => {
    const name = given.toLowerCase()
    const field = wanted.get(coreOf(name))
    if (field === undefined || found.has(field) || !/^[a-z0-9_.-]{1,64}$/.test(name)) return
    if (!names[field as keyof typeof names].includes(name)) found.set(field, { field, name, value })
  })
  return [...found.values()]
}

function coreOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^http-/, '')
    .replace(/^x-/, '')
}
