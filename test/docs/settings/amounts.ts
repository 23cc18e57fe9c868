import { expect } from 'vitest'

const request = { body: { depositAmount: '1.5', ratePerSecond: 1 } }
const answers: unknown[] = []
const reply = (status: number, body: unknown): void => void answers.push([status, body])
function handle(): void {
  //// block
}
handle()
expect(answers).toMatchObject([[400, { errors: [{ field: 'ratePerSecond', code: 'DECIMAL_INVALID_TYPE' }] }]])
