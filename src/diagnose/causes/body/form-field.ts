// Forms that were parsed, and written as JSON or as a form again; and JSON in the field of a form, as GitHub and Slack can send it, taken out
// where the whole form was signed, or the reverse.

import { type BodyChange, change } from '../../change.ts'
import { decodePercent } from '../../percent.ts'
import { encodeText, type ReceivedBody } from '../../received-body.ts'

export function* bodyFormField({ text, json }: ReceivedBody): Generator<BodyChange> {
  if (text === undefined || text === '') return
  const found = (what: string, body: string): BodyChange => ({
    ...change('body_form_field', `body: ${what}`),
    body: encodeText(body),
  })
  if (json.kind === 'json') {
    yield* asFields(text, found)
    yield* asForm(text, found)
  } else if (/^[^\s=&]+=/.test(text)) yield* otherForms(text, found)
  if (/^%[57]B/i.test(text)) yield* encodedJson(text.replace(/=$/, ''), found)
}

type Found = (what: string, body: string) => BodyChange

/** The fields of a form, written as JSON: what `JSON.stringify(req.body)` makes of it. */
function* asFields(text: string, found: Found): Generator<BodyChange> {
  const fields = Object.entries(JSON.parse(text) ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, each]),
  )
  const [[name, value] = []] = fields
  if (!text.trimStart().startsWith('{') || !fields.every((field) => field.every(isText))) return
  // A parser of forms takes JSON without an equals sign for the name of a field that is empty.
  if (fields.length === 1 && value === '') yield found('the name of its only field, taken out', `${name}`)
  const form = new URLSearchParams(fields as string[][]).toString()
  yield found('JSON of its fields written as a form, with + for spaces', form)
  yield found('JSON of its fields written as a form, with %20 for spaces', form.replaceAll('+', '%20'))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}

/** JSON that was percent-encoded as a whole: all of it stood where a form has a name. */
function* encodedJson(text: string, found: Found): Generator<BodyChange> {
  for (const encoded of [text, text.replaceAll('+', '%20')]) {
    const decoded = decodePercent(encoded)
    if (decoded !== encoded) yield found('percent-decoded', decoded)
  }
}

/** The JSON was taken out of its field. */
function* asForm(text: string, found: Found): Generator<BodyChange> {
  const encoded = encodeURIComponent(text)
  const form = new URLSearchParams({ payload: text }).toString()
  yield found('put back into payload=, with + for spaces', form)
  yield found('put back into payload=, with %20 for spaces', form.replaceAll('+', '%20'))
  yield found('put back into payload=, by encodeURIComponent', `payload=${encoded}`)
  yield found('put back into payload=, lower-case digits', lowerDigits(form))
}

function* otherForms(text: string, found: Found): Generator<BodyChange> {
  const fields = new URLSearchParams(text)
  for (const name of ['payload', 'data', 'body']) {
    const value = fields.get(name)
    if (value !== null) yield found(`field ${name} taken out`, value)
  }
  const written = fields.toString()
  yield found('form written again, with + for spaces', written)
  yield found('form written again, with %20 for spaces', written.replaceAll('+', '%20'))
  yield found('+ to %20', text.replaceAll('+', '%20'))
  yield found('%20 to +', text.replaceAll('%20', '+'))
  yield found('percent digits in lower case', lowerDigits(text))
  yield found(
    'percent digits in capitals',
    text.replace(/%[0-9a-f]{2}/gi, (each) => each.toUpperCase()),
  )
}

function lowerDigits(text: string): string {
  return text.replace(/%[0-9A-F]{2}/gi, (each) => each.toLowerCase())
}
