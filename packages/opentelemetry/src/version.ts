/** Of this package: it is the version of its tracer and meter. */
export const VERSION = '0.1.0'
