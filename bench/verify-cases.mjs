// Each way to verify the same bytes, called as its documentation shows. A case takes the body and returns true or the parsed JSON; for a
// forged body it returns false or throws.

import { createWebhookSigner, createWebhookVerifier } from '@fluxora/verify'
import { fluxora, github, standardWebhooks, stripe } from '@fluxora/verify/schemes'
import { verify as octokitVerify } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { Webhook as SvixWebhook } from 'svix'
import { HAND, verifyByHand } from './by-hand.mjs'
import { headersOf, SECRET } from './payloads.mjs'

export const OURS = '@fluxora/verify (fluxora)'

const ID = 'msg_01HV3K9B2Q'
const client = new Stripe('sk_test_none')
const standard = new Webhook(SECRET)
const svix = new SvixWebhook(SECRET)
const schemes = { fluxora, stripe, standardWebhooks, github }
const verifiers = Object.fromEntries(
  Object.entries(schemes).map(([name, scheme]) => [name, createWebhookVerifier({ scheme, secrets: SECRET })]),
)

/** @returns {Record<string, { verify: (body: Buffer) => unknown, parses?: boolean }>} */
export function verifyCases(body) {
  const signed = Object.fromEntries(
    Object.entries(schemes).map(([name, scheme]) => {
      const signer = createWebhookSigner({ scheme, secrets: SECRET })
      return [name, headersOf(body, signer.sign({ body, deliveryId: ID, event: 'stream.updated' }))]
    }),
  )
  const ours = (scheme) => (bytes) => verifiers[scheme].verify({ headers: signed[scheme], body: bytes }).ok
  const oursParsed = (scheme) => (bytes) => {
    const verdict = verifiers[scheme].verify({ headers: signed[scheme], body: bytes })
    return verdict.ok && verdict.delivery.json()
  }
  return {
    [HAND]: {
      verify: (bytes) => verifyByHand(signed.fluxora, bytes),
    },
    [OURS]: { verify: ours('fluxora') },
    '@fluxora/verify (github)': { verify: ours('github') },
    '@octokit/webhooks-methods': {
      verify: (bytes) => octokitVerify(SECRET, bytes.toString(), signed.github['x-hub-signature-256']),
    },
    '@fluxora/verify (stripe)': { verify: ours('stripe') },
    '@fluxora/verify (stripe), parses': { verify: oursParsed('stripe'), parses: true },
    'stripe, parses': {
      verify: (bytes) => client.webhooks.constructEvent(bytes, signed.stripe['stripe-signature'], SECRET),
      parses: true,
    },
    '@fluxora/verify (standardWebhooks)': { verify: ours('standardWebhooks') },
    '@fluxora/verify (standardWebhooks), parses': { verify: oursParsed('standardWebhooks'), parses: true },
    'standardwebhooks, parses': {
      verify: (bytes) => standard.verify(bytes, signed.standardWebhooks),
      parses: true,
    },
    svix: {
      verify: (bytes) => {
        svix.verify(bytes, signed.standardWebhooks)
        return true // it throws for a forged body
      },
    },
  }
}
