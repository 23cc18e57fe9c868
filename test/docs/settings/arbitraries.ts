import { createWebhookRoute } from '@fluxora/verify/fetch'
import { fakeClock } from '@fluxora/verify/testing'
import { finished } from '../runner.ts'

const clock = fakeClock()
const secret = 'topsecret'
const makeApp = () => createWebhookRoute({ secrets: secret, now: clock.now }, () => {})
//// block

expect(await finished()).toBe(2)
