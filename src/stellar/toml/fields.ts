// The keys of SEP-1 2.7.0 as data: which tables there are, which keys each has, and what their values look like.

/** What a value must be. */
export type Field =
  | { readonly type: 'text'; readonly maxLength?: number; readonly choices?: readonly string[] }
  | { readonly type: 'integer'; readonly min: number; readonly max?: number }
  | {
      readonly type:
        | 'texts'
        | 'publicKeys'
        | 'boolean'
        | 'httpsUrl'
        | 'url'
        | 'email'
        | 'phone'
        | 'publicKey'
        | 'contract'
    }
  | { readonly type: 'alias' | 'host' }
  | { readonly type: 'table'; readonly keys: Fields }
  | { readonly type: 'tables'; readonly keys: Fields }

export type Fields = Readonly<Record<string, Field>>

const TEXT: Field = { type: 'text' }
const TEXTS: Field = { type: 'texts' }
const BOOLEAN: Field = { type: 'boolean' }
const URL: Field = { type: 'url' }
const HTTPS_URL: Field = { type: 'httpsUrl' }
const EMAIL: Field = { type: 'email' }
const PUBLIC_KEY: Field = { type: 'publicKey' }
const COUNT: Field = { type: 'integer', min: 0 }

const DOCUMENTATION: Fields = {
  ORG_NAME: TEXT,
  ORG_DBA: TEXT,
  ORG_URL: HTTPS_URL,
  ORG_LOGO: URL,
  ORG_DESCRIPTION: TEXT,
  ORG_PHYSICAL_ADDRESS: TEXT,
  ORG_PHYSICAL_ADDRESS_ATTESTATION: HTTPS_URL,
  ORG_PHONE_NUMBER: { type: 'phone' },
  ORG_PHONE_NUMBER_ATTESTATION: HTTPS_URL,
  ORG_KEYBASE: TEXT,
  ORG_TWITTER: TEXT,
  ORG_GITHUB: TEXT,
  ORG_OFFICIAL_EMAIL: EMAIL,
  ORG_SUPPORT_EMAIL: EMAIL,
  ORG_LICENSING_AUTHORITY: TEXT,
  ORG_LICENSE_TYPE: TEXT,
  ORG_LICENSE_NUMBER: TEXT,
}

const PRINCIPAL: Fields = {
  name: TEXT,
  email: EMAIL,
  keybase: TEXT,
  telegram: TEXT,
  twitter: TEXT,
  github: TEXT,
  // Hashes, whose length SEP-1's own example leaves open.
  id_photo_hash: TEXT,
  verification_photo_hash: TEXT,
}

const CURRENCY: Fields = {
  toml: HTTPS_URL,
  code: { type: 'text', maxLength: 12 },
  issuer: PUBLIC_KEY,
  contract: { type: 'contract' },
  code_template: { type: 'text', maxLength: 12 },
  status: { type: 'text', choices: ['live', 'dead', 'test', 'private'] },
  display_decimals: { type: 'integer', min: 0, max: 7 },
  name: { type: 'text', maxLength: 20 },
  desc: TEXT,
  conditions: TEXT,
  image: URL,
  fixed_number: COUNT,
  max_number: COUNT,
  is_unlimited: BOOLEAN,
  is_asset_anchored: BOOLEAN,
  anchor_asset_type: {
    type: 'text',
    choices: ['fiat', 'crypto', 'nft', 'stock', 'bond', 'commodity', 'realestate', 'other'],
  },
  anchor_asset: TEXT,
  attestation_of_reserve: URL,
  redemption_instructions: TEXT,
  collateral_addresses: TEXTS,
  collateral_address_messages: TEXTS,
  collateral_address_signatures: TEXTS,
  regulated: BOOLEAN,
  approval_server: URL,
  approval_criteria: TEXT,
}

const VALIDATOR: Fields = {
  ALIAS: { type: 'alias' },
  DISPLAY_NAME: TEXT,
  PUBLIC_KEY,
  HOST: { type: 'host' },
  HISTORY: URL,
}

/** The document itself. */
export const DOCUMENT: Fields = {
  VERSION: TEXT,
  NETWORK_PASSPHRASE: TEXT,
  FEDERATION_SERVER: HTTPS_URL,
  AUTH_SERVER: HTTPS_URL,
  TRANSFER_SERVER: HTTPS_URL,
  TRANSFER_SERVER_SEP0024: HTTPS_URL,
  KYC_SERVER: HTTPS_URL,
  WEB_AUTH_ENDPOINT: HTTPS_URL,
  WEB_AUTH_FOR_CONTRACTS_ENDPOINT: HTTPS_URL,
  WEB_AUTH_CONTRACT_ID: { type: 'contract' },
  SIGNING_KEY: PUBLIC_KEY,
  HORIZON_URL: URL,
  ACCOUNTS: { type: 'publicKeys' },
  URI_REQUEST_SIGNING_KEY: PUBLIC_KEY,
  DIRECT_PAYMENT_SERVER: HTTPS_URL,
  ANCHOR_QUOTE_SERVER: HTTPS_URL,
  DOCUMENTATION: { type: 'table', keys: DOCUMENTATION },
  PRINCIPALS: { type: 'tables', keys: PRINCIPAL },
  CURRENCIES: { type: 'tables', keys: CURRENCY },
  VALIDATORS: { type: 'tables', keys: VALIDATOR },
}
