// `node several-tests.mjs FILE...`: the test files of one process, in their order.
import { pathToFileURL } from 'node:url'

for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href)
