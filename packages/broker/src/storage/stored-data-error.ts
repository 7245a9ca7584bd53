/** What is stored is damaged so that a start would lose or repeat something. The message says which file and what to do. */
export class StoredDataError extends Error {
  override readonly name = 'StoredDataError'
}
