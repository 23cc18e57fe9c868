// Describing how a signature is written. What makes no sense throws here, before any delivery is judged by it.

import { demandKnownNames, invalidOption } from '../../shared/webhook-error.ts'
import type { MacEncoding } from '../proof/mac-encoding.ts'
import {
  buildFieldSignature,
  buildSingleSignature,
  buildTokenFormat,
  buildVersionedSignature,
  type FieldSignatureForm,
  type SignatureFormat,
  type SingleSignatureForm,
  type VersionedSignatureForm,
} from './signature-format.ts'

/**
 * One signature and nothing else: `<mac>` or `sha256=<mac>`. With `trim`, white space around it is ignored.
 *
 * @param form How the MAC is encoded, and what comes before it.
 * @returns A format for the `signature` of `defineScheme`.
 * @throws {WebhookError} `invalid_option` if the form makes no sense, or has an unknown member.
 *
 * @example
 * ```ts
 * singleSignature({ encoding: hex, prefix: 'sha256=' }) // GitHub
 * ```
 */
export function singleSignature(form: SingleSignatureForm): SignatureFormat {
  const { encoding, prefix, trim } = readForm(form, ['encoding', 'prefix', 'trim'])
  if (prefix !== undefined && !isText(prefix)) throw invalidOption('prefix', 'text')
  if (trim !== undefined && typeof trim !== 'boolean') throw invalidOption('trim', 'true or false')
  return buildSingleSignature({ encoding, prefix, trim })
}

/**
 * A comma-separated list of fields, `t=<timestamp>,v1=<mac>`, in any order. Fields with other names are skipped, so a sender may add
 * versions. The timestamp must appear exactly once. Spaces are allowed only between a comma and the field after it.
 *
 * @param form How the MAC is encoded, and the names of the two fields.
 * @returns A format for the `signature` of `defineScheme`.
 * @throws {WebhookError} `invalid_option` if the form makes no sense, or has an unknown member.
 *
 * @example
 * ```ts
 * fieldSignature({ encoding: hex, timestamp: 't', signature: 'v1' }) // Stripe
 * ```
 */
export function fieldSignature(form: FieldSignatureForm): SignatureFormat {
  const { encoding, timestamp, signature, separator } = readForm(form, [
    'encoding',
    'timestamp',
    'signature',
    'separator',
  ])
  readSeparator('separator', separator, [',', ';'])
  for (const [option, name] of Object.entries({ timestamp, signature })) {
    if (!isText(name) || !/^[^\s,;=]+$/.test(name))
      throw invalidOption(option, "a field's name, without blanks, commas, semicolons or =")
  }
  if (timestamp === signature) throw invalidOption('signature', "another field than the timestamp's")
  return buildFieldSignature({ encoding, timestamp, signature, separator })
}

/**
 * A space-separated list of versioned signatures, `v1,<mac> v1,<mac>`. Other versions are skipped.
 *
 * @param form How the MAC is encoded, and the version.
 * @returns A format for the `signature` of `defineScheme`.
 * @throws {WebhookError} `invalid_option` if the form makes no sense, or has an unknown member.
 *
 * @example
 * ```ts
 * versionedSignature({ encoding: base64, version: 'v1' }) // Standard Webhooks
 * ```
 */
export function versionedSignature(form: VersionedSignatureForm): SignatureFormat {
  const { encoding, version, joint, separator } = readForm(form, ['encoding', 'version', 'joint', 'separator'])
  readSeparator('joint', joint, [',', '='])
  readSeparator('separator', separator, [' ', ','])
  if (separator === ',' && joint !== '=') throw invalidOption('joint', "'=' where the separator is a comma")
  if (!isText(version) || !/^[^\s,=]+$/.test(version))
    throw invalidOption('version', 'text without blanks, commas or =')
  return buildVersionedSignature({ encoding, version, joint, separator })
}

/**
 * The secret itself, as text, after a prefix or none. For `algorithm: 'token'`.
 *
 * @param form What comes before the token; nothing by default.
 * @returns A format for the `signature` of `defineScheme`.
 * @throws {WebhookError} `invalid_option` if the form makes no sense, or has an unknown member.
 *
 * @example
 * ```ts
 * tokenFormat() // GitLab's X-Gitlab-Token
 * ```
 */
export function tokenFormat(form: { readonly prefix?: string | undefined } = {}): SignatureFormat {
  if (typeof form !== 'object' || form === null) throw invalidOption('form', 'an object')
  demandKnownNames(form, ['prefix'])
  const { prefix = '' } = form
  if (!isText(prefix)) throw invalidOption('prefix', 'text')
  return buildTokenFormat({ prefix })
}

function readSeparator(option: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.some((choice) => choice === value)) return
  throw invalidOption(option, choices.map((choice) => `'${choice}'`).join(' or '))
}

function readForm<Form extends { readonly encoding: MacEncoding }>(form: Form, names: readonly string[]): Form {
  if (typeof form !== 'object' || form === null) throw invalidOption('form', 'an object')
  demandKnownNames(form, names)
  const { encoding } = form
  if (typeof encoding?.encode !== 'function' || typeof encoding.decode !== 'function') {
    throw invalidOption(
      'encoding',
      'hex, hexAnyCase or base64, the value and not its name, or an object with encode and decode',
    )
  }
  demandKnownNames(encoding, ['encode', 'decode', 'form'], 'encoding')
  if (encoding.form !== undefined && !isText(encoding.form)) throw invalidOption('encoding.form', 'text')
  return form
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}
