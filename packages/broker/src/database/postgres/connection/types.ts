import type { CustomTypesConfig } from 'pg'

const asIs = (text: string): string => text

/** By PostgreSQL's number of a type: those that statements here answer with. int64 is a number, as everywhere. */
const readers = new Map<number, (text: string) => unknown>([
  [16, (text) => text === 't'],
  [20, Number],
  [21, Number],
  [23, Number],
  [114, JSON.parse],
  [3802, JSON.parse],
])

export const types: CustomTypesConfig = {
  getTypeParser: (type: number) => readers.get(type) ?? asIs,
}
