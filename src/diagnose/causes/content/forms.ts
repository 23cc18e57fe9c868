// What senders sign: the body alone, or with the time, the id or the address before or after it, joined in one of many ways.

import { type Change, change } from '../../change.ts'

/** The fields of a delivery that may be signed. */
export interface SignedParts {
  readonly timestamp: string | undefined
  readonly deliveryId: string | undefined
  readonly method: string
  readonly url: string | undefined
}

/** A form of the signed content: text before the body, and after it. */
export interface FormChange extends Change {
  readonly before: string
  readonly after: string
}

export function* contentForms({ timestamp, deliveryId, method, url }: SignedParts): Generator<FormChange> {
  yield form('body alone', '')
  if (timestamp !== undefined) yield* withTime(timestamp)
  if (deliveryId !== undefined) yield* withId(deliveryId, timestamp)
  if (url !== undefined) yield* withUrl(method, url, timestamp)
}

function form(name: string, before: string, after = ''): FormChange {
  return { ...change('content_form', `content: ${name}`), before, after }
}

function* withTime(time: string): Generator<FormChange> {
  yield form('time.body', `${time}.`)
  yield form('time:body', `${time}:`)
  yield form('time,body', `${time},`)
  yield form('time and body, nothing between them', time)
  yield form('time+body', `${time}+`)
  yield form('time-body', `${time}-`)
  yield form('time|body', `${time}|`)
  yield form('time, line break, body', `${time}\n`)
  yield form('v0:time:body', `v0:${time}:`)
  yield form('v1:time:body', `v1:${time}:`)
  yield form('t=time.body', `t=${time}.`)
  yield form('body and time, nothing between them', '', time)
  yield form('body.time', '', `.${time}`)
  yield form('body:time', '', `:${time}`)
}

function* withId(id: string, time: string | undefined): Generator<FormChange> {
  yield form('id.body', `${id}.`)
  yield form('id:body', `${id}:`)
  yield form('id and body, nothing between them', id)
  yield form('body.id', '', `.${id}`)
  if (time === undefined) return
  yield form('id.time.body', `${id}.${time}.`)
  yield form('time.id.body', `${time}.${id}.`)
  yield form('id:time:body', `${id}:${time}:`)
  yield form('id, time and body, nothing between them', id + time)
  yield form('time, id and body, nothing between them', time + id)
}

function* withUrl(method: string, url: string, time = ''): Generator<FormChange> {
  const path = pathOf(url)
  const urlForm = (name: string, before: string, after = '') => ({
    ...change('content_url', `content: ${name}`),
    before,
    after,
  })
  yield urlForm('URL and body', url)
  yield urlForm('URL.body', `${url}.`)
  yield urlForm('URL, line break, body', `${url}\n`)
  yield urlForm('path and body', path)
  yield urlForm('method, URL and body', method + url)
  yield urlForm('method, path and body', method + path)
  yield urlForm('method, path and body, a line break between them', `${method}\n${path}\n`)
  if (time === '') return
  yield urlForm('time, method, path and body', time + method + path)
  yield urlForm('method, path, time and body', method + path + time)
  yield urlForm('method, URL, body and time', method + url, time)
  yield urlForm('time.URL.body', `${time}.${url}.`)
}

/** Path and query. */
function pathOf(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
}
