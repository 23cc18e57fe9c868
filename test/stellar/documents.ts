// Documents to check and to write.

import { encodeStrKey } from '../../src/stellar/index.ts'
import { KEY } from './vectors.ts'

export const ACCOUNT = encodeStrKey('account', KEY)
export const CONTRACT = encodeStrKey('contract', KEY)
/** The seed of nobody: 32 bytes of 7. */
export const SEED = encodeStrKey('secretSeed', new Uint8Array(32).fill(7))

/** Everything that SEP-1 2.7.0 has, and nothing to find fault with. */
export const COMPLETE = {
  VERSION: '2.7.0',
  NETWORK_PASSPHRASE: 'Public Global Stellar Network ; September 2015',
  FEDERATION_SERVER: 'https://api.example.com/federation',
  TRANSFER_SERVER: 'https://api.example.com/transfer',
  TRANSFER_SERVER_SEP0024: 'https://api.example.com/sep24',
  KYC_SERVER: 'https://api.example.com/kyc',
  WEB_AUTH_ENDPOINT: 'https://api.example.com/auth',
  WEB_AUTH_FOR_CONTRACTS_ENDPOINT: 'https://api.example.com/auth-contracts',
  WEB_AUTH_CONTRACT_ID: CONTRACT,
  SIGNING_KEY: ACCOUNT,
  HORIZON_URL: 'https://horizon.example.com',
  ACCOUNTS: [ACCOUNT],
  URI_REQUEST_SIGNING_KEY: ACCOUNT,
  DIRECT_PAYMENT_SERVER: 'https://api.example.com/sep31',
  ANCHOR_QUOTE_SERVER: 'https://api.example.com/sep38',
  DOCUMENTATION: {
    ORG_NAME: 'Example Organisation',
    ORG_DBA: 'Example',
    ORG_URL: 'https://www.example.com',
    ORG_LOGO: 'https://www.example.com/logo.png',
    ORG_DESCRIPTION: 'An example, with "quotes", a \\ and\ntwo lines.',
    ORG_PHYSICAL_ADDRESS: '1 Example Street',
    ORG_PHYSICAL_ADDRESS_ATTESTATION: 'https://www.example.com/address.jpg',
    ORG_PHONE_NUMBER: '+14155552671',
    ORG_PHONE_NUMBER_ATTESTATION: 'https://www.example.com/phone.jpg',
    ORG_KEYBASE: 'example',
    ORG_TWITTER: 'example',
    ORG_GITHUB: 'example',
    ORG_OFFICIAL_EMAIL: 'office@example.com',
    ORG_SUPPORT_EMAIL: 'help@support.example.net',
    ORG_LICENSING_AUTHORITY: 'An authority',
    ORG_LICENSE_TYPE: 'A licence',
    ORG_LICENSE_NUMBER: '1234',
  },
  PRINCIPALS: [
    {
      name: 'Jane Doe',
      email: 'jane@example.com',
      keybase: 'jane',
      telegram: 'jane',
      twitter: 'jane',
      github: 'jane',
      id_photo_hash: 'ab'.repeat(64),
      verification_photo_hash: 'cd'.repeat(32),
    },
  ],
  CURRENCIES: [
    {
      code: 'GOAT',
      issuer: ACCOUNT,
      status: 'live',
      display_decimals: 7,
      name: 'goat share',
      desc: 'A share of a farm.',
      conditions: 'None.',
      image: 'https://www.example.com/goat.png',
      fixed_number: 10_000,
      is_asset_anchored: true,
      anchor_asset_type: 'crypto',
      anchor_asset: 'BTC',
      attestation_of_reserve: 'https://www.example.com/reserve',
      redemption_instructions: 'Ask.',
      collateral_addresses: ['2C1mCx3ukix1KfegAY5zgQJV7sanAciZpv'],
      collateral_address_messages: ['The assets are reserved.'],
      collateral_address_signatures: ['304502206e21798a42fae0e854281abd38bacd1aeed3ee3738d9e1446618c4571d10'],
      regulated: true,
      approval_server: 'https://api.example.com/approve',
      approval_criteria: 'None.',
    },
    { code_template: 'CORN????????', contract: CONTRACT, is_unlimited: true },
    { toml: 'https://example.com/.well-known/GOLD.toml' },
  ],
  VALIDATORS: [
    {
      ALIAS: 'example-1',
      DISPLAY_NAME: 'Example 1',
      PUBLIC_KEY: ACCOUNT,
      HOST: 'core1.example.com:11625',
      HISTORY: 'https://history.example.com/1',
    },
  ],
}

/** A small document without a fault, with something changed. */
export function documentWith(change: object): Record<string, unknown> {
  return { VERSION: '2.7.0', DOCUMENTATION: { ORG_URL: 'https://example.com' }, ...change }
}

/** A small currency without a fault, with something changed, in a document. */
export function currencyWith(change: object): Record<string, unknown> {
  return documentWith({ CURRENCIES: [{ code: 'GOAT', issuer: ACCOUNT, is_unlimited: true, ...change }] })
}
