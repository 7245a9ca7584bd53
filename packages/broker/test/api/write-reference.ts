// node packages/broker/dist/test/api/write-reference.js: writes the reference of the API into docs/api.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withReference } from './reference.js'

const path = join(import.meta.dirname, '../../../../../docs/api.md')
writeFileSync(path, withReference(readFileSync(path, 'utf8')))
