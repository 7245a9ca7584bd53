/** The version of all packages; `npm run check` holds it to that of the root's package.json. */
export const VERSION = '0.1.0'
