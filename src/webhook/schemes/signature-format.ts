// How a signature is written in its header: one value, a `k=v` list, or a list of versioned values.
// Each format is a value of its own, so that a bundle holds only those that its schemes use. The library's own are built here as they are.
// A user's pass through define-format.ts, which checks them first.

import { utf8 } from '../../shared/utf8.ts'
import type { KeyMaterial, SignatureLength } from '../proof/key-material.ts'
import type { MacEncoding } from '../proof/mac-encoding.ts'

/** How many candidate signatures are read from one header. The rest is ignored. */
export const MAX_CANDIDATES = 16

/** What a signature header holds: decoded signatures, and the timestamp if it travels inside the header. */
export interface ReadSignature {
  readonly candidates: readonly Uint8Array[]
  /** Those that only a public key can check, where one header carries both kinds. Otherwise `candidates` are of the scheme's one kind. */
  readonly publicCandidates?: readonly Uint8Array[]
  readonly timestamp?: string
}

/** A way of writing signatures. `read` returns undefined for a text in another form. */
export interface SignatureFormat {
  /** Whether the timestamp travels inside the signature header. */
  readonly carriesTimestamp: boolean
  /** Whether one header can hold several signatures, as when a sender rotates its secret. */
  readonly carriesMany: boolean
  /** How a signature is written, for the message about one that is not: `sha256=<hex>`, `t=<seconds>,v1=<hex>`. */
  readonly form?: string
  /** `length` is how long the scheme's signatures are; 32 bytes by default. */
  read(header: string, length?: SignatureLength): ReadSignature | undefined
  /** Writes the header's value. `timestamp` is the text of the timestamp, and `kinds` says which kind of key made each signature. */
  write(macs: readonly Uint8Array[], timestamp: string, kinds?: readonly KeyMaterial['kind'][]): string
}

/** What `singleSignature` takes. */
export interface SingleSignatureForm {
  readonly encoding: MacEncoding
  /** What comes before the MAC; nothing by default. */
  readonly prefix?: string | undefined
  /** Whether white space around the signature is ignored; false by default. */
  readonly trim?: boolean | undefined
}

/** What `fieldSignature` takes: the encoding, and the names of two fields. */
export interface FieldSignatureForm {
  readonly encoding: MacEncoding
  /** What stands between the fields: a comma by default, or a semicolon. */
  readonly separator?: ',' | ';' | undefined
  /** The name of the field with the timestamp: `t`. */
  readonly timestamp: string
  /** The name of the fields with the signatures: `v1`. */
  readonly signature: string
}

/** What `versionedSignature` takes. */
export interface VersionedSignatureForm {
  readonly encoding: MacEncoding
  /** What comes before the comma: `v1`. */
  readonly version: string
  /** What stands between the version and its signature; a comma by default. */
  readonly joint?: ',' | '=' | undefined
  /** What stands between the signatures; a space by default. */
  readonly separator?: ' ' | ',' | undefined
}

/** One signature and nothing else. */
export function buildSingleSignature(form: SingleSignatureForm): SignatureFormat {
  const { encoding, prefix = '', trim = false } = form
  return Object.freeze({
    form: prefix + describe(encoding),
    carriesTimestamp: false,
    carriesMany: false,
    read(header: string, length?: SignatureLength): ReadSignature | undefined {
      const text = trim ? header.trim() : header
      if (!text.startsWith(prefix)) return undefined
      const mac = encoding.decode(text.slice(prefix.length), length)
      return mac && { candidates: [mac] }
    },
    write: ([mac]: readonly Uint8Array[]): string => prefix + encoding.encode(mac as Uint8Array),
  })
}

