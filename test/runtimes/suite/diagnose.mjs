// ./diagnose: a sample of the corpus of broken deliveries gets the same findings on any host. It needs nothing but WebCrypto.

import { diagnoseDelivery } from '@fluxora/verify/diagnose'
import * as schemes from '@fluxora/verify/schemes'
import corpus from '../../vectors/diagnose.json' with { type: 'json' }
import { same, test } from './harness.mjs'

/** Every fifth: other causes and other senders in turn. */
const sample = corpus.cases.filter((_, at) => at % 5 === 0)

const schemeNamed = new Map(Object.entries(schemes))

for (const { cause, scheme, findings: due, body, bodyBase64, ...given } of sample) {
  test(`diagnose: ${scheme}, ${cause}`, async () => {
    const bytes = body ?? Uint8Array.from(atob(bodyBase64), (character) => character.charCodeAt(0))
    const { verdict, findings } = await diagnoseDelivery({ ...given, scheme: schemeNamed.get(scheme), body: bytes })
    same(verdict.ok, false)
    same(
      findings.slice(0, due.length).map(({ code, certainty }) => [code, certainty]),
      due.map(([code, certainty]) => [code, certainty]),
    )
  })
}
