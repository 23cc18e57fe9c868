import { expect } from 'vitest'

const handle = (): void => {}
//// block

expect(response.status).toBe(200)
