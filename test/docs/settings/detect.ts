import { expect } from 'vitest'

const request = { headers: { 'X-Hub-Signature-256': 'sha256=00', 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': 'd1' } }
//// block

expect(candidates).toEqual(['github', 'meta'])
