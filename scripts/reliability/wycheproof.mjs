// Project Wycheproof's cases (https://github.com/C2SP/wycheproof, testvectors_v1) through the built package, on both engines:
// `npm run wycheproof -- FILE...`. Each public key is configured in every form that the file has it in. Prints how many cases of each
// expected result were taken and refused. Fails if a case that the project calls invalid is taken, if a valid one is refused, or if the
// engines or two forms of a key differ.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createAsyncWebhookVerifier } from '@fluxora/verify/fetch'
import { defineScheme, hex, singleSignature } from '@fluxora/verify/schemes'
import { createWebhookVerifier } from '@fluxora/verify/webhook'

/** The kinds of cases that the library has an algorithm for, by the type and the hash of a group. */
const ALGORITHMS = {
  'EddsaVerify of edwards25519': 'ed25519',
  'EcdsaVerify of secp256r1 SHA-256': 'ecdsa-p256-sha256',
  'RsassaPkcs1Verify of SHA-256': 'rsa-sha256',
}
const RESULTS = ['valid', 'acceptable', 'invalid']
const files = process.argv.slice(2)
let faults = 0

if (files.length === 0) {
  console.error('usage: npm run wycheproof -- FILE...')
  process.exitCode = 2
}
for (const file of files) await run(file)
if (faults > 0) process.exitCode = 1

async function run(file) {
  const { testGroups } = JSON.parse(readFileSync(file, 'utf8'))
  const counts = Object.fromEntries(RESULTS.map((result) => [result, { taken: 0, refused: 0 }]))
  const forms = new Set()
  let [cases, unread] = [0, 0]
  for (const group of testGroups) {
    const algorithm = ALGORITHMS[kindOf(group)]
    if (!algorithm) {
      fault(`${basename(file)}: there is no algorithm for ${kindOf(group)}`)
      return
    }
    const verifiers = verifiersOf(algorithm, group)
    for (const { name } of verifiers) forms.add(name)
    if (verifiers.length === 0) unread++
    for (const test of group.tests) {
      cases++
      counts[test.result][(await isTaken(file, verifiers, test)) ? 'taken' : 'refused']++
    }
  }
  console.log(
    `${basename(file)}: ${cases} cases, keys as ${[...forms].join(', ')}; groups whose key is refused: ${unread}`,
  )
  for (const [result, { taken, refused }] of Object.entries(counts)) {
    if (taken + refused > 0) console.log(`  ${result.padEnd(10)} ${taken} taken, ${refused} refused`)
  }
}

function kindOf({ type, sha, publicKey }) {
  return `${type} of ${[publicKey.curve, sha].filter((part) => part !== undefined).join(' ')}`
}

/** Both engines, for each form of the key. None if the key is refused, which all forms must agree on. */
function verifiersOf(algorithm, group) {
  const scheme = defineScheme({
    name: 'wycheproof',
    headers: { signature: 'signature' },
    signed: ['body'],
    signature: singleSignature({ encoding: hex }),
    algorithm,
  })
  const forms = Object.entries(formsOf(group)).filter(([, key]) => key !== undefined)
  const read = forms.flatMap(([name, secrets]) => verifierOf(name, { scheme, secrets }))
  if (read.length !== 0 && read.length !== forms.length) fault('some forms of a key are taken, and others refused')
  return read
}

function formsOf({ publicKeyPem, publicKeyDer, publicKeyJwk, keyJwk, publicKey }) {
  const jwk = publicKeyJwk ?? keyJwk
  return {
    PEM: publicKeyPem,
    DER: bytesOf(publicKeyDer),
    'base64 of DER': Buffer.from(publicKeyDer, 'hex').toString('base64'),
    JWK: jwk,
    'JWK as text': jwk && JSON.stringify(jwk),
    'raw hexadecimal': publicKey.pk ?? publicKey.uncompressed,
    'raw bytes': bytesOf(publicKey.pk ?? publicKey.uncompressed),
  }
}

function bytesOf(text) {
  return text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'hex'))
}

function verifierOf(name, options) {
  try {
    return [{ name, node: createWebhookVerifier(options), web: createAsyncWebhookVerifier(options) }]
  } catch (error) {
    if (error.code !== 'invalid_secret') throw error
    return []
  }
}

/** Whether one case is taken; a fault if the engines or the forms differ, or if it should not be as it is. */
async function isTaken(file, verifiers, { tcId, comment, result, msg, sig }) {
  const input = { headers: { signature: sig }, body: bytesOf(msg) }
  const codes = []
  for (const { node, web } of verifiers) codes.push(node.verify(input).code, (await web.verify(input)).code)
  const found = [...new Set(codes)]
  const taken = found.includes('ok')
  const said = `${basename(file)}, case ${tcId} (${comment}), ${result}: ${found.join(' and ') || 'its key is refused'}`
  if (isFault(found, result, taken)) fault(said)
  return taken
}

function isFault(found, result, taken) {
  if (found.length > 1) return true
  return result === 'invalid' ? taken : result === 'valid' && !taken
}

function fault(message) {
  faults++
  console.log(`FAULT ${message}`)
}
