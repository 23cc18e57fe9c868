// The ways to write what is signed: the scheme's own, and others.

import { contentForms } from '../causes/content/forms.ts'
import { contentIds } from '../causes/content/ids.ts'
import { contentTimes } from '../causes/content/times.ts'
import { contentUrls } from '../causes/content/urls.ts'
import type { ContentChoice } from '../change.ts'
import { contentOf, type Subject } from './subject.ts'

/** The scheme's own way. */
export function ownContent(subject: Subject): ContentChoice {
  return { write: (body) => contentOf(subject, body), change: undefined }
}

/** Other ways, those first that keep the scheme's own form. */
export function otherContents(subject: Subject): ContentChoice[] {
  const { scheme, target, headers, body, deliveryId, timestamp } = subject
  const choices: ContentChoice[] = []
  for (const time of contentTimes(timestamp)) {
    choices.push({ change: time, write: (bytes) => contentOf(subject, bytes, { timestamp: time.timestamp }) })
  }
  if (scheme.deliveryIdSigned) {
    for (const id of contentIds(deliveryId, body.json)) {
      choices.push({ change: id, write: (bytes) => contentOf(subject, bytes, { deliveryId: id.deliveryId }) })
    }
  }
  if (scheme.content) {
    for (const url of contentUrls(target.url, headers)) {
      choices.push({ change: url, write: (bytes) => contentOf(subject, bytes, { url: url.url }) })
    }
  }
  const parts = { timestamp, deliveryId, method: (target.method ?? 'POST').toUpperCase(), url: target.url }
  for (const form of contentForms(parts)) {
    choices.push({ change: form, write: (bytes) => ({ before: form.before, body: bytes, after: form.after }) })
  }
  return choices
}
