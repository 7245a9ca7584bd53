import type { Documents } from '../../documents.js'

/** A document as it shall be; undefined: as it is. */
export interface ChangedDocument<Result> {
  readonly result: Result
  readonly content: Buffer | undefined
}

/** Changes a document; where another broker was faster the change is made anew, from what that one has left. */
export async function changeDocument<Result>(
  documents: Documents,
  name: string,
  change: (content: Buffer | undefined) => ChangedDocument<Result>,
): Promise<Result> {
  for (;;) {
    const present = await documents.read(name)
    const { result, content } = change(present?.content)
    if (content === undefined) return result
    if ((await documents.replace(name, present?.version, content)) !== undefined) return result
  }
}
