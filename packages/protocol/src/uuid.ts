/** The uuid that means "none". */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

/** The text form of Kafka (base64url, 22 characters) of a uuid in the usual form of 36. */
export function uuidToText(uuid: string): string {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url')
}