/** A comma-separated list of fields. */
export function buildFieldSignature(form: FieldSignatureForm): SignatureFormat {
  const { encoding, separator = ',' } = form
  const timestampField = `${form.timestamp}=`
  const signatureField = `${form.signature}=`
  return Object.freeze({
    form: `${timestampField}<seconds>${separator}${signatureField}${describe(encoding)}`,
    carriesTimestamp: true,
    carriesMany: true,
    read(header: string, length?: SignatureLength): ReadSignature | undefined {
      const list = separator === ',' ? dropSpaces(header) : unlessJoined(header)
      if (list === undefined) return undefined
      const found = new Candidates(encoding, length)
      let timestamp: string | undefined
      for (const field of split(list, separator)) {
        if (field === '') return undefined
        if (field.startsWith(timestampField)) {
          if (timestamp !== undefined) return undefined
          timestamp = field.slice(timestampField.length)
        } else if (field.startsWith(signatureField)) found.add(field.slice(signatureField.length))
      }
      if (!timestamp || found.macs.length === 0) return undefined
      return { candidates: found.macs, timestamp }
    },
    write: (macs: readonly Uint8Array[], timestamp: string): string =>
      [timestampField + timestamp, ...macs.map((mac) => signatureField + encoding.encode(mac))].join(separator),
  })
}

/** A list of versioned signatures, `v1,<mac> v1,<mac>`, or with other separators. */
export function buildVersionedSignature(form: VersionedSignatureForm): SignatureFormat {
  const { encoding, joint = ',', separator = ' ' } = form
  const version = form.version + joint
  return Object.freeze({
    form: version + describe(encoding),
    carriesTimestamp: false,
    carriesMany: true,
    read(header: string, length?: SignatureLength): ReadSignature | undefined {
      const found = new Candidates(encoding, length)
      for (const entry of split(header, separator)) {
        // With a comma at its end or a space before it, it is a header that was sent twice and joined by its transport.
        if (entry === '' || entry.endsWith(',') || entry.startsWith(` ${version}`)) return undefined
        if (entry.startsWith(version)) found.add(entry.slice(version.length))
      }
      return found.macs.length > 0 ? { candidates: found.macs } : undefined
    },
    write: (macs: readonly Uint8Array[]): string => macs.map((mac) => version + encoding.encode(mac)).join(separator),
  })
}

/** The secret itself, as text. */
export function buildTokenFormat({ prefix = '' }: { readonly prefix?: string } = {}): SignatureFormat {
  return Object.freeze({
    form: `${prefix}<token>`,
    carriesTimestamp: false,
    carriesMany: false,
    read(header: string, { most }: SignatureLength = { least: 1, most: 0 }): ReadSignature | undefined {
      if (!header.startsWith(prefix) || header.length - prefix.length > most) return undefined
      const bytes = utf8(header.slice(prefix.length))
      return bytes && { candidates: [bytes] }
    },
    write: ([bytes]: readonly Uint8Array[]): string => prefix + new TextDecoder().decode(bytes),
  })
}

/** Collects the MACs of a list, up to a limit. Those that cannot be decoded are skipped but count. */
export class Candidates {
  readonly macs: Uint8Array[] = []
  #read = 0
  readonly #encoding: MacEncoding
  readonly #length: SignatureLength | undefined

  constructor(encoding: MacEncoding, length: SignatureLength | undefined) {
    this.#encoding = encoding
    this.#length = length
  }

  add(text: string): void {
    if (this.#read++ >= MAX_CANDIDATES) return
    const mac = this.#encoding.decode(text, this.#length)
    if (mac) this.macs.push(mac)
  }
}

function describe({ form = 'signature' }: MacEncoding): string {
  return `<${form}>`
}

/**
 * A list without the spaces and tabs between a comma and the field after it (RFC 9110 section 5.6.1); undefined if there are others. What
 * follows must look like a field, with a name and an equals sign: otherwise it may be a second header that a transport joined to the first.
 */
function dropSpaces(list: string): string | undefined {
  if (!list.includes(' ') && !list.includes('\t')) return list
  const tight = list.replace(/,[ \t]+(?=[^,= \t]+=)/g, ',')
  return tight.includes(' ') ? undefined : tight
}

/** A list; undefined if a transport may have joined two of them (RFC 9110 section 5.3). */
function unlessJoined(list: string): string | undefined {
  return list.includes(', ') ? undefined : list
}

/** Like `text.split(separator)`, one piece at a time, so that a hostile list is never held as an array. */
export function* split(text: string, separator: string): Generator<string> {
  let from = 0
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
    yield text.slice(from, at)
    from = at + 1
  }
  yield text.slice(from)
}
