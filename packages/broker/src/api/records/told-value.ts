import { previewBytes, seenKinds } from '@rivven/protocol'
import { flag, nullable, number, shape, text, word } from '../shape.js'

export const toldValue = shape('RecordValue', {
  size: number('Bytes that it has in all.'),
  kind: word(
    seenKinds,
    'What it looks like: `json` begins and ends as such, `schema` has 0 and the id of a schema in front, integers are keys of 4 or 8 bytes.',
  ),
  text: nullable(text('As UTF-8, integers in digits; null: it is none.')),
  base64: nullable(text('Its bytes, where it is no text.')),
  schemaId: nullable(number('Where it looks like one with a schema.')),
  isCut: flag(`Is this only the beginning? It has ${previewBytes} bytes at most.`),
})
