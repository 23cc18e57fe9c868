// The live page: reads the form, diagnoses, and shows what was found. It is made of ./diagnose and the schemes, and nothing else.

import { diagnoseDelivery } from '@fluxora/verify/diagnose'
import * as schemes from '@fluxora/verify/schemes'

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id))
/** @param {string} id */
const field = (id) => /** @type {HTMLInputElement} */ (element(id))

/** The schemes by name. The entry has more than schemes in it: parts to define one with. @type {Map<string, any>} */
const byName = new Map(
  Object.entries(schemes).filter(([, value]) => typeof value === 'object' && value !== null && 'proof' in value),
)
for (const name of [...byName.keys()].sort()) field('scheme').append(new Option(name, name))

element('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  showWaiting()
  try {
    show(await diagnoseDelivery(await readForm()))
  } catch (error) {
    showProblem(error instanceof Error ? error.message : 'It could not be diagnosed.')
  }
  element('result').focus()
})
element('form').addEventListener('reset', () => {
  field('secret').type = 'password'
  showVerdict(undefined, 'No delivery yet', '')
})
element('show').addEventListener('change', () => {
  field('secret').type = field('show').checked ? 'text' : 'password'
})

async function readForm() {
  const now = field('now').value.trim()
  const others = field('others')
    .value.split('\n')
    .filter((line) => line !== '')
  const fluxoraFirst = [schemes.fluxora, ...[...byName.values()].filter((scheme) => scheme !== schemes.fluxora)]
  return {
    scheme: byName.get(field('scheme').value),
    schemes: fluxoraFirst,
    secrets: { secret: field('secret').value, id: 'the secret' },
    otherSecrets: others.map((secret, at) => ({ secret, id: `other secret ${at + 1}` })),
    headers: readHeaders(field('headers').value),
    body: await readBody(),
    url: field('url').value.trim() || undefined,
    now: now === '' ? undefined : Number(now),
  }
}

/** @param {string} text @returns {[string, string][]} */
function readHeaders(text) {
  return text.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim()
    return colon > 0 && !/\s/.test(name) ? [/** @type {[string, string]} */ ([name, line.slice(colon + 1).trim()])] : []
  })
}

/** The chosen file's bytes, or the text. */
async function readBody() {
  const [file] = field('file').files ?? []
  return file ? new Uint8Array(await file.arrayBuffer()) : new TextEncoder().encode(field('body').value)
}

function showWaiting() {
  showVerdict(undefined, 'Looking for the cause…', '')
}

/** @param {string} message */
function showProblem(message) {
  showVerdict(false, 'This cannot be diagnosed', message)
}

/** @param {import('@fluxora/verify/diagnose').Diagnosis} diagnosis */
function show({ verdict, findings, excluded }) {
  showVerdict(verdict.ok, verdict.ok ? 'Genuine' : `Refused: ${verdict.code}`, verdict.message)
  element('findings').replaceChildren(...findings.map(itemOf))
  const { transformations, secrets, schemes: tried, hashedBytes, complete } = excluded
  if (!verdict.ok) {
    const end = complete ? '' : ' The search was ended before everything was tried.'
    element('tried').textContent =
      `Tried: ${[count(transformations, 'change'), count(secrets, 'secret'), count(tried, 'scheme')].join(', ')}; ${hashedBytes.toLocaleString('en')} bytes hashed.${end}`
  }
}

/** @param {number} number @param {string} noun */
function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** @param {boolean | undefined} ok @param {string} title @param {string} message */
function showVerdict(ok, title, message) {
  element('result').dataset.ok = String(ok)
  element('verdict').textContent = title
  element('message').textContent = message
  element('findings').replaceChildren()
  element('tried').textContent = ''
}

/** @param {import('@fluxora/verify/diagnose').Finding} finding */
function itemOf({ code, certainty, message, fix, secretId }) {
  const item = document.createElement('li')
  item.dataset.code = code
  const mark = textElement('span', certainty)
  mark.className = `certainty ${certainty}`
  const about = secretId === undefined ? '' : ` (${secretId})`
  item.append(mark, ' ', textElement('strong', code), about, textElement('div', message), textElement('div', fix))
  return item
}

/** @param {string} name @param {string} text */
function textElement(name, text) {
  const made = document.createElement(name)
  made.textContent = text
  return made
}
