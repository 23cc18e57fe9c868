// What SEP-1 asks of keys together: what is missing beside what is there, and what contradicts it. Values of a wrong form are skipped
// here; they are errors already.

import { emailDomainOf, hostOf, isSameDomain } from './forms.ts'
import { addError, addWarning, type Findings } from './problems.ts'
import { entriesOf, isTable, type Table } from './values.ts'

export function checkRules(document: Table, findings: Findings): void {
  if (document.VERSION === undefined) addWarning(findings, '/VERSION', 'missing_version')
  if (document.AUTH_SERVER !== undefined) addWarning(findings, '/AUTH_SERVER', 'deprecated_auth_server')
  if (document.DIRECT_PAYMENT_SERVER !== undefined && document.KYC_SERVER === undefined) {
    addWarning(findings, '/KYC_SERVER', 'missing_kyc_server')
  }
  if (document.DOCUMENTATION === undefined) addWarning(findings, '/DOCUMENTATION', 'missing_documentation')
  else if (isTable(document.DOCUMENTATION)) checkDomains(document.DOCUMENTATION, findings)
  if (Array.isArray(document.CURRENCIES)) {
    for (const [at, currency] of document.CURRENCIES.entries()) {
      if (isTable(currency)) checkCurrency(currency, `/CURRENCIES/${at}`, findings)
    }
  }
}

/** Attestations and the official email must be on the organisation's own domain. */
function checkDomains(documentation: Table, findings: Findings): void {
  const home = hostOf(documentation.ORG_URL)
  if (home === undefined) return
  const domains = {
    ORG_PHYSICAL_ADDRESS_ATTESTATION: hostOf(documentation.ORG_PHYSICAL_ADDRESS_ATTESTATION),
    ORG_PHONE_NUMBER_ATTESTATION: hostOf(documentation.ORG_PHONE_NUMBER_ATTESTATION),
    ORG_OFFICIAL_EMAIL: emailDomainOf(documentation.ORG_OFFICIAL_EMAIL),
  }
  for (const [key, domain] of Object.entries(domains)) {
    if (domain !== undefined && !isSameDomain(domain, home)) {
      addWarning(findings, `/DOCUMENTATION/${key}`, 'other_domain')
    }
  }
}

function checkCurrency(currency: Table, path: string, findings: Findings): void {
  if (currency.toml !== undefined) {
    if (entriesOf(currency).length > 1) addWarning(findings, path, 'link_with_other_keys')
    return
  }
  const { code = '', code_template = '' } = currency
  if (code === '' && code_template === '') addError(findings, `${path}/code`, 'missing_code')
  checkIssuer(currency, path, findings)
  checkIssuance(currency, path, findings)
  checkCollateral(currency, path, findings)
  if (currency.regulated === true && currency.approval_server === undefined) {
    addWarning(findings, `${path}/approval_server`, 'missing_approval_server')
  }
}

function checkIssuer({ issuer, contract }: Table, path: string, findings: Findings): void {
  if (issuer === undefined && contract === undefined) addError(findings, `${path}/issuer`, 'missing_issuer')
  if (issuer !== undefined && contract !== undefined) addError(findings, `${path}/contract`, 'issuer_and_contract')
}

function checkIssuance({ fixed_number, max_number, is_unlimited }: Table, path: string, findings: Findings): void {
  const said = [fixed_number, max_number, is_unlimited].filter((value) => value !== undefined)
  if (said.length === 0) addWarning(findings, `${path}/is_unlimited`, 'missing_issuance')
  if (said.length > 1) addWarning(findings, path, 'several_issuances')
}

/** Three lists side by side: each address has its message and its signature. */
function checkCollateral(currency: Table, path: string, findings: Findings): void {
  const { collateral_addresses, collateral_address_messages, collateral_address_signatures } = currency
  const lists = [collateral_addresses, collateral_address_messages, collateral_address_signatures].filter(Array.isArray)
  const lengths = new Set(lists.map(({ length }) => length))
  if (lengths.size > 1) addWarning(findings, `${path}/collateral_addresses`, 'unequal_collateral')
}
