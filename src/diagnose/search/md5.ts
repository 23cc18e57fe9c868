// HMAC by MD5, for senders of long ago. WebCrypto does not have it, so it is there only where Node's own library can be reached without an
// import, which would keep this room out of browsers.

interface NodeCrypto {
  createHmac(hash: string, key: Uint8Array): { update(data: Uint8Array): { digest(): Uint8Array } }
}

/** Undefined where there is no MD5. */
export function hmacMd5(key: Uint8Array, message: Uint8Array): Uint8Array | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => NodeCrypto | undefined } }
  try {
    return process?.getBuiltinModule?.('node:crypto')?.createHmac('md5', key).update(message).digest()
  } catch {
    return undefined // switched off, as in FIPS mode
  }
}
