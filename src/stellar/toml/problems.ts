// What can be wrong with a stellar.toml: a code for each rule, and the sentence that says it. No sentence holds a value.

/** One thing that is wrong, and where. */
export interface TomlProblem {
  /** A JSON Pointer (RFC 6901) to the value; to where a missing key belongs; empty for the document as a whole. */
  readonly pointer: string
  readonly code: TomlProblemCode
  /** A sentence for people. It may change: decide by `code`. */
  readonly message: string
}

const MESSAGES = {
  secret_seed:
    'This holds what looks like a secret seed (S…). Whoever reads it controls the account: remove it, and replace the seed if it was ever published.',
  wrong_type: 'The value is of the wrong type.',
  null_value: 'TOML has no null. Leave the key out.',
  date_value: 'SEP-1 has no dates. Write the date as text.',
  not_an_integer: 'Numbers must be whole: SEP-1 has no fractions.',
  integer_out_of_range: 'The number does not fit into 64 bits.',
  integer_beyond_safe: 'Readers in JavaScript lose digits of a number above 2^53 - 1.',
  ill_formed_text: 'The text has a lone surrogate, so it has no UTF-8 form.',
  mixed_array: 'All elements of a list must be of one type.',
  too_deep: 'Tables are nested too deeply.',
  unknown_key: 'SEP-1 has no such key. It is written, but nobody may read it.',
  invalid_public_key: 'This must be the public key of an account (G…).',
  invalid_contract: 'This must be the id of a contract (C…).',
  invalid_url: 'This must be an absolute http or https URL.',
  not_https: 'This must be an absolute https URL.',
  invalid_email: 'This must be an email address.',
  invalid_phone_number: 'This should be a phone number in E.164 form: + and up to 15 digits.',
  text_too_long: 'The text is longer than SEP-1 allows for this key.',
  unknown_choice: 'The value is not one of those that SEP-1 lists for this key.',
  number_out_of_range: 'The number is outside the range that SEP-1 allows for this key.',
  invalid_alias: 'An alias is 2 to 16 lower-case letters, digits and hyphens.',
  invalid_host: 'This must be host:port, as in core.example.com:11625.',
  documentation_is_address:
    'In SEP-1 DOCUMENTATION is a table, not an address. Write the address of your site as ORG_URL inside it: [DOCUMENTATION], ORG_URL = "https://…".',
  too_large: 'The file is larger than 100 KiB (102,400 bytes), which wallets do not read.',
  nearly_too_large: 'The file is larger than 100,000 bytes, and wallets stop reading at 102,400.',
  missing_version: 'VERSION says which version of SEP-1 the file follows.',
  missing_documentation: 'Without [DOCUMENTATION] wallets cannot say who you are.',
  deprecated_auth_server: 'AUTH_SERVER belongs to SEP-3, which is deprecated.',
  missing_kyc_server: 'DIRECT_PAYMENT_SERVER (SEP-31) needs a KYC_SERVER (SEP-12).',
  other_domain: 'This should be on the domain of ORG_URL.',
  missing_code: 'A currency needs a code, or a code_template.',
  missing_issuer: 'A currency needs an issuer if it is a Stellar asset, and a contract if it is not.',
  issuer_and_contract: 'A currency has an issuer or a contract, not both.',
  missing_issuance: 'A currency should say one of fixed_number, max_number and is_unlimited.',
  several_issuances: 'A currency should say only one of fixed_number, max_number and is_unlimited.',
  link_with_other_keys: 'A currency that links to a file of its own (toml) should have no other key here.',
  unequal_collateral:
    'collateral_addresses, collateral_address_messages and collateral_address_signatures should be equally long.',
  missing_approval_server: 'A regulated currency (SEP-8) should have an approval_server.',
} as const

/** What is wrong: one word for each rule. */
export type TomlProblemCode = keyof typeof MESSAGES

/** The problems found so far, in the order of the document. */
export interface Findings {
  readonly errors: TomlProblem[]
  readonly warnings: TomlProblem[]
}

/** Beyond this many, the settings are not a stellar.toml; an object that holds itself would go on for ever. */
const MAX_ERRORS = 1000

export function isFull({ errors }: Findings): boolean {
  return errors.length >= MAX_ERRORS
}

export function addError(findings: Findings, pointer: string, code: TomlProblemCode): void {
  if (isFull(findings)) return
  findings.errors.push({ pointer, code, message: MESSAGES[code] })
}

export function addWarning(findings: Findings, pointer: string, code: TomlProblemCode): void {
  findings.warnings.push({ pointer, code, message: MESSAGES[code] })
}
