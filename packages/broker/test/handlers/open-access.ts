import { accessOf } from '../../src/security/access.js'

/** Of a caller who may do everything. */
export const openAccess = accessOf(null, 'User:ANONYMOUS', '10.0.0.9')
