// How a signature is written in its header: one value, a `k=v` list, or a list of versioned values.
// Each format is a value of its own, so that a bundle holds only those that its schemes name. The library's own are built here as they
// stand; a user's pass through define-format.ts, which checks them first.

import type { MacEncoding } from '../proof/mac-encoding.ts'

/** At most this many candidate signatures are read from one header; what follows them is ignored. */
export const MAX_CANDIDATES = 16

/** What a signature header was found to hold: decoded MACs, and the timestamp where it travels inside the header. */
export interface ReadSignature {
  readonly candidates: readonly Uint8Array[]
  readonly timestamp?: string
}

/** A way of writing signatures. `read` gives undefined for a text that is not of the form. */
export interface SignatureFormat {
  /** Whether the timestamp travels inside the signature header. */
  readonly carriesTimestamp: boolean
  /** Whether one header can hold several signatures, as when a sender rotates its secret. */
  readonly carriesMany: boolean
  /** How a signature is written, for the message about one that is not so: `sha256=<hex>`, `t=<seconds>,v1=<hex>`. */
  readonly form?: string
  read(header: string): ReadSignature | undefined
  write(macs: readonly Uint8Array[], timestamp: string): string
}

/** What `singleSignature` is made of. */
export interface SingleSignatureForm {
  readonly encoding: MacEncoding
  /** What stands before the MAC; nothing by default. */
  readonly prefix?: string | undefined
  /** Whether blanks around the signature are ignored; they are not by default. */
  readonly trim?: boolean | undefined
}

/** What `fieldSignature` is made of: the encoding, and the names of two fields. */
export interface FieldSignatureForm {
  readonly encoding: MacEncoding
  readonly timestamp: string
  readonly signature: string
}

/** What `versionedSignature` is made of. */
export interface VersionedSignatureForm {
  readonly encoding: MacEncoding
  readonly version: string
}

/** One signature and nothing else. */
export function buildSingleSignature(form: SingleSignatureForm): SignatureFormat {
  const { encoding, prefix = '', trim = false } = form
  return Object.freeze({
    form: prefix + describe(encoding),
    carriesTimestamp: false,
    carriesMany: false,
    read(header: string): ReadSignature | undefined {
      const text = trim ? header.trim() : header
      const mac = text.startsWith(prefix) ? encoding.decode(text.slice(prefix.length)) : undefined
      return mac && { candidates: [mac] }
    },
    write: ([mac]: readonly Uint8Array[]): string => prefix + encoding.encode(mac as Uint8Array),
  })
}

/** A comma-separated list of fields. */
export function buildFieldSignature(form: FieldSignatureForm): SignatureFormat {
  const { encoding } = form
  const [time, sign] = [`${form.timestamp}=`, `${form.signature}=`]
  return Object.freeze({
    form: `${time}<seconds>,${sign}${describe(encoding)}`,
    carriesTimestamp: true,
    carriesMany: true,
    read(header: string): ReadSignature | undefined {
      const list = dropBlanks(header)
      if (list === undefined) return undefined
      const candidates: Uint8Array[] = []
      let read = 0
      let timestamp: string | undefined
      for (const field of split(list, ',')) {
        if (field.startsWith(time)) {
          if (timestamp !== undefined) return undefined
          timestamp = field.slice(time.length)
        } else if (field.startsWith(sign)) {
          if (read++ < MAX_CANDIDATES) keep(candidates, encoding.decode(field.slice(sign.length)))
        } else if (field === '') return undefined
      }
      return timestamp && candidates.length > 0 ? { candidates, timestamp } : undefined
    },
    write: (macs: readonly Uint8Array[], timestamp: string): string =>
      [time + timestamp, ...macs.map((mac) => sign + encoding.encode(mac))].join(','),
  })
}

/** A space-separated list of versioned signatures. */
export function buildVersionedSignature(form: VersionedSignatureForm): SignatureFormat {
  const { encoding } = form
  const version = `${form.version},`
  return Object.freeze({
    form: version + describe(encoding),
    carriesTimestamp: false,
    carriesMany: true,
    read(header: string): ReadSignature | undefined {
      const candidates: Uint8Array[] = []
      let read = 0
      for (const entry of split(header, ' ')) {
        // A comma at the end is what a header sent twice and joined by its transport looks like.
        if (entry === '' || entry.endsWith(',')) return undefined
        if (entry.startsWith(version) && read++ < MAX_CANDIDATES) {
          keep(candidates, encoding.decode(entry.slice(version.length)))
        }
      }
      return candidates.length > 0 ? { candidates } : undefined
    },
    write: (macs: readonly Uint8Array[]): string => macs.map((mac) => version + encoding.encode(mac)).join(' '),
  })
}

function describe({ form = 'signature' }: MacEncoding): string {
  return `<${form}>`
}

/**
 * A list without the blanks between a comma and the field that follows it (RFC 9110 section 5.6.1); undefined where there are others. What
 * follows without a name is no field: a second header, joined to the first by its transport, may look so.
 */
function dropBlanks(list: string): string | undefined {
  if (!list.includes(' ') && !list.includes('\t')) return list
  const tight = list.replace(/,[ \t]+(?=[^,= \t]+=)/g, ',')
  return tight.includes(' ') ? undefined : tight
}

function keep(candidates: Uint8Array[], mac: Uint8Array | undefined): void {
  if (mac) candidates.push(mac)
}

/** Like `text.split(separator)`, a piece at a time, so that a hostile list is never held as an array. */
function* split(text: string, separator: string): Generator<string> {
  let from = 0
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
    yield text.slice(from, at)
    from = at + 1
  }
  yield text.slice(from)
}
