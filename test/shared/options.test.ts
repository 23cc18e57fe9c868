import { describe, expect, it } from 'vitest'
import { rejectUnknownNames } from '../../src/shared/options.ts'

describe('rejectUnknownNames', () => {
  const toError = (name: string, message: string): Error => Object.assign(new Error(message), { at: name })
  const check = (options: unknown, place?: string) => () =>
    rejectUnknownNames(options, ['limit', 'now'], toError, place)

  it('lets known names pass, whatever their values, and what is inherited', () => {
    for (const options of [{}, { limit: undefined }, { limit: 1, now: null }, Object.create({ limits: 1 })]) {
      expect(check(options)).not.toThrow()
    }
  })

  it('throws what the room makes of the first unknown name', () => {
    expect(check({ limit: 1, limits: 2, nows: 3 })).toThrow(
      expect.objectContaining({ at: 'limits', message: 'limits is not an option here. The options are limit, now.' }),
    )
    expect(check({ toString: 1 })).toThrow(expect.objectContaining({ at: 'toString' }))
    expect(check({ limits: undefined })).toThrow(expect.objectContaining({ at: 'limits' }))
  })

  it('names the place in the message only', () => {
    expect(check({ limits: 1 }, 'secrets[1]')).toThrow(
      expect.objectContaining({
        at: 'limits',
        message: 'secrets[1].limits is not an option here. The options are limit, now.',
      }),
    )
  })

  it('leaves anything that is not an object to other checks', () => {
    for (const options of [null, undefined, 'limits', 5, true, 1n, () => 1]) expect(check(options)).not.toThrow()
  })
})
