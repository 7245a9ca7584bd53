/**
 * On every answer: browsers take it for what it says it is, keep none of it, show it in no frame, run nothing of it, and give it
 * to no other site. A page with scripts of its own brings its own policy for them.
 */
export const answerHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Adds those that the answer has not by itself. */
export function withAnswerHeaders(answer: Response): void {
  for (const [name, value] of Object.entries(answerHeaders)) {
    if (!answer.headers.has(name)) answer.headers.set(name, value)
  }
}
