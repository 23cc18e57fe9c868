import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AddressGuardOptions, addressGuard, type ResolvedAddress } from '../../src/sender/address/guard.ts'
import { isWebhookError } from '../../src/shared/webhook-error.ts'

const guard = addressGuard()

function reasonOf(result: { ok: boolean }): unknown {
  return result.ok ? 'ok' : (result as { reason?: unknown }).reason
}

/** A guard whose resolver knows these addresses. */
function resolvingTo(addresses: readonly string[], options: AddressGuardOptions = {}) {
  const resolve = async (): Promise<ResolvedAddress[]> =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  return addressGuard({ resolve, ...options })
}

describe('a URL', () => {
  it.each([
    'https://example.com/hook',
    'https://example.com:8443/hook?a=b#c',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'HTTPS://EXAMPLE.COM',
    'https://b\u00fccher.example/',
  ])('%s is fine', (url) => {
    expect(guard.checkUrl(url).ok).toBe(true)
  })

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'example.com',
    '',
    'https://',
    'https://me@example.com/',
    'https://me:secret@example.com/',
    'https://:secret@example.com/',
    'https://example.com:22/',
    'https://example.com:6000/',
    'https://example.com:0/',
    'https://example.com:65536/',
    // The system's resolver fails on such names, and a failure of the resolver would not count as an attempt.
    `https://${'a.'.repeat(130)}example/`,
    `https://${'a'.repeat(64)}.example/`,
    'https://a..example/',
    'https://.example/',
  ])('%j is refused', (url) => {
    const result = guard.checkUrl(url)
    expect(reasonOf(result)).toBe('url_refused')
    expect(JSON.stringify(result)).not.toContain('secret')
  })

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.0.0.1./',
    'https://\uff11\uff12\uff17.0.0.1/',
    'https://127\u30020\u30020\u30021/',
    'https://0/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fe80::1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.100.100.200/',
    'https://168.63.129.16/',
  ])('%s is refused for its address', (url) => {
    expect(reasonOf(guard.checkUrl(url))).toBe('address_refused')
  })

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.webUrl(), fc.string({ unit: 'binary' })), (value) => {
        expect(typeof guard.checkUrl(value as string).ok).toBe('boolean')
      }),
    )
  })

  it('may be http where that is allowed, and nothing else', () => {
    const lax = addressGuard({ allowHttp: true })
    expect(lax.checkUrl('http://example.com/').ok).toBe(true)
    expect(lax.checkUrl('ftp://example.com/').ok).toBe(false)
  })

  it('must be on one of the ports where they are listed; a bad port stays bad', () => {
    const narrow = addressGuard({ ports: [443, 8443, 22] })
    const ports = ['', ':443', ':8443', ':444', ':22']
    expect(ports.map((port) => narrow.checkUrl(`https://example.com${port}/`).ok)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('may be on an address that is allowed by its block, in every spelling', () => {
    const inside = addressGuard({ allow: ['10.1.0.0/16', 'fd00::/8', '127.0.0.1'] })
    const urls = [
      '10.1.2.3',
      '10.2.0.1',
      '[fd00::1]',
      '[fe80::1]',
      '127.1',
      '127.0.0.2',
      '[::ffff:10.1.0.1]',
      '[::ffff:10.2.0.1]',
    ]
    const allowed = urls.map((host) => inside.checkUrl(`https://${host}/`).ok)
    expect(allowed).toEqual([true, false, true, false, true, false, true, false])
    expect(inside.checkUrl('https://10.1.2.3:22/').ok).toBe(false)
  })
})

describe('a name', () => {
  it('is resolved to all its addresses', async () => {
    const addresses = ['8.8.8.8', '2606:4700::1111']
    expect(await resolvingTo(addresses).resolve('example.com')).toEqual({
      ok: true,
      addresses: [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ],
    })
  })

  it.each([
    [['127.0.0.1']],
    [['8.8.8.8', '10.0.0.1']],
    [['8.8.8.8', '::1']],
    [['::ffff:169.254.169.254']],
    [['not an address']],
    [['fe80::1%eth0']],
  ])('is refused if one of its addresses is: %j', async (addresses) => {
    expect(reasonOf(await resolvingTo(addresses).resolve('example.com'))).toBe('address_refused')
  })

  it.each(['localhost', 'localhost.', 'intranet', 'db.local', 'example.com.'])(
    '%s is refused before it is looked up if no block is allowed',
    async (name) => {
      let lookups = 0
      const resolve = async () => {
        lookups++
        throw Object.assign(new Error('x'), { code: 'ENOTFOUND' })
      }
      expect(reasonOf(addressGuard({ resolve }).checkUrl(`https://${name}/`))).toBe('address_refused')
      expect(reasonOf(await addressGuard({ resolve }).resolve(name))).toBe('address_refused')
      expect(lookups).toBe(0)
      const inside = addressGuard({ resolve, allow: ['10.0.0.0/8'] })
      expect(inside.checkUrl(`https://${name}/`).ok).toBe(true)
      expect(reasonOf(await inside.resolve(name))).toBe('dns_error')
    },
  )

  it.each([
    'localhost',
    'intranet',
    'db.local',
    'api.internal',
    'nas.lan',
    'x.home.arpa',
    'example.com.',
    'a.localhost',
  ])('%s is refused even if its address is public, unless the address is allowed by its block', async (name) => {
    expect(reasonOf(await resolvingTo(['8.8.8.8']).resolve(name))).toBe('address_refused')
    expect(reasonOf(await resolvingTo(['10.0.0.1'], { allow: ['10.0.0.0/8'] }).resolve(name))).toBe('ok')
    expect(reasonOf(await resolvingTo(['8.8.8.8', '10.0.0.1'], { allow: ['10.0.0.0/8'] }).resolve(name))).toBe(
      'address_refused',
    )
  })

  it('is given back as it was judged, whatever becomes of the list of the resolver', async () => {
    let reads = 0
    const changing = {
      get address() {
        return reads++ === 0 ? '8.8.8.8' : '127.0.0.1'
      },
      family: 6 as const,
    }
    const result = await addressGuard({ resolve: async () => [changing] }).resolve('example.com')
    expect(result).toEqual({ ok: true, addresses: [{ address: '8.8.8.8', family: 4 }] })
  })

  it('whose address is not one is refused in a sentence that says so', async () => {
    const result = await resolvingTo(['127.1']).resolve('example.com')
    expect(result).toMatchObject({ message: 'The name resolves to something that is not an IP address.' })
  })

  it.each(['ENOTFOUND', 'ENODATA'])('without an address (%s) is a DNS error', async (code) => {
    const resolve = () => Promise.reject(Object.assign(new Error('x'), { code }))
    expect(reasonOf(await addressGuard({ resolve }).resolve('nowhere.example'))).toBe('dns_error')
  })

  it('that resolves to an empty list is a DNS error', async () => {
    expect(reasonOf(await resolvingTo([]).resolve('nowhere.example'))).toBe('dns_error')
  })

  it.each([
    ['fails', () => Promise.reject(Object.assign(new Error('x'), { code: 'EAI_AGAIN' }))],
    ['rejects with nothing', () => Promise.reject(undefined)],
    [
      'throws',
      () => {
        throw new Error('x')
      },
    ],
    ['gives no list', async () => null as never],
    ['gives a text', async () => '8.8.8.8' as never],
    ['gives a list of texts', async () => ['8.8.8.8'] as never],
    ['gives a list with nothing in it', async () => [null] as never],
    ['gives an address that is a number', async () => [{ address: 134744072, family: 4 }] as never],
  ])('is our own fault if the resolver %s', async (_, resolve) => {
    expect(reasonOf(await addressGuard({ resolve }).resolve('example.com'))).toBe('own_fault')
  })

  it('that is an address is judged as one, not as a local name', async () => {
    const results = await Promise.all(['2606:4700::1111', '8.8.8.8', '::1', '10.0.0.1'].map(guard.resolve))
    expect(results.map(({ ok }) => ok)).toEqual([true, true, false, false])
    expect(results[2]).toMatchObject({ message: 'The address is in ::1/128 (loopback).' })
  })

  it('is looked up by the system by default', async () => {
    expect(reasonOf(await guard.resolve('localhost'))).toBe('address_refused')
    expect(reasonOf(await addressGuard({ allow: ['127.0.0.0/8', '::1'] }).resolve('localhost'))).toBe('ok')
  })
})

describe('the other end of a socket', () => {
  it('is judged by the same rule', () => {
    const addresses = ['8.8.8.8', '127.0.0.1', '::ffff:8.8.8.8', '::ffff:127.0.0.1', undefined, '', null, 8]
    expect(addresses.map((address) => guard.allowsAddress(address as string))).toEqual([
      true,
      false,
      true,
      ...Array(5).fill(false),
    ])
  })
})

describe('addressGuard', () => {
  it('takes a block of IPv4-mapped addresses for the IPv4 block that it is', () => {
    const inside = addressGuard({ allow: ['::ffff:10.0.0.0/104', '::ffff:127.0.0.1'] })
    const hosts = ['10.9.9.9', '[::ffff:10.9.9.9]', '11.0.0.1', '127.0.0.1', '127.0.0.2', '192.168.0.1', '[::1]']
    const allowed = hosts.map((host) => inside.checkUrl(`https://${host}/`).ok)
    expect(allowed).toEqual([true, true, true, true, false, false, false])
  })

  it.each<[string, unknown, string]>([
    ['an unknown name', { alow: [] }, 'alow'],
    ['null', null, 'options'],
    ['a block that is a name', { allow: ['localhost'] }, 'allow'],
    ['a block with bits beyond its prefix', { allow: ['10.0.0.1/8'] }, 'allow'],
    ['a prefix that is too long', { allow: ['10.0.0.0/33'] }, 'allow'],
    ['a prefix with a leading zero', { allow: ['10.0.0.0/08'] }, 'allow'],
    ['two prefixes', { allow: ['10.0.0.0/8/8'] }, 'allow'],
    ['a block in place of a list', { allow: '10.0.0.0/8' }, 'allow'],
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point.
    ['a list of blocks with a hole', { allow: [, '10.0.0.0/8'] }, 'allow'],
    ['a text for a boolean', { allowHttp: 'yes' }, 'allowHttp'],
    ['no port', { ports: [] }, 'ports'],
    ['port 0', { ports: [0] }, 'ports'],
    ['port 65,536', { ports: [65_536] }, 'ports'],
    ['a port in text', { ports: ['443'] }, 'ports'],
    ['a resolver that is none', { resolve: 'dns' }, 'resolve'],
  ])('throws for %s', (_, options, option) => {
    let error: unknown
    try {
      addressGuard(options as AddressGuardOptions)
    } catch (thrown) {
      error = thrown
    }
    expect(isWebhookError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'invalid_option', option })
  })
})
