/**
 * Every scheme that the library knows, and what you need to describe another.
 *
 * @module
 */

export type { SignatureLength, WebhookAlgorithm } from '../proof/key-material.ts'
export { base64, hex, hexAnyCase, type MacEncoding } from '../proof/mac-encoding.ts'
export type { SecretFormat } from '../secrets.ts'
export { defineScheme } from './define.ts'
export { fieldSignature, singleSignature, tokenFormat, versionedSignature } from './define-format.ts'
export { detectScheme } from './detect.ts'
export { dropboxHandshake } from './handshakes/dropbox.ts'
export type { HandshakeAnswer, MacOfText, PossibleAnswer, WebhookHandshake } from './handshakes/handshake.ts'
export { type MetaHandshakeOptions, metaHandshake } from './handshakes/meta.ts'
export { slackHandshake } from './handshakes/slack.ts'
export { twitchHandshake } from './handshakes/twitch.ts'
export { xeroHandshake } from './handshakes/xero.ts'
export { zoomHandshake } from './handshakes/zoom.ts'
export type { DedupeBy, SchemeDefinition, TimestampFormat, WebhookScheme } from './scheme.ts'
export * from './senders.ts'
export type {
  FieldSignatureForm,
  ReadSignature,
  SignatureFormat,
  SingleSignatureForm,
  VersionedSignatureForm,
} from './signature-format.ts'
export type {
  SignedBodyField,
  SignedBodyHash,
  SignedField,
  SignedHeader,
  SignedPart,
  SignedText,
} from './signed-part.ts'
