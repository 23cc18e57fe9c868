// Blocks of addresses that no webhook may be sent to, with the documents that set them apart. RFC 6890 as changed by RFC 8190, and the IANA
// registries of special-purpose addresses, which have grown since.

/** A block, what it is for, and the document that says so. */
export type SpecialBlock = readonly [cidr: string, purpose: string, rfc: string]

export const IPV4_BLOCKS: readonly SpecialBlock[] = [
  // On Linux 0.0.0.0 reaches the machine itself.
  ['0.0.0.0/8', 'this network', 'RFC 791, RFC 1122'],
  ['10.0.0.0/8', 'private', 'RFC 1918'],
  // Alibaba Cloud has its metadata service in it, at 100.100.100.200.
  ['100.64.0.0/10', 'carrier-grade NAT', 'RFC 6598'],
  ['127.0.0.0/8', 'loopback', 'RFC 1122'],
  // 169.254.169.254 is the metadata service of most clouds.
  ['169.254.0.0/16', 'link-local', 'RFC 3927'],
  ['172.16.0.0/12', 'private', 'RFC 1918'],
  ['192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890'],
  ['192.0.2.0/24', 'documentation', 'RFC 5737'],
  ['192.31.196.0/24', 'AS112', 'RFC 7535'],
  ['192.52.193.0/24', 'AMT', 'RFC 7450'],
  ['192.88.99.0/24', '6to4 relay', 'RFC 7526'],
  ['192.168.0.0/16', 'private', 'RFC 1918'],
  ['192.175.48.0/24', 'AS112', 'RFC 7534'],
  ['198.18.0.0/15', 'benchmarking', 'RFC 2544'],
  ['198.51.100.0/24', 'documentation', 'RFC 5737'],
  ['203.0.113.0/24', 'documentation', 'RFC 5737'],
  ['224.0.0.0/4', 'multicast', 'RFC 5771'],
  ['240.0.0.0/4', 'reserved, and broadcast', 'RFC 1112, RFC 8190'],
  // A public address by its number, and the host of the virtual machine by its route.
  ['168.63.129.16/32', 'Azure host services', 'Azure documentation'],
]

/** Global unicast: nothing else in IPv6 can be a webhook. What IANA has not handed out is refused by that alone. */
export const IPV6_GLOBAL = '2000::/3'

/** What is refused inside the global block, and what outside of it has a name. */
export const IPV6_BLOCKS: readonly SpecialBlock[] = [
  ['::/128', 'unspecified', 'RFC 4291'],
  ['::1/128', 'loopback', 'RFC 4291'],
  ['::/96', 'IPv4-compatible', 'RFC 4291 section 2.5.5.1'],
  ['::ffff:0:0:0/96', 'IPv4-translated', 'RFC 6145'],
  ['::5efe:0:0/96', 'ISATAP', 'RFC 5214'],
  ['64:ff9b:1::/48', 'local-use NAT64', 'RFC 8215'],
  ['100::/64', 'discard', 'RFC 6666'],
  ['100:0:0:1::/64', 'dummy prefix', 'RFC 9780'],
  ['2001::/23', 'IETF protocol assignments', 'RFC 2928'],
  ['2001:db8::/32', 'documentation', 'RFC 3849'],
  ['2002::/16', '6to4', 'RFC 3056, RFC 7526'],
  ['2620:4f:8000::/48', 'AS112', 'RFC 7534'],
  ['3fff::/20', 'documentation', 'RFC 9637'],
  ['5f00::/16', 'segment routing', 'RFC 9602'],
  ['fc00::/7', 'unique local', 'RFC 4193'],
  ['fe80::/10', 'link-local', 'RFC 4291'],
  ['fec0::/10', 'site-local', 'RFC 3879'],
  ['ff00::/8', 'multicast', 'RFC 4291'],
]

/** Blocks whose addresses hold an IPv4 address in their last four bytes, and are what that address is. */
export const CARRIERS: readonly SpecialBlock[] = [
  ['::ffff:0:0/96', 'IPv4-mapped', 'RFC 4291 section 2.5.5.2'],
  // Networks without IPv4 reach it this way: refusing the block as a whole would cut them off.
  ['64:ff9b::/96', 'NAT64', 'RFC 6052'],
]
