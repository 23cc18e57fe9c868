import { createWebhookRoute } from '@fluxora/verify/fetch'
import { finished } from '../runner.ts'
import { credit, credited } from '../support.ts'

//// block

expect(await finished()).toBe(1)
expect(credited).toContainEqual({ amount: '1.50' })
