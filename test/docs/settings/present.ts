import { tamperedDelivery } from '@fluxora/verify/testing'

const secret = 'topsecret'
//// block
