/** What calls do where they arrive: the same, at once. */
export type Statements<Calls> = {
  [Name in keyof Calls]: Calls[Name] extends (...args: infer Arguments) => Promise<infer Answer>
    ? (...args: Arguments) => Answer
    : never
}
